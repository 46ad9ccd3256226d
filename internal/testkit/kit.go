// Package testkit holds what the tests of several packages share. There is an Auth on a
// memory store, with a clock that the test moves and events that it reads. There are tokens
// forged to the byte, and stores and providers that a test breaks. Only tests import it.
package testkit

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// One issuer, three projects, four secrets.
const (
	Issuer   = "https://tiledesk.com"
	ProjectA = "5c81593adf767b0017d1aa66"
	ProjectB = "6d92604be0878c1128e2bb77"
	NoTokens = "5c81593adf767b0017d1aa77" // takes guests and no custom tokens

	SessionSecret = "the secret of the session tokens: 32 bytes or more"
	SecretA       = "the secret of project A, which its signers have"
	SecretB       = "the secret of project B, which its signers have"
	ForeignSecret = "a secret that no key of these tests was made of"
)

// Day is 24 hours.
const Day = 24 * time.Hour

// Key returns a key for HS256.
func Key(id, secret string) deskauth.Key { return deskauth.NewKey(id, "HS256", secret) }

// Secrets returns a key for the sessions and one for each project but NoTokens.
func Secrets() deskauth.StaticSecrets {
	return deskauth.StaticSecrets{
		Session: []deskauth.Key{Key("", SessionSecret)},
		Projects: map[string][]deskauth.Key{
			ProjectA: {Key("", SecretA)},
			ProjectB: {Key("", SecretB)},
			NoTokens: nil,
		},
	}
}

// NoLimits returns limits that are all switched off.
func NoLimits() deskauth.Limits { return deskauth.NoLimits() }

// A Kit is an Auth and what is around it.
type Kit struct {
	*deskauth.Auth
	Store  *memstore.Store // nil if the test brought a store of another type
	Clock  *Clock
	Events *Recorder
}

// New returns a kit on an empty memory store and [Secrets].
func New(t testing.TB, cfg deskauth.Config) *Kit {
	t.Helper()
	return NewOn(t, memstore.New(), Secrets(), cfg)
}

// NewOn is New on a store and keys of the test's. Where cfg has none, it sets the kit's
// clock, a logger into t, and cheap password hashes. Events go to the kit's recorder, and
// to cfg.OnEvent too.
func NewOn(
	t testing.TB, users deskauth.UserStore, secrets deskauth.SecretProvider, cfg deskauth.Config,
) *Kit {
	t.Helper()
	k := &Kit{Clock: new(Clock), Events: new(Recorder)}
	k.Store, _ = users.(*memstore.Store)
	if cfg.Now == nil {
		cfg.Now = k.Clock.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = Logger(t)
	}
	if cfg.Argon2 == (deskauth.Argon2Params{}) {
		cfg.Argon2 = CheapArgon2
	}
	hook := cfg.OnEvent
	cfg.OnEvent = func(ctx context.Context, e deskauth.Event) {
		k.Events.Record(ctx, e)
		if hook != nil {
			hook(ctx, e)
		}
	}
	var err error
	k.Auth, err = deskauth.New(users, secrets, cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return k
}

// AndreasPassword is the password of [Andrea].
const AndreasPassword = "correct horse"

// Andrea returns a sign-up of the agent Andrea Leo.
func Andrea() deskauth.SignupInput {
	return deskauth.SignupInput{
		Email:     "andrea.leo@f22.it",
		Password:  deskauth.NewSecret(AndreasPassword),
		FirstName: "Andrea",
		LastName:  "Leo",
	}
}

// MustSignup makes the account of an agent called Andrea Leo.
func (k *Kit) MustSignup(t testing.TB, email, password string) deskauth.User {
	t.Helper()
	in := Andrea()
	in.Email, in.Password = email, deskauth.NewSecret(password)
	u, err := k.Signup(t.Context(), in)
	if err != nil {
		t.Fatalf("Signup(%q): %v", email, err)
	}
	return u
}

// MustSignin returns the session of an agent.
func (k *Kit) MustSignin(t testing.TB, email, password string) deskauth.Session {
	t.Helper()
	s, err := k.TrySignin(t, email, password)
	if err != nil {
		t.Fatalf("Signin(%q): %v", email, err)
	}
	return s
}

// TrySignin is MustSignin for a test that wants the error.
func (k *Kit) TrySignin(t testing.TB, email, password string) (deskauth.Session, error) {
	t.Helper()
	in := deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)}
	return k.Signin(t.Context(), in)
}

// MustGuest returns the session of a new guest.
func (k *Kit) MustGuest(t testing.TB, projectID string) deskauth.Session {
	t.Helper()
	s, err := k.TryGuest(t, projectID)
	if err != nil {
		t.Fatalf("SigninAnonymously(%q): %v", projectID, err)
	}
	return s
}

// TryGuest is MustGuest for a test that wants the error.
func (k *Kit) TryGuest(t testing.TB, projectID string) (deskauth.Session, error) {
	t.Helper()
	return k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectID})
}

// MustCustom returns the session that a token signs in to.
func (k *Kit) MustCustom(t testing.TB, token string) deskauth.Session {
	t.Helper()
	s, err := k.TryCustom(t, token)
	if err != nil {
		t.Fatalf("SigninWithCustomToken: %v", err)
	}
	return s
}

// TryCustom is MustCustom for a test that wants the error.
func (k *Kit) TryCustom(t testing.TB, token string) (deskauth.Session, error) {
	t.Helper()
	in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)}
	return k.SigninWithCustomToken(t.Context(), in)
}

// RefusedCustom fails the test unless the token is refused with ErrInvalidToken for the
// reason, and leaves no session, no account and no other event behind.
func (k *Kit) RefusedCustom(t testing.TB, token string, reason deskauth.Reason) {
	t.Helper()
	before := k.Store.Len()
	k.Events.Take()
	s, err := k.TryCustom(t, token)
	if !errors.Is(err, deskauth.ErrInvalidToken) || s.Token != "" || s.User.ID != "" {
		t.Errorf("SigninWithCustomToken = user %q, error %v; want ErrInvalidToken", s.User.ID, err)
	}
	if n := k.Store.Len(); n != before {
		t.Errorf("the store has %d accounts; it had %d", n, before)
	}
	events := k.Events.Take()
	if len(events) != 1 || events[0].Type != deskauth.EventRefused || events[0].Reason != reason {
		t.Errorf("events %+v; want one, refused, reason %q", events, reason)
	}
}

// Doors returns the methods that let in whoever has a token and ask for nothing more, by
// their names. Each returns the last event of its call beside the error.
func (k *Kit) Doors(t testing.TB) map[string]func(token string) (deskauth.Event, error) {
	through := func(call func(string) error) func(string) (deskauth.Event, error) {
		return func(token string) (deskauth.Event, error) {
			k.Events.Take()
			err := call(token)
			return k.Events.TakeLast(), err
		}
	}
	return map[string]func(string) (deskauth.Event, error){
		"SigninWithCustomToken": through(func(token string) error {
			_, err := k.TryCustom(t, token)
			return err
		}),
		"Verify": through(func(token string) error {
			_, err := k.Verify(t.Context(), token)
			return err
		}),
		"VerifyStateless": through(func(token string) error {
			_, err := k.VerifyStateless(t.Context(), token)
			return err
		}),
	}
}

// RefusedEverywhere fails the test unless every door refuses the token with ErrInvalidToken
// for the reason, and leaves no account behind.
func (k *Kit) RefusedEverywhere(t testing.TB, token string, reason deskauth.Reason) {
	t.Helper()
	before := k.Store.Len()
	for name, enter := range k.Doors(t) {
		e, err := enter(token)
		if !errors.Is(err, deskauth.ErrInvalidToken) || errors.Is(err, deskauth.ErrTokenExpired) {
			t.Errorf("%s: error %v, want ErrInvalidToken", name, err)
		}
		if e.Type != deskauth.EventRefused || e.Reason != reason {
			t.Errorf("%s: event %s, reason %q (%s); want refused, %q", name, e.Type, e.Reason, e.Detail, reason)
		}
	}
	if n := k.Store.Len(); n != before {
		t.Errorf("the store has %d accounts; it had %d", n, before)
	}
}
