package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A slowHost is a store, a provider, a limiter and a password check. Each method takes its
// time, or hangs until its context ends. It is not safe for concurrent use.
type slowHost struct {
	*memstore.Store // whose method InMemory makes no promise for this type
	takes           map[string]time.Duration
	givenBack       int
}

const forever = -1

func (h *slowHost) wait(ctx context.Context, method string) error {
	takes := h.takes[method]
	if takes == forever {
		<-ctx.Done()
	} else {
		time.Sleep(takes)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the host: %w", err)
	}
	return nil
}

func (h *slowHost) CreateUser(ctx context.Context, a deskauth.Account) error {
	return errors.Join(h.wait(ctx, "UserStore.CreateUser"), h.Store.CreateUser(context.Background(), a))
}

func (h *slowHost) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := h.wait(ctx, "UserStore.UpdateUser"); err != nil {
		return err
	}
	return h.Store.UpdateUser(ctx, a)
}

func (h *slowHost) DeleteUser(ctx context.Context, id string) error {
	if err := h.wait(ctx, "UserDeleter.DeleteUser"); err != nil {
		return err
	}
	return h.Store.DeleteUser(ctx, id)
}

func (h *slowHost) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	if err := h.wait(ctx, "UserStore.UserByEmail"); err != nil {
		return deskauth.Account{}, err
	}
	return h.Store.UserByEmail(ctx, email)
}

func (h *slowHost) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if err := h.wait(ctx, "UserStore.UserByID"); err != nil {
		return deskauth.Account{}, err
	}
	return h.Store.UserByID(ctx, id)
}

func (h *slowHost) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	return testkit.Secrets().Session, h.wait(ctx, "SecretProvider.SessionKeys")
}

func (h *slowHost) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	return testkit.Secrets().Projects[projectID], h.wait(ctx, "SecretProvider.ProjectKeys")
}

func (h *slowHost) Take(ctx context.Context, _ ...deskauth.Attempt) (int, time.Duration, error) {
	return -1, 0, h.wait(ctx, "Limiter.Take")
}

func (h *slowHost) GiveBack(ctx context.Context, _ ...deskauth.Attempt) error {
	err := h.wait(ctx, "Limiter.GiveBack")
	if err == nil {
		h.givenBack++
	}
	return err
}

func (h *slowHost) check(ctx context.Context, _ string) error {
	return h.wait(ctx, "Config.PasswordCheck")
}

// slowKit returns a kit on the host, with a weak hash of Andrea's password in the store.
func slowKit(t *testing.T, h *slowHost, cfg deskauth.Config) *testkit.Kit {
	t.Helper()
	h.Store = memstore.New()
	testkit.Put(t, h.Store, "andrea@f22.it", testkit.WeakHash)
	cfg.Limiter, cfg.PasswordCheck = h, h.check
	takes := h.takes
	h.takes = nil // while New asks for the keys
	k := testkit.NewOn(t, h, h, cfg)
	h.takes = takes
	return k
}

func andreasToken() deskauth.Secret {
	return deskauth.NewSecret(testkit.AgentToken("imported andrea@f22.it"))
}

// slowAgent is the ID of the agent in a slowKit.
const slowAgent = "imported andrea@f22.it"

// slowSession returns a session token of that agent.
func slowSession() string {
	now := testkit.Start.Unix()
	return testkit.ForgeSession(fmt.Sprintf(`{"_id":%q,"uid":%[1]q,"sub":"user","sid":"s1","jti":"t1",`+
		`"iss":%q,"aud":%[2]q,"iat":%d,"auth_time":%[3]d,"exp":%d,"epoch":0}`,
		slowAgent, testkit.Issuer, now, now+3600))
}

// slowCalls are calls, and the methods of the host that they use, in their order.
var slowCalls = []struct {
	name    string
	methods string
	do      func(context.Context, *testkit.Kit) (got string, err error)
}{
	{
		"Signup", "Limiter.Take Config.PasswordCheck UserStore.UserByEmail UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			in := testkit.Andrea()
			in.Client = "192.0.2.1"
			u, err := k.Signup(ctx, in)
			return u.ID, err
		},
	},
	{
		"Signin",
		"Limiter.Take UserStore.UserByEmail UserStore.UpdateUser SecretProvider.SessionKeys",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			password := deskauth.NewSecret(testkit.AndreasPassword)
			s, err := k.Signin(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password})
			return s.Token, err
		},
	},
	{
		"SigninAnonymously",
		"Limiter.Take SecretProvider.ProjectKeys SecretProvider.SessionKeys UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			s, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
			return s.Token, err
		},
	},
	{
		"SigninWithCustomToken",
		"SecretProvider.ProjectKeys SecretProvider.SessionKeys UserStore.UserByID UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			token := deskauth.NewSecret(testkit.TokenA(`"123"`))
			s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: token})
			return s.Token, err
		},
	},
	{
		"ChangePassword",
		"SecretProvider.SessionKeys UserStore.UserByID Limiter.Take Config.PasswordCheck UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			s, err := k.ChangePassword(ctx, deskauth.ChangePasswordInput{
				Token:   andreasToken(),
				Current: deskauth.NewSecret(testkit.AndreasPassword), New: deskauth.NewSecret("a new password"),
			})
			return s.Token, err
		},
	},
	{
		"UpdateProfile", "SecretProvider.SessionKeys UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			name := "Ada"
			u, err := k.UpdateProfile(ctx, deskauth.UpdateProfileInput{Token: andreasToken(), FirstName: &name})
			return u.ID, err
		},
	},
	{
		"DeleteAccount",
		"SecretProvider.SessionKeys UserStore.UserByID UserStore.UpdateUser UserDeleter.DeleteUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: andreasToken()})
		},
	},
	{
		"VerifyStateless", "SecretProvider.SessionKeys",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			id, err := k.VerifyStateless(ctx, testkit.ForgeSession(`{"sub":"guest"}`))
			return id.UserID, err
		},
	},
	{
		"CheckPassword", "Limiter.Take UserStore.UserByEmail UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			password := deskauth.NewSecret(testkit.AndreasPassword)
			u, err := k.CheckPassword(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password})
			return u.User.ID, err
		},
	},
	{
		"SetPassword", "Config.PasswordCheck UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.SetPassword(ctx, slowAgent, "another password")
		},
	},
	{
		"IssueSession", "UserStore.UserByID SecretProvider.SessionKeys",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			s, err := k.IssueSession(ctx, deskauth.IssueInput{UserID: slowAgent})
			return s.Token, err
		},
	},
	{
		"UpdateAccount", "UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			u, err := k.UpdateAccount(ctx, slowAgent, func(a *deskauth.Account) error {
				a.FirstName = "Ada"
				return nil
			})
			return u.ID, err
		},
	},
	{
		"Signout", "SecretProvider.SessionKeys UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.Signout(ctx, slowSession())
		},
	},
	{
		"SignoutEverywhere", "UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.SignoutEverywhere(ctx, slowAgent)
		},
	},
	{
		"SetDisabled", "UserStore.UserByID UserStore.UpdateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.SetDisabled(ctx, slowAgent, true)
		},
	},
	{
		"DeleteUser", "UserDeleter.DeleteUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			return "", k.DeleteUser(ctx, slowAgent)
		},
	},
}
