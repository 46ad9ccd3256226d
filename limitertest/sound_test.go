package limitertest_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/gcra"
)

// A clock stands still until it is moved.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_700_000_001, c.offset.Load()) }
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }

// A sound limiter counts as deskauth's default does, which is not exported.
type sound struct{ gcra *gcra.Limiter }

func newSound(now func() time.Time) *sound { return &sound{gcra.New(now, 1<<20)} }

func soundLimiter(now func() time.Time) deskauth.Limiter { return newSound(now) }

func (l *sound) Take(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	return l.gcra.Take(key, rate.Attempts, rate.Per), nil
}

func (l *sound) Reset(_ context.Context, key string) error {
	l.gcra.Reset(key)
	return nil
}
