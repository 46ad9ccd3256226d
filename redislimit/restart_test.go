package redislimit_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
)

// TestRestartThatNobodySees restarts Redis between two calls. No call fails, and still the
// process knows that the data is gone.
func TestRestartThatNobodySees(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	one := newLimiter(t, connect(t, s), redislimit.Options{Logger: logged.logger()})
	two := newLimiter(t, connect(t, s), redislimit.Options{Logger: logged.logger()})
	a := attempt("k", 10, 24*time.Hour)
	for range 3 {
		takes(t, one, a)
		takes(t, two, a)
	}
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if got := left(t, one, a); got != 7 {
		t.Errorf("the first process has %d attempts, want 7: it has made 3 itself", got)
	}
	if got := left(t, two, a); got != 3 {
		t.Errorf("the second process has %d attempts, want 3: 7 are used up again", got)
	}
	if logged.String() != "" {
		t.Errorf("the log says:\n%s", logged.String())
	}
}

// The same for a key that was used up: the first call after the restart is refused.
func TestRestartGivesNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	l := newLimiter(t, connect(t, s), redislimit.Options{})
	used, other := attempt("used", 3, 24*time.Hour), attempt("other", 3, 24*time.Hour)
	left(t, l, used)
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if refused, wait, err := l.Take(t.Context(), other, used); refused != 1 || wait <= 7*time.Hour || err != nil {
		t.Errorf("after the restart: %d, %v, %v; want 1 and 8h", refused, wait, err)
	}
	if got := left(t, l, used) + 10*left(t, l, other); got != 30 {
		t.Errorf("then %d attempts of the one that was used up and %d of the other, want 0 and 3", got%10, got/10)
	}
}

// The script cache is emptied in the middle of load: everything is counted as ever.
func TestScriptFlush(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	admin := connect(t, s)
	one, two := newLimiter(t, connect(t, s), redislimit.Options{}), newLimiter(t, connect(t, s), redislimit.Options{})
	a := attempt("k", 100, 24*time.Hour)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			l := []deskauth.Limiter{one, two}[n%2]
			for range 20 {
				refused, _, err := l.Take(t.Context(), a)
				if err != nil {
					t.Error(err)
				} else if refused < 0 {
					allowed.Add(1)
				}
			}
		})
	}
	for range 20 {
		admin.ScriptFlush(t.Context())
		time.Sleep(time.Millisecond)
	}
	all.Wait()
	if allowed.Load() != 100 {
		t.Errorf("of 320 attempts of two processes %d were allowed, want 100", allowed.Load())
	}
}
