package deskauth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// What the tests of this package share: one issuer, two projects, four secrets.
const (
	issuer   = "https://tiledesk.com"
	projectA = "5c81593adf767b0017d1aa66"
	projectB = "6d92604be0878c1128e2bb77"
	noTokens = "project-without-custom-tokens"

	sessionSecret = "the secret of the session tokens: 32 bytes or more"
	secretA       = "the secret of project A, which its signers have"
	secretB       = "the secret of project B, which its signers have"
	foreignSecret = "a secret that no key of these tests was made of"

	hs256 = `{"alg":"HS256","typ":"JWT"}`
)

// start is when the clock of a kit begins: 1767323045 in Unix time.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A clock stands still until it is told otherwise. It is safe for concurrent use.
type clock struct{ offset atomic.Int64 }

func (c *clock) Now() time.Time          { return start.Add(time.Duration(c.offset.Load())) }
func (c *clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }
func (c *clock) Set(t time.Time)         { c.offset.Store(int64(t.Sub(start))) }

// A recorder keeps the events of an Auth in their order.
type recorder struct {
	mu     sync.Mutex
	events []deskauth.Event
}

func (r *recorder) record(_ context.Context, e deskauth.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// take returns the events since the last take.
func (r *recorder) take() []deskauth.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// takeTypes is take for who asks only what happened.
func (r *recorder) takeTypes() (types []deskauth.EventType) {
	for _, e := range r.take() {
		types = append(types, e.Type)
	}
	return types
}

// takeLast is take for who asks only how it ended: the zero Event if nothing happened.
func (r *recorder) takeLast() deskauth.Event {
	if events := r.take(); len(events) > 0 {
		return events[len(events)-1]
	}
	return deskauth.Event{}
}

// A kit is an Auth and what is around it.
type kit struct {
	*deskauth.Auth
	store  *memstore.Store // nil if the test brought a store of its own
	clock  *clock
	events *recorder
}

// newAuth returns a kit on an empty memory store and testSecrets.
func newAuth(t testing.TB, cfg deskauth.Config) *kit {
	t.Helper()
	store := memstore.New()
	k := newAuthOn(t, store, testSecrets(), cfg)
	k.store = store
	return k
}

// newAuthOn is newAuth on a store and keys of the test's. Of cfg it fills in what is
// empty: the kit's clock, a logger into t, cheap password hashes. Events go to the kit's
// recorder, and to cfg.OnEvent too.
func newAuthOn(t testing.TB, users deskauth.UserStore, secrets deskauth.SecretProvider, cfg deskauth.Config) *kit {
	t.Helper()
	k := &kit{clock: new(clock), events: new(recorder)}
	if cfg.Now == nil {
		cfg.Now = k.clock.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if cfg.Argon2 == (deskauth.Argon2Params{}) {
		cfg.Argon2 = deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}
	}
	hook := cfg.OnEvent
	cfg.OnEvent = func(ctx context.Context, e deskauth.Event) {
		k.events.record(ctx, e)
		if hook != nil {
			hook(ctx, e)
		}
	}
	var err error
	if k.Auth, err = deskauth.New(users, secrets, cfg); err != nil {
		t.Fatalf("New: %v", err)
	}
	return k
}

func testSecrets() deskauth.StaticSecrets {
	return deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{
			projectA: {deskauth.NewKey("", "HS256", secretA)},
			projectB: {deskauth.NewKey("", "HS256", secretB)},
			noTokens: nil,
		},
	}
}

// A provider is a SecretProvider whose answers a test may change between two calls.
type provider struct {
	session func() ([]deskauth.Key, error)
	project func(projectID string) ([]deskauth.Key, error)
}

func (p *provider) SessionKeys(context.Context) ([]deskauth.Key, error) { return p.session() }

func (p *provider) ProjectKeys(_ context.Context, projectID string) ([]deskauth.Key, error) {
	return p.project(projectID)
}

// signup makes the account of an agent, who is called Andrea Leo.
func (k *kit) signup(t testing.TB, email, password string) deskauth.User {
	t.Helper()
	u, err := k.Signup(t.Context(), deskauth.SignupInput{Email: email, Password: password, FirstName: "Andrea", LastName: "Leo"})
	if err != nil {
		t.Fatalf("Signup(%q): %v", email, err)
	}
	return u
}

// signin returns the session of an agent.
func (k *kit) signin(t testing.TB, email, password string) deskauth.Session {
	t.Helper()
	s, err := k.Signin(t.Context(), deskauth.SigninInput{Email: email, Password: password})
	if err != nil {
		t.Fatalf("Signin(%q): %v", email, err)
	}
	return s
}

// guest returns the session of a new guest.
func (k *kit) guest(t testing.TB, projectID string) deskauth.Session {
	t.Helper()
	s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectID})
	if err != nil {
		t.Fatalf("SigninAnonymously(%q): %v", projectID, err)
	}
	return s
}

// custom returns the session that a token signs in to.
func (k *kit) custom(t testing.TB, token string) deskauth.Session {
	t.Helper()
	s, err := k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: token})
	if err != nil {
		t.Fatalf("SigninWithCustomToken: %v", err)
	}
	return s
}

// tryCustom is custom for a test that wants the error.
func (k *kit) tryCustom(t testing.TB, token string) (deskauth.Session, error) {
	t.Helper()
	return k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: token})
}

// refusedCustom fails the test unless the token is refused with ErrInvalidToken for the
// reason, and leaves no session, no account and no other event behind.
func (k *kit) refusedCustom(t testing.TB, token, reason string) {
	t.Helper()
	before := k.store.Len()
	k.events.take()
	s, err := k.tryCustom(t, token)
	if !errors.Is(err, deskauth.ErrInvalidToken) || s.Token != "" || s.User.ID != "" {
		t.Errorf("SigninWithCustomToken = user %q, error %v; want ErrInvalidToken", s.User.ID, err)
	}
	if n := k.store.Len(); n != before {
		t.Errorf("the store has %d accounts; it had %d", n, before)
	}
	events := k.events.take()
	if len(events) != 1 || events[0].Type != deskauth.EventRefused || events[0].Reason != reason {
		t.Errorf("events %+v; want one, refused, reason %q", events, reason)
	}
}

// change edits a stored account in place, as the host's own code would.
func change(t testing.TB, store deskauth.UserStore, id string, edit func(*deskauth.Account)) {
	t.Helper()
	acc, err := store.UserByID(t.Context(), id)
	if err != nil {
		t.Fatalf("UserByID(%q): %v", id, err)
	}
	edit(&acc)
	if err := store.UpdateUser(t.Context(), acc); err != nil {
		t.Fatalf("UpdateUser(%q): %v", id, err)
	}
}

// forge signs a header and a payload as they are, with HMAC-SHA-256 whatever the header
// says.
func forge(header, payload, secret string) string {
	signed := b64(header) + "." + b64(payload)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + b64(string(mac.Sum(nil)))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// customPayload is the payload of a project's custom token, with more claims at the end:
// customPayload(projectA, `"123"`, `"firstname":"Andrea"`).
func customPayload(projectID, id string, more ...string) string {
	claims := []string{`"_id":` + id, `"sub":"userexternal"`, `"aud":"` + issuer + `/projects/` + projectID + `"`}
	return "{" + strings.Join(slices.Concat(claims, more), ",") + "}"
}

// tokenA is a good custom token of project A, with more claims.
func tokenA(id string, more ...string) string {
	return forge(hs256, customPayload(projectA, id, more...), secretA)
}

// partOf returns a part of a token decoded: 0 is the header, 1 the payload.
func partOf(t testing.TB, token string, part int) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		t.Fatalf("part %d of a token: %v", part, err)
	}
	return string(text)
}

// A countingStore counts the writes, and asks a test's code before an update.
type countingStore struct {
	deskauth.UserStore
	creates, updates atomic.Int64
	beforeUpdate     func(context.Context, deskauth.Account) error
}

func (s *countingStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	s.creates.Add(1)
	return s.UserStore.CreateUser(ctx, a)
}

func (s *countingStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	s.updates.Add(1)
	if s.beforeUpdate != nil {
		if err := s.beforeUpdate(ctx, a); err != nil {
			return err
		}
	}
	return s.UserStore.UpdateUser(ctx, a)
}
