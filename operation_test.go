package deskauth_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A call is one way into the library.
type call struct {
	name      string // its method, and what is special
	operation deskauth.Operation
	methods   string // of the host, that it uses
	healthy   error  // what it answers when nothing is broken
	do        func(context.Context, *testkit.Kit, people) (got string, err error)
}

// people are those in the store before the calls.
type people struct {
	store   *memstore.Store
	agent   deskauth.User
	session string           // of the agent
	idle    deskauth.Account // a guest that was not there for some days
	guest   string           // the session of another guest

	// mail returns a mail to the agent, whose address is not verified then.
	mail func(kind deskauth.MailKind) deskauth.Mail
}

var calls = []call{
	{
		"Signup", "signup", "UserByEmail CreateUser", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			in := testkit.Andrea()
			in.Email = "new@f22.it"
			u, err := k.Signup(ctx, in)
			return u.ID + u.Email, err
		},
	},
	{
		"Signin", "signin", "UserByEmail UpdateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return gotSession(k.Signin(ctx, signinOf("andrea@f22.it")))
		},
	},
	{
		"Signin of nobody", "signin", "UserByEmail", deskauth.ErrInvalidCredentials,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return gotSession(k.Signin(ctx, signinOf("nobody@f22.it")))
		},
	},
	{
		"SigninAnonymously", "anonymous", "ProjectKeys CreateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return gotSession(k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA}))
		},
	},
	{
		"SigninWithCustomToken of a new user", "custom_token", "ProjectKeys UserByID CreateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return gotSession(k.SigninWithCustomToken(ctx, tokenOf(testkit.TokenA(`"new"`))))
		},
	},
	{
		"SigninWithCustomToken with a new name", "custom_token", "ProjectKeys UserByID UpdateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			token := testkit.TokenA(`"123"`, `"firstname":"Other"`)
			return gotSession(k.SigninWithCustomToken(ctx, tokenOf(token)))
		},
	},
	{
		"SigninWithCustomToken of a session", "custom_token", "SessionKeys UserByID", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return gotSession(k.SigninWithCustomToken(ctx, tokenOf(p.session)))
		},
	},
	{
		"Verify", "verify", "SessionKeys UserByID", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			id, err := k.Verify(ctx, p.session)
			return id.UserID + id.Email, err
		},
	},
	{
		"VerifyStateless", "verify", "SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			id, err := k.VerifyStateless(ctx, p.session)
			return id.UserID + id.Email, err
		},
	},
	{
		"JWKS", "jwks", "SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			set, err := k.JWKS(ctx)
			return string(set), err
		},
	},
	{
		"CheckPassword", "check_password", "UserByEmail UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			u, err := k.CheckPassword(ctx, signinOf("andrea@f22.it"))
			return u.User.ID + u.User.Email, err
		},
	},
	{
		"SetPassword", "set_password", "UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.SetPassword(ctx, p.agent.ID, "another password")
		},
	},
	{
		"IssueSession", "issue_session", "UserByID SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return gotSession(k.IssueSession(ctx, deskauth.IssueInput{UserID: p.agent.ID}))
		},
	},
	{
		"IssueSession of an idle guest", "issue_session", "UserByID UpdateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return gotSession(k.IssueSession(ctx, deskauth.IssueInput{UserID: p.idle.ID}))
		},
	},
	{
		"UpdateAccount", "update_account", "UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			u, err := k.UpdateAccount(ctx, p.agent.ID, func(a *deskauth.Account) error {
				a.FirstName = "Ada"
				return nil
			})
			return u.ID + u.Email, err
		},
	},
	{
		"Signout", "signout", "SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.Signout(ctx, p.session)
		},
	},
	{
		"SignoutEverywhere", "signout", "UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.SignoutEverywhere(ctx, p.agent.ID)
		},
	},
	{
		"SetDisabled", "set_disabled", "UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.SetDisabled(ctx, p.agent.ID, true)
		},
	},
	{
		"DeleteUser", "delete_user", "DeleteUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			err := k.DeleteUser(ctx, p.idle.ID)
			if err == nil { // for the next call
				err = p.store.CreateUser(ctx, p.idle)
			}
			return "", err
		},
	},
}

// ownCalls are those of an agent with its own account.
var ownCalls = []call{
	{
		"ChangePassword", "change_password", "SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return gotSession(k.ChangePassword(ctx, deskauth.ChangePasswordInput{
				Token:   deskauth.NewSecret(p.session),
				Current: deskauth.NewSecret(testkit.AndreasPassword), New: deskauth.NewSecret("a new password"),
			}))
		},
	},
	{
		"ChangePassword, wrong", "change_password", "SessionKeys UserByID", deskauth.ErrInvalidCredentials,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return gotSession(k.ChangePassword(ctx, deskauth.ChangePasswordInput{
				Token:   deskauth.NewSecret(p.session),
				Current: deskauth.NewSecret("a wrong password"), New: deskauth.NewSecret("a new password"),
			}))
		},
	},
	{
		"UpdateProfile", "update_profile", "SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			name := "Ada"
			u, err := k.UpdateProfile(ctx, deskauth.UpdateProfileInput{
				Token: deskauth.NewSecret(p.session), FirstName: &name,
			})
			return u.ID + u.Email, err
		},
	},
	{
		"DeleteAccount", "delete_account", "SessionKeys UserByID UpdateUser DeleteUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(p.session)})
		},
	},
}

// allCalls are all of them, with those that other files of this group add.
var allCalls = slices.Concat(calls, ownCalls)

func gotSession(s deskauth.Session, err error) (string, error) { return s.Token + s.User.ID, err }

func signinOf(email string) deskauth.SigninInput {
	return deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(testkit.AndreasPassword)}
}

func tokenOf(token string) deskauth.CustomTokenInput {
	return deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)}
}

// settle returns a kit on a host in which everything works. Its store has an agent whose
// hash is due for a new one, another with the same password, an external user, and a guest.
func settle(t *testing.T, cfg deskauth.Config) (*testkit.Kit, *testkit.Host, people) {
	t.Helper()
	store := memstore.New()
	other := testkit.Put(t, store, "other@f22.it", testkit.WeakHash)
	agent := testkit.Put(t, store, "andrea@f22.it", testkit.WeakHash)
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	testkit.Change(t, store, agent.ID, func(a *deskauth.Account) { a.PasswordHash = testkit.WeakHash })

	idle := deskauth.Account{
		User:         deskauth.User{ID: "a guest", Kind: deskauth.KindGuest, ProjectID: testkit.ProjectA},
		LastActiveAt: testkit.Start.Add(-3 * testkit.Day),
	}
	idle.CreatedAt, idle.UpdatedAt = idle.LastActiveAt, idle.LastActiveAt
	if err := store.CreateUser(t.Context(), idle); err != nil {
		t.Fatal(err)
	}

	mail := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{Limits: testkit.NoLimits()})
	p := people{store: store, agent: agent.User, session: session, idle: idle}
	p.guest = k.MustGuest(t, testkit.ProjectA).Token
	p.mail = func(kind deskauth.MailKind) deskauth.Mail {
		t.Helper()
		testkit.Change(t, store, agent.ID, func(a *deskauth.Account) {
			a.Email, a.EmailVerified = agent.Email, false
		})
		return mail.MustMail(t, kind, agent.User)
	}
	if cfg.Mailer == nil {
		cfg.Mailer = new(testkit.Mailbox)
	}
	h := &testkit.Host{Users: store, Secrets: testkit.Secrets(), Other: other}
	return testkit.NewOn(t, h, h, cfg), h, p
}

// A method that is not among the calls would not be tested for faults, panics and hangs.
func TestS23_CallsAreAllMethods(t *testing.T) {
	t.Parallel()
	auth := reflect.TypeFor[*deskauth.Auth]()
	found := 0
	for i := range auth.NumMethod() {
		m := auth.Method(i)
		if m.Type.NumIn() < 2 || m.Type.In(1) != reflect.TypeFor[context.Context]() {
			continue
		}
		found++
		if !slices.ContainsFunc(allCalls, func(c call) bool { return c.method() == m.Name }) {
			t.Errorf("%s takes a context and is not among the calls of this file", m.Name)
		}
	}
	if found < 25 {
		t.Errorf("%d methods take a context; there are 25 or more", found)
	}
}

// method returns which method it is.
func (c call) method() string {
	method, _, _ := strings.Cut(c.name, " ")
	return method
}
