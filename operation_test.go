package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A call is one way into the library.
type call struct {
	name      string
	operation deskauth.Operation
	methods   string // of the host, that it uses
	healthy   error  // what it answers when nothing is broken
	do        func(context.Context, *testkit.Kit, people) (got string, err error)
}

// people are those in the store before the calls.
type people struct {
	store   *memstore.Store
	agent   deskauth.User
	session string // of the agent
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
		"first custom token", "custom_token", "ProjectKeys UserByID CreateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return gotSession(k.SigninWithCustomToken(ctx, tokenOf(testkit.TokenA(`"new"`))))
		},
	},
	{
		"custom token with a new name", "custom_token", "ProjectKeys UserByID UpdateUser SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			token := testkit.TokenA(`"123"`, `"firstname":"Other"`)
			return gotSession(k.SigninWithCustomToken(ctx, tokenOf(token)))
		},
	},
	{
		"session restored", "custom_token", "SessionKeys UserByID", nil,
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
	{
		"Signout", "signout", "SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.Signout(ctx, p.session)
		},
	},
}

// allCalls are calls and ownCalls.
var allCalls = slices.Concat(calls, ownCalls)

func gotSession(s deskauth.Session, err error) (string, error) { return s.Token + s.User.ID, err }

func signinOf(email string) deskauth.SigninInput {
	return deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(testkit.AndreasPassword)}
}

func tokenOf(token string) deskauth.CustomTokenInput {
	return deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)}
}

// settle returns a kit on a host in which everything works. Its store has an agent whose
// hash is due for a new one, another with the same password, and an external user.
func settle(t *testing.T, cfg deskauth.Config) (*testkit.Kit, *testkit.Host, people) {
	t.Helper()
	store := memstore.New()
	other := testkit.Put(t, store, "other@f22.it", testkit.WeakHash)
	agent := testkit.Put(t, store, "andrea@f22.it", testkit.WeakHash)
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	testkit.Change(t, store, agent.ID, func(a *deskauth.Account) { a.PasswordHash = testkit.WeakHash })

	h := &testkit.Host{Users: store, Secrets: testkit.Secrets(), Other: other}
	return testkit.NewOn(t, h, h, cfg), h, people{store: store, agent: agent.User, session: session}
}

func TestS23_CancelledContextIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range allCalls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := new(testkit.Logbook)
			k, _, p := settle(t, deskauth.Config{Logger: log.Logger()})
			accounts := p.store.Len()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := c.do(ctx, k, p)
			testkit.WantFailure(t, got, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an error that wraps context.Canceled", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
				t.Errorf("event %+v", e)
			}
			if lines := log.Take(t, slog.LevelError); len(lines) > 0 || p.store.Len() != accounts {
				t.Errorf("%d accounts more, and the log has %+v", p.store.Len()-accounts, lines)
			}
		})
	}
}

// A hostError is a type of error that a host looks for.
type hostError struct{ code int }

func (e *hostError) Error() string { return fmt.Sprint("code ", e.code) }

// A failure keeps what the host's error says and wraps: the host finds its own error again.
// Only the answers that blame a caller are hidden, and they stay in the text.
func TestS23_FailureIsTheHostsError(t *testing.T) {
	t.Parallel()
	k, h, p := settle(t, deskauth.Config{})
	broken := errors.Join(&hostError{code: 7}, testkit.ErrDown, deskauth.ErrConflict,
		deskauth.ErrInvalidToken, &deskauth.RetryError{Err: deskauth.ErrTooManyAttempts})
	h.Break(testkit.Fault{Fail: func() error { return broken }}, "UserByID")
	id, err := k.Verify(t.Context(), p.session)
	testkit.WantFailure(t, id.UserID, err)
	if want := "deskauth: find user: " + broken.Error(); err == nil || err.Error() != want {
		t.Errorf("the text is %q, want %q", err, want)
	}
	found, ok := errors.AsType[*hostError](err)
	if !ok || found.code != 7 || !errors.Is(err, testkit.ErrDown) || !errors.Is(err, deskauth.ErrConflict) {
		t.Errorf("%v: the host's error is found %t, want all that blames nobody", err, ok)
	}
	if _, ok := errors.AsType[*deskauth.RetryError](err); ok || errors.Is(err, deskauth.ErrTooManyAttempts) {
		t.Errorf("%v: it tells the caller to try again", err)
	}
	if e := k.Events.TakeLast(); !errors.Is(e.Err, deskauth.ErrInvalidToken) {
		t.Errorf("the event has %v, want the whole error", e.Err)
	}
}
