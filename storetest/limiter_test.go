package storetest_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/gcra"
	"github.com/deskauth/deskauth/storetest"
)

var limiterSuite = suite{
	test:     "TestRunLimiter",
	variable: "DESKAUTH_STORETEST_BROKEN_LIMITER",
	broken:   list(brokenLimiters, func(b brokenLimiter) listing { return listing{b.name, b.clauses} }),
}

// A clock stands still until it is moved.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_700_000_001, c.offset.Load()) }
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }

// A soundLimiter counts as the default does, which nobody outside can get at.
type soundLimiter struct{ gcra *gcra.Limiter }

func newSoundLimiter(now func() time.Time) *soundLimiter {
	return &soundLimiter{gcra.New(now, 1<<20)}
}

func (l *soundLimiter) Take(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	return l.gcra.Take(key, rate.Attempts, rate.Per), nil
}

func (l *soundLimiter) Reset(_ context.Context, key string) error {
	l.gcra.Reset(key)
	return nil
}

// TestRunLimiter runs the suite on a sound limiter, or, started by
// TestBrokenLimitersFail, on a broken one.
func TestRunLimiter(t *testing.T) {
	limiter := func(now func() time.Time) deskauth.Limiter { return newSoundLimiter(now) }
	if i := limiterSuite.named(); i >= 0 {
		limiter = brokenLimiters[i].limiter
	}
	var c clock
	storetest.RunLimiter(t, func(*testing.T) deskauth.Limiter { return limiter(c.now) }, c.pass)
}

func TestBrokenLimitersFail(t *testing.T)         { limiterSuite.bites(t) }
func TestEveryLimiterClauseIsBroken(t *testing.T) { limiterSuite.isBroken(t) }
