package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A limitedDoor is a call, and where in it the Limiter fails.
type limitedDoor struct {
	name      string
	operation deskauth.Operation
	method    string
	failAt    int // which call of the method fails
	do        func(ctx context.Context, k *testkit.Kit) (got string, err error)
}

func limitedSignin(ctx context.Context, k *testkit.Kit) (string, error) {
	password := deskauth.NewSecret("correct horse")
	s, err := k.Signin(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password, Client: here})
	return s.Token + s.User.ID, err
}

func limitedSignup(ctx context.Context, k *testkit.Kit) (string, error) {
	in := testkit.Andrea()
	in.Client = here
	u, err := k.Signup(ctx, in)
	return u.ID + u.Email, err
}

func limitedGuest(ctx context.Context, k *testkit.Kit) (string, error) {
	s, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA, Client: here})
	return s.Token + s.User.ID, err
}

var limitedDoors = []limitedDoor{
	{"Signin, by client", "signin", "Take", 1, limitedSignin},
	{"Signin, by account and client", "signin", "Take", 2, limitedSignin},
	{"Signin, by account", "signin", "Take", 3, limitedSignin},
	{"Signin, giving back", "signin", "Reset", 1, limitedSignin},
	{"Signin, giving back the second", "signin", "Reset", 2, limitedSignin},
	{"Signup", "signup", "Take", 1, limitedSignup},
	{"SigninAnonymously, by client", "anonymous", "Take", 1, limitedGuest},
	{"SigninAnonymously, by project", "anonymous", "Take", 2, limitedGuest},
}

// limiterFaults are the ways to fail that a Limiter has: those of every host, and the
// answers of a limit that the caller is not over.
func limiterFaults() (fs []testkit.Fault) {
	for _, f := range testkit.Faults {
		if f.Fail != nil {
			fs = append(fs, f)
		}
	}
	return append(fs,
		testkit.Fault{Name: "a limit of its own", Fail: func() error {
			limited := &deskauth.RetryError{Err: deskauth.ErrTooManyAttempts, After: time.Hour}
			return fmt.Errorf("redis: %w", limited)
		}},
		testkit.Fault{Name: "ErrTooManyAttempts", Fail: func() error { return deskauth.ErrTooManyAttempts }},
		testkit.Fault{Name: "ErrUserNotFound", Fail: func() error { return deskauth.ErrUserNotFound }},
	)
}

// failing returns a Limiter of which one call of one method has the fault, and what mends
// it. A wait that comes with an error is none.
func failing(d limitedDoor, f testkit.Fault) (l *spyLimiter, hits *int, mend func()) {
	hits = new(int)
	broken, calls := true, 0
	fail := func(method string) error {
		if method != d.method || !broken {
			return nil
		}
		calls++
		if calls == d.failAt {
			*hits++
			return f.Fail()
		}
		return nil
	}
	return &spyLimiter{
		take: func(context.Context, string, deskauth.Rate) (time.Duration, error) {
			if err := fail("Take"); err != nil {
				return time.Minute, err
			}
			return 0, nil
		},
		reset: func(context.Context, string) error { return fail("Reset") },
	}, hits, func() { broken = false }
}

func TestS23_FailingLimiterLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for _, d := range limitedDoors {
		for _, f := range limiterFaults() {
			t.Run(d.name+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				limiterFails(t, d, f)
			})
		}
	}
}

func limiterFails(t *testing.T, d limitedDoor, f testkit.Fault) {
	log := new(testkit.Logbook)
	limiter, hits, mend := failing(d, f)
	k := testkit.New(t, deskauth.Config{Limiter: limiter, Logger: log.Logger()})
	testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
	accounts := k.Store.Len()
	got, err := d.do(t.Context(), k)
	if *hits != 1 {
		t.Fatalf("the fault was met %d times, want once", *hits)
	}
	testkit.WantFailure(t, got, err)
	_, retry := errors.AsType[*deskauth.RetryError](err)
	if retry || errors.Is(err, deskauth.ErrTooManyAttempts) || errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("the caller is blamed: %v", err)
	}
	e := k.Events.TakeLast()
	if e.Type != deskauth.EventFailed || e.Operation != d.operation || e.Err == nil || e.Client != here {
		t.Errorf("event %+v, want a failure", e)
	}
	if lines := log.Take(t, slog.LevelError); len(lines) == 0 || lines[0].Operation != d.operation {
		t.Errorf("the log has %+v, want an error", lines)
	}
	if n := k.Store.Len(); n != accounts {
		t.Errorf("%d accounts were made", n-accounts)
	}
	mend()
	if _, err := d.do(t.Context(), k); err != nil {
		t.Errorf("after the fault is mended: %v", err)
	}
}

// The caller's context comes through, and its end is no failure of the Limiter's.
func TestLimiterGetsTheContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	for _, d := range limitedDoors {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "a request's"))
			defer cancel()
			limiter, hits, _ := failing(d, testkit.Fault{Fail: func() error {
				cancel()
				return fmt.Errorf("redis: %w", ctx.Err())
			}})
			take := limiter.take
			limiter.take = func(ctx context.Context, k string, rate deskauth.Rate) (time.Duration, error) {
				if ctx.Value(key{}) == nil {
					t.Error("Take got another context")
				}
				return take(ctx, k, rate)
			}
			reset := limiter.reset
			limiter.reset = func(ctx context.Context, k string) error {
				if ctx.Value(key{}) == nil {
					t.Error("Reset got another context")
				}
				return reset(ctx, k)
			}
			k := testkit.New(t, deskauth.Config{Limiter: limiter})
			testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
			got, err := d.do(ctx, k)
			testkit.WantFailure(t, got, err)
			if *hits != 1 || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v after %d faults, want an error that wraps context.Canceled", err, *hits)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
				t.Errorf("event %+v, want canceled", e)
			}
		})
	}
}

// The rates that a Limiter gets are those of the Config, and its wait is what is answered.
func TestLimiterIsAskedAndBelieved(t *testing.T) {
	t.Parallel()
	var limits deskauth.Limits
	rates := make(map[string]deskauth.Rate)
	for i, l := range allLimits {
		rates[l.name] = deskauth.Rate{Attempts: 3 + i, Per: time.Duration(10+i) * time.Minute}
		*l.rate(&limits) = rates[l.name]
	}
	for _, l := range allLimits {
		for _, wait := range []time.Duration{1, 1500 * time.Millisecond, time.Hour} {
			store := &testkit.CountingStore{UserStore: memstore.New()}
			limiter := &spyLimiter{
				take: func(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
					if rate == rates[l.name] {
						return wait, nil
					}
					return 0, nil
				},
			}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{Limits: limits, Limiter: limiter})
			wantLimited(t, l.name, l.try(t, k, here, 1), max(wait, time.Second))
			if e := k.Events.TakeLast(); e.Limit != l.name {
				t.Errorf("event %+v, want the limit %s", e, l.name)
			}
			if n := store.Calls(); n != 0 {
				t.Errorf("%s: the store was asked %d times, want never", l.name, n)
			}
		}
	}
}
