// Package deskauthtest is for the tests of programs that use deskauth. It has an Auth with
// everything around it, and people who are signed in:
//
//	func TestTickets(t *testing.T) {
//		kit := deskauthtest.New(t)
//		_, token := kit.User("ada@example.com")
//		w := httptest.NewRecorder()
//		routes(kit.Auth).ServeHTTP(w, kit.Request("GET", "/tickets", token))
//		if w.Code != http.StatusOK {
//			t.Errorf("status %d, want 200", w.Code)
//		}
//	}
//
// A handler alone needs no token: give it httpadapter.WithIdentity and the identity of one
// of these people. Nothing here is for production: hashes cost nothing, and nothing is
// limited.
package deskauthtest

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A Kit is an Auth with what a test needs around it. Make one with [New]. It is for the
// test that made it and for that test's sub-tests, and is safe for concurrent use. Its
// methods end the test if something fails.
type Kit struct {
	Auth  *deskauth.Auth
	Store *memstore.Store // of Auth; empty at first

	// Clock is the clock of Auth, unless [NewWith] was given a Now: then nothing reads it.
	Clock *Clock
	// Mailbox is the Mailer of Auth, unless [NewWith] was given one: then it stays empty.
	Mailbox *Mailbox

	t        testing.TB
	cfg      deskauth.Config
	ownClock bool // Clock is that of Auth
	ownMail  bool // Mailbox is its Mailer

	mu     sync.Mutex
	events []deskauth.Event
	ended  map[string]time.Time // by account: when its custom tokens may have ended last
}

// New returns a kit. Every project ID is one of its projects, and takes guests and custom
// tokens. A project ID is a text like "shop" of 1 to 128 letters, digits and the characters
// - . _ ~ and neither "." nor "..".
func New(t testing.TB) *Kit {
	t.Helper()
	return NewWith(t, deskauth.Config{})
}

// NewWith is [New] with settings of the test's. The kit fills what is empty: Argon2, with
// the cheapest hashes that there are, Limits, with none, Mailer, with Kit.Mailbox, Now,
// with Kit.Clock, and Logger, which logs into the test's output. An OnEvent gets every
// event.
func NewWith(t testing.TB, cfg deskauth.Config) *Kit {
	t.Helper()
	if !testing.Testing() {
		panic("deskauthtest: its keys are known to everybody: use it in tests alone, and deskauth.New elsewhere")
	}
	k := &Kit{
		Store: memstore.New(), Clock: newClock(), Mailbox: &Mailbox{canonical: cfg.CanonicalEmail},
		t: t, ownClock: cfg.Now == nil, ownMail: cfg.Mailer == nil,
		ended: make(map[string]time.Time),
	}
	if cfg.Argon2 == (deskauth.Argon2Params{}) {
		cfg.Argon2 = deskauth.Argon2Params{Memory: 8, Time: 1, Parallelism: 1}
	}
	if cfg.Limits == (deskauth.Limits{}) {
		cfg.Limits = deskauth.NoLimits()
	}
	if cfg.Mailer == nil {
		cfg.Mailer = k.Mailbox
	}
	if cfg.Now == nil {
		cfg.Now = k.Clock.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = logger(t)
	}
	hook := cfg.OnEvent
	cfg.OnEvent = func(ctx context.Context, e deskauth.Event) {
		k.record(ctx, e)
		if hook != nil {
			hook(ctx, e)
		}
	}
	k.cfg = cfg
	auth, err := deskauth.New(k.Store, secrets{}, cfg)
	if err != nil {
		t.Fatalf("deskauthtest: the Config of NewWith: %v", err)
	}
	k.Auth = auth
	return k
}

// Events returns what has happened since the last call of Events, first things first. What
// the kit does itself, in [Kit.User] and the like, is not among it.
func (k *Kit) Events() []deskauth.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	events := k.events
	k.events = nil
	return events
}

func (k *Kit) record(ctx context.Context, e deskauth.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch e.Type {
	case deskauth.EventSignedOutEverywhere, deskauth.EventAccountDisabled, deskauth.EventAccountEnabled,
		deskauth.EventAccountUpdated: // which may disable it
		k.ended[e.UserID] = e.Time
	}
	if !isOurs(ctx) {
		k.events = append(k.events, e)
	}
}

// oursKey marks the context of calls that the kit makes itself.
type oursKey struct{}

func (k *Kit) ctx() context.Context { return context.WithValue(k.t.Context(), oursKey{}, true) }

func isOurs(ctx context.Context) bool { return ctx.Value(oursKey{}) != nil }

// audience is what the `aud` of custom tokens starts with.
func (k *Kit) audience() string {
	return cmp.Or(k.cfg.CustomTokenAudience, k.cfg.Issuer, "https://tiledesk.com")
}

// logger logs into the output of a test, which is shown if the test fails. A benchmark's is
// shown always, so there is none.
func logger(t testing.TB) *slog.Logger {
	if _, ok := t.(*testing.B); ok {
		return slog.New(slog.DiscardHandler)
	}
	out := &output{to: t.Output()}
	t.Cleanup(out.end)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// An output takes what is written after the end of a test. The one of the package testing
// would panic.
type output struct {
	mu sync.Mutex
	to io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.to.Write(p)
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = io.Discard
}
