package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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
	failAt    int // which call of Take fails
	do        func(ctx context.Context, k *testkit.Kit) (got string, err error)
}

var limitedDoors = []limitedDoor{
	{"Signin", "signin", 1, limitedSignin},
	{"Signup", "signup", 1, limitedSignup},
	{"SigninAnonymously, by client", "anonymous", 1, limitedGuest},
	{"SigninAnonymously, by project", "anonymous", 2, limitedGuest},
	{"CheckPassword", "check_password", 1, limitedCheck},
	{"SigninWithCustomToken, of a new user", "custom_token", 1, limitedExternal},
}

// failing returns a Limiter of which one call of Take has the fault, and what mends it. A
// wait that comes with an error is none.
func failing(d limitedDoor, f testkit.Fault) (l *spyLimiter, hits *int, mend func()) {
	hits = new(int)
	broken, calls := true, 0
	return &spyLimiter{
		take: func(context.Context, []deskauth.Attempt) (int, time.Duration, error) {
			calls++
			if !broken || calls != d.failAt {
				return -1, 0, nil
			}
			*hits++
			return 0, time.Minute, f.Fail()
		},
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
			limiter.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
				if ctx.Value(key{}) == nil {
					t.Error("Take got another context")
				}
				return take(ctx, attempts)
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
				take: func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
					for i, a := range attempts {
						if a.Rate == rates[l.name] {
							return i, wait, nil
						}
					}
					return -1, 0, nil
				},
			}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{Limits: limits, Limiter: limiter})
			testkit.WantLimited(t, l.name, l.try(t, k, here, 1), max(wait, time.Second))
			if e := k.Events.TakeLast(); e.Limit != l.name {
				t.Errorf("event %+v, want the limit %s", e, l.name)
			}
			want := int64(0)
			if l.name == "ExternalsPerProject" { // which counts those without an account
				want = 1
			}
			if n := store.Calls(); n != want {
				t.Errorf("%s: the store was asked %d times, want %d", l.name, n, want)
			}
		}
	}
}

// A Limiter that names an attempt that was not in the call has failed.
func TestLimiterThatRefusesAnotherAttempt(t *testing.T) {
	t.Parallel()
	for _, d := range limitedDoors {
		limiter := &spyLimiter{take: func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			return len(attempts), time.Minute, nil
		}}
		k := testkit.New(t, deskauth.Config{Limiter: limiter})
		got, err := d.do(t.Context(), k)
		testkit.WantFailure(t, got, err)
		if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || !strings.Contains(e.Err.Error(), "Config.Limiter") {
			t.Errorf("%s: event %+v, want a failure that names Config.Limiter", d.name, e)
		}
	}
}

// A refusal counts as one even where the Limiter says no wait.
func TestLimiterThatRefusesWithoutAWait(t *testing.T) {
	t.Parallel()
	limiter := &spyLimiter{take: func(context.Context, []deskauth.Attempt) (int, time.Duration, error) {
		return 0, 0, nil
	}}
	k := testkit.New(t, deskauth.Config{Limiter: limiter})
	testkit.WantLimited(t, "a refusal without a wait", tryGuest(t, k, here, 1), time.Second)
}
