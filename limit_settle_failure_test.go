package deskauth_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A hostCall is a call, a method of the host's that fails in it, and what stays used up.
type hostCall struct {
	name, method string
	do           func(ctx context.Context, k *testkit.Kit) (got string, err error)
	want         []string
}

var hostCalls = []hostCall{
	{"a sign-in, before its password is compared", "UserByEmail", limitedSignin, nil},
	{"a sign-in, after its password is compared", "SessionKeys", limitedSignin, []string{ofClient, ofBoth, ofAccount}},
	{"a sign-in that stores a stronger hash", "UpdateUser", limitedSignin, []string{ofClient, ofBoth, ofAccount}},
	{"a sign-in's password that is changed", "UpdateUser", limitedChange, []string{ofClient, ofBoth, ofAccount}},
	{"a sign-up, before its password is hashed", "UserByEmail", limitedSignup, nil},
	{"a sign-up, after its password is hashed", "CreateUser", limitedSignup, nil},
	{"a guest, between its limits", "ProjectKeys", limitedGuest, nil},
	{"a guest, before it is made", "SessionKeys", limitedGuest, nil},
	{"a guest that is not made", "CreateUser", limitedGuest, nil},
}

// hosted is a service on a host that can break. Its one account has a hash that is replaced
// at the next sign-in.
func hosted(t *testing.T, cfg deskauth.Config, withAccount bool) (*testkit.Kit, *testkit.Host) {
	store := memstore.New()
	h := &testkit.Host{Users: store, Secrets: testkit.Secrets()}
	if withAccount {
		testkit.Put(t, store, "andrea@f22.it", testkit.Bcrypt(t, "correct horse", "$2b$"))
	}
	return testkit.NewOn(t, h, h, cfg), h
}

func TestS41_FailureUsesUpNothingUnlessAPasswordWasCompared(t *testing.T) {
	t.Parallel()
	for _, c := range hostCalls {
		for _, f := range testkit.Faults {
			if f.Fail == nil {
				continue
			}
			t.Run(c.name+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				l := newLedger()
				k, h := hosted(t, deskauth.Config{Limiter: l}, strings.HasPrefix(c.name, "a sign-in"))
				h.Break(f, c.method)
				got, err := c.do(t.Context(), k)
				testkit.WantFailure(t, got, err)
				if h.Hits == 0 {
					t.Errorf("%s was never called", c.method)
				}
				l.want(t, c.name, c.want...)
			})
		}
	}
}

// The same where a function of Config fails.
func TestS41_FailingHookUsesUpNothing(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(context.Context, string) error{
		"an error": func(context.Context, string) error { return testkit.ErrDown },
		"a panic":  func(context.Context, string) error { panic("index out of range") },
	} {
		l := newLedger()
		k := testkit.New(t, deskauth.Config{Limiter: l, PasswordCheck: check})
		got, err := limitedSignup(t.Context(), k)
		testkit.WantFailure(t, got, err)
		l.want(t, "PasswordCheck with "+name)
	}
	for name, newID := range map[string]func() string{
		"an ID that is taken": func() string { return "imported taken@f22.it" },
		"a panic":             func() string { panic("index out of range") },
	} {
		l := newLedger()
		k := testkit.New(t, deskauth.Config{Limiter: l, NewID: newID})
		testkit.Put(t, k.Store, "taken@f22.it", testkit.WeakHash)
		got, err := limitedGuest(t.Context(), k)
		testkit.WantFailure(t, got, err)
		l.want(t, "NewID with "+name)
	}
}

// A caller whose deadline ends while the host hangs has tried nothing. One that hangs up
// has: it could otherwise have the host look things up without end.
func TestS41_EndedContext(t *testing.T) {
	t.Parallel()
	for _, c := range hostCalls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLedger()
				k, h := hosted(t, deskauth.Config{Limiter: l}, strings.HasPrefix(c.name, "a sign-in"))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				h.Break(testkit.Fault{Fail: func() error { <-ctx.Done(); return ctx.Err() }}, c.method)
				got, err := c.do(ctx, k)
				testkit.WantFailure(t, got, err)
				l.want(t, c.name+", past its deadline", c.want...)

				clear(l.reserved)
				ctx, cancel = context.WithCancel(t.Context())
				h.Break(testkit.Fault{Fail: func() error { cancel(); return ctx.Err() }}, c.method)
				got, err = c.do(ctx, k)
				testkit.WantFailure(t, got, err)
				if len(l.reserved) == 0 {
					t.Errorf("%s: a client that hangs up uses up nothing", c.name)
				}
			})
		})
	}
}

// A success gives back although the client has hung up meanwhile. The Limiter gets what the
// request's context holds, and a deadline.
func TestS41_GiveBackOutlivesTheCaller(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, hangUp := context.WithCancel(context.WithValue(t.Context(), key{}, "a request's"))
	given := 0
	limiter := &spyLimiter{giveBack: func(ctx context.Context, attempts []deskauth.Attempt) error {
		given += len(attempts)
		_, bounded := ctx.Deadline()
		if ctx.Err() != nil || ctx.Value(key{}) == nil || !bounded {
			t.Errorf("GiveBack got a context with the error %v, the value %v and a deadline: %t",
				ctx.Err(), ctx.Value(key{}), bounded)
		}
		return nil
	}}
	sessionKeys := func() ([]deskauth.Key, error) { return testkit.Secrets().Session, nil }
	keys := &testkit.Provider{Session: sessionKeys}
	k := testkit.NewOn(t, memstore.New(), keys, deskauth.Config{Limiter: limiter})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	keys.Session = func() ([]deskauth.Key, error) {
		hangUp() // the password is compared by now
		return sessionKeys()
	}
	if _, err := limitedSignin(ctx, k); err != nil || ctx.Err() == nil {
		t.Fatalf("the sign-in ended with %v, its context with %v; want a success and an end", err, ctx.Err())
	}
	if given != 2 {
		t.Errorf("%d attempts are given back, want 2", given)
	}
}

// A GiveBack that fails changes nothing for whoever signs in.
func TestS41_FailingGiveBackFailsNobody(t *testing.T) {
	t.Parallel()
	for _, f := range limiterFaults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			log := new(testkit.Logbook)
			limiter := &spyLimiter{giveBack: func(context.Context, []deskauth.Attempt) error { return f.Fail() }}
			k, h := hosted(t, deskauth.Config{Limiter: limiter, Logger: log.Logger()}, true)
			if got, err := limitedSignin(t.Context(), k); err != nil || got == "" {
				t.Errorf("the right password: %v, want a session", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventSignedIn {
				t.Errorf("event %+v, want the success", e)
			}
			if text := log.TakeText(); !strings.Contains(text, `"level":"ERROR"`) {
				t.Errorf("the log does not say that attempts are not given back:\n%s", text)
			}
			h.Break(testkit.Fault{Fail: func() error { return testkit.ErrDown }}, "UserByEmail")
			got, err := limitedSignin(t.Context(), k)
			testkit.WantFailure(t, got, err)
			if !errors.Is(err, testkit.ErrDown) {
				t.Errorf("a failure of the store: %v, want that error", err)
			}
			if lines := log.Take(t, slog.LevelError); len(lines) < 2 {
				t.Errorf("the log has %+v, want both failures", lines)
			}
		})
	}
}

// A GiveBack that hangs holds an answer up for a second.
func TestS41_HangingGiveBackLetsGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := &spyLimiter{giveBack: func(ctx context.Context, _ []deskauth.Attempt) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		k, _ := hosted(t, deskauth.Config{Limiter: limiter}, true)
		begin := time.Now()
		if _, err := limitedSignin(t.Context(), k); err != nil {
			t.Errorf("the right password: %v", err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("the answer took %v, want 1s", took)
		}
	})
}
