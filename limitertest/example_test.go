package limitertest_test

import (
	"context"
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

func (b *buckets) Take(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, free := b.now(), b.free[key]
	if free.Before(now) {
		free = now
	}
	free = free.Add(rate.Per / time.Duration(rate.Attempts))
	if wait := free.Sub(now) - rate.Per; wait > 0 {
		return wait, nil
	}
	b.free[key] = free
	return 0, nil
}

func (b *buckets) Reset(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.free, key)
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
