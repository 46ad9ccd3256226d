// Package testkit holds what the tests of several packages share: an Auth on a memory store
// with a clock that the test moves and events that it reads, tokens forged to the byte, and
// stores and providers that a test breaks. Only tests import it.
package testkit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
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
	NoTokens = "project-without-custom-tokens"

	SessionSecret = "the secret of the session tokens: 32 bytes or more"
	SecretA       = "the secret of project A, which its signers have"
	SecretB       = "the secret of project B, which its signers have"
	ForeignSecret = "a secret that no key of these tests was made of"
)

// Day is 24 hours.
const Day = 24 * time.Hour

// Start is when the clock of a kit begins: 1767323045 in Unix time.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Secrets returns a key for the sessions and one for each project but NoTokens.
func Secrets() deskauth.StaticSecrets {
	return deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", SessionSecret)},
		Projects: map[string][]deskauth.Key{
			ProjectA: {deskauth.NewKey("", "HS256", SecretA)},
			ProjectB: {deskauth.NewKey("", "HS256", SecretB)},
			NoTokens: nil,
		},
	}
}

// CheapArgon2 is a hash that takes microseconds.
var CheapArgon2 = deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}

// A Clock stands still until the test moves it. It is safe for concurrent use.
type Clock struct{ offset atomic.Int64 }

// Now is for Config.Now.
func (c *Clock) Now() time.Time { return Start.Add(time.Duration(c.offset.Load())) }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set sets the clock.
func (c *Clock) Set(t time.Time) { c.offset.Store(int64(t.Sub(Start))) }

// A Recorder keeps the events of an Auth in their order. It is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	events []deskauth.Event
}

// Record is for Config.OnEvent.
func (r *Recorder) Record(_ context.Context, e deskauth.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// Take returns the events since the last Take.
func (r *Recorder) Take() []deskauth.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// TakeTypes is Take for tests that ask only what happened.
func (r *Recorder) TakeTypes() (types []deskauth.EventType) {
	for _, e := range r.Take() {
		types = append(types, e.Type)
	}
	return types
}

// TakeLast is Take for tests that ask only how it ended: the zero Event if nothing
// happened.
func (r *Recorder) TakeLast() deskauth.Event {
	events := r.Take()
	if len(events) == 0 {
		return deskauth.Event{}
	}
	return events[len(events)-1]
}

// A Kit is an Auth and what is around it.
type Kit struct {
	*deskauth.Auth
	Store  *memstore.Store // nil if the test brought a store of its own
	Clock  *Clock
	Events *Recorder
}

// New returns a kit on an empty memory store and [Secrets].
func New(t testing.TB, cfg deskauth.Config) *Kit {
	t.Helper()
	store := memstore.New()
	k := NewOn(t, store, Secrets(), cfg)
	k.Store = store
	return k
}

// NewOn is New on a store and keys of the test's. Where cfg has none, it sets the kit's
// clock, a logger into t, and cheap password hashes. Events go to the kit's recorder, and
// to cfg.OnEvent too.
func NewOn(t testing.TB, users deskauth.UserStore, secrets deskauth.SecretProvider, cfg deskauth.Config) *Kit {
	t.Helper()
	k := &Kit{Clock: new(Clock), Events: new(Recorder)}
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

// Logger returns a logger into the output of a test, of all levels.
func Logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// MustSignup makes the account of an agent called Andrea Leo.
func (k *Kit) MustSignup(t testing.TB, email, password string) deskauth.User {
	t.Helper()
	u, err := k.Signup(t.Context(), deskauth.SignupInput{
		Email: email, Password: deskauth.NewSecret(password), FirstName: "Andrea", LastName: "Leo",
	})
	if err != nil {
		t.Fatalf("Signup(%q): %v", email, err)
	}
	return u
}

// MustSignin returns the session of an agent.
func (k *Kit) MustSignin(t testing.TB, email, password string) deskauth.Session {
	t.Helper()
	s, err := k.Signin(t.Context(), deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)})
	if err != nil {
		t.Fatalf("Signin(%q): %v", email, err)
	}
	return s
}

// MustGuest returns the session of a new guest.
func (k *Kit) MustGuest(t testing.TB, projectID string) deskauth.Session {
	t.Helper()
	s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectID})
	if err != nil {
		t.Fatalf("SigninAnonymously(%q): %v", projectID, err)
	}
	return s
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
	return k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)})
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
