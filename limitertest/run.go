package limitertest

import (
	"context"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// Run checks the limiters that newLimiter returns against the contract of
// [deskauth.Limiter]. Each clause is a sub-test named after the method or matter and the
// clause, like Take/OneByOne.
//
// Each call of newLimiter returns a limiter that has counted nothing. It may call t.Cleanup
// and t.Fatal. Calls never overlap, and Run uses only the newest limiter: all of them may
// share one database that newLimiter empties.
//
// The function pass lets time go by for the newest limiter. A limiter that reads the clock
// of its server takes [time.Sleep]; the suite then needs some fifteen seconds. A limiter
// that is given a clock takes a function that moves this clock.
func Run(t *testing.T, newLimiter func(t *testing.T) deskauth.Limiter, pass func(time.Duration)) {
	newProbe := func(ctx context.Context, t *testing.T) *probe {
		return &probe{
			T:          t,
			ctx:        ctx,
			limiter:    newLimiter(t),
			newLimiter: newLimiter,
			letPass:    pass,
			began:      time.Now(),
		}
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) { suite.Run(t, g.clauses, newProbe) })
	}
}

type clause = suite.Clause[*probe]

var groups = []struct {
	name    string
	clauses []clause
}{
	{"NewLimiter", newLimiterClauses},
	{"Take", takeClauses},
	{"Calls", callsClauses},
	{"GiveBack", giveBackClauses},
	{"Keys", keysClauses},
	{"Concurrent", concurrentClauses},
	{"Context", contextClauses},
}

var newLimiterClauses = []clause{{
	Name: "Empty",
	Says: "Each call of newLimiter returns a limiter that has counted nothing.",
	Mend: "Give each call a database, file or key prefix of its own, or empty the one it shares.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		p.usesUp("left-over", rate)
		p.limiter = p.newLimiter(p.T)
		p.usesUp("left-over", rate)
	},
}}
