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

// Two processes share one limit, to the attempt, however their calls meet.
func TestTwoProcessesShareALimit(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	one, two := newLimiter(t, connect(t, s), redislimit.Options{}), newLimiter(t, connect(t, s), redislimit.Options{})
	scarce, plenty := attempt("scarce", 37, 24*time.Hour), attempt("plenty", 500, 24*time.Hour)
	var allowed, given atomic.Int64
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			l := []deskauth.Limiter{one, two}[n%2]
			for i := range 20 {
				call := []deskauth.Attempt{scarce, plenty}
				if i%2 == 0 {
					call[0], call[1] = plenty, scarce
				}
				refused, _, err := l.Take(t.Context(), call...)
				switch {
				case err != nil:
					t.Error(err)
				case refused >= 0 && call[refused] != scarce:
					t.Errorf("attempt %d of %v is refused", refused, call)
				case refused < 0:
					allowed.Add(1)
					if i == 0 { // a success
						given.Add(1)
						if err := l.GiveBack(t.Context(), call...); err != nil {
							t.Error(err)
						}
					}
				}
			}
		})
	}
	all.Wait()
	if got := allowed.Load() - given.Load(); got != 37 {
		t.Errorf("two processes made %d attempts, want 37", got)
	}
	if got := left(t, one, plenty); got != 500-37 {
		t.Errorf("of the other key %d attempts are left, want %d: refused calls reserve none", got, 500-37)
	}
}
