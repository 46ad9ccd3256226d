package limitertest_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest"
)

// buckets is a limiter in memory that never forgets a key.
type buckets struct {
	now func() time.Time

	mu   sync.Mutex
	free map[string]time.Time // when the bucket of a key is empty
}

func (b *buckets) Take(_ context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	refused, longest, now := -1, time.Duration(0), b.now()
	next := make(map[string]time.Time)
	for i, a := range attempts {
		free, ok := next[a.Key]
		if !ok {
			free = b.free[a.Key]
		}
		if free.Before(now) {
			free = now
		}
		next[a.Key] = free.Add(a.Rate.Per / time.Duration(a.Rate.Attempts))
		if wait := next[a.Key].Sub(now) - a.Rate.Per; wait > longest {
			refused, longest = i, wait
		}
	}
	if refused < 0 {
		maps.Copy(b.free, next)
	}
	return refused, longest, nil
}

func (b *buckets) GiveBack(_ context.Context, attempts ...deskauth.Attempt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range attempts {
		if free, ok := b.free[a.Key]; ok {
			b.free[a.Key] = free.Add(-a.Rate.Per / time.Duration(a.Rate.Attempts))
		}
	}
	return nil
}

// The whole test of a limiter that is given its clock. The suite moves this clock, so that
// no test waits.
func ExampleRun() {
	var t *testing.T // the argument of TestRun

	now := time.Now()
	newLimiter := func(*testing.T) deskauth.Limiter {
		return &buckets{now: func() time.Time { return now }, free: make(map[string]time.Time)}
	}
	limitertest.Run(t, newLimiter, func(d time.Duration) { now = now.Add(d) })
}
