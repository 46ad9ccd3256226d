package limitertest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
	"github.com/deskauth/deskauth/limitertest"
)

// brokenLimiters is every limiter that the suite must refuse.
var brokenLimiters = slices.Concat(
	brokenTakes, brokenCalls, brokenSlices, brokenGiveBacks, brokenKeys, brokenConcurrency, brokenContexts,
)

var limiterSuite = bite.Suite{
	Test:     "TestRun",
	Variable: "DESKAUTH_LIMITERTEST_BROKEN",
	Broken:   bite.List(brokenLimiters, broken.listing),
}

// TestRun runs the suite on a sound limiter, or on a broken one when TestBrokenLimitersFail
// starts it.
func TestRun(t *testing.T) {
	newLimiter := soundLimiter
	if i := limiterSuite.Named(); i >= 0 {
		newLimiter = brokenLimiters[i].newLimiter
	}
	var c clock
	limitertest.Run(t, func(*testing.T) deskauth.Limiter { return newLimiter(c.now) }, c.pass)
}

func TestBrokenLimitersFail(t *testing.T)  { limiterSuite.Bites(t) }
func TestEveryClauseIsBroken(t *testing.T) { limiterSuite.CoversClauses(t) }

// TestExample checks that the limiter of the example passes.
func TestExample(t *testing.T) {
	var c clock
	newLimiter := func(*testing.T) deskauth.Limiter {
		return &buckets{now: c.now, free: make(map[string]time.Time)}
	}
	limitertest.Run(t, newLimiter, c.pass)
}
