package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// RunLimiter checks the limiters that newLimiter returns against the contract of
// [deskauth.Limiter], each clause in a sub-test named after the method or matter and the
// clause, like Take/OneByOne.
//
// Each call of newLimiter returns a limiter that has counted nothing, which the caller need
// not share with any earlier one; it may call t.Cleanup and t.Fatal. Calls never overlap.
//
// The function pass lets time go by for the newest limiter. One that reads the clock of its
// server gets [time.Sleep], and the suite then takes some ten seconds; one that is given a
// clock gets what moves it:
//
//	storetest.RunLimiter(t, func(t *testing.T) deskauth.Limiter { return redislimiter.New(open(t)) }, time.Sleep)
//
// The suite asks for nothing that the contract leaves open: what a key comes to that is
// taken at two rates, whether a cancelled call did its work. Its keys are valid UTF-8
// without control characters, of 1 to 600 bytes.
func RunLimiter(t *testing.T, newLimiter func(t *testing.T) deskauth.Limiter, pass func(time.Duration)) {
	for _, g := range limiterGroups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.clauses {
				t.Run(c.name, func(t *testing.T) { c.run(t, newLimiter, pass) })
			}
		})
	}
}

var limiterGroups = []struct {
	name    string
	clauses []limiterClause
}{
	{"NewLimiter", newLimiterClauses},
	{"Take", takeClauses},
	{"Keys", limiterKeysClauses},
	{"Reset", resetClauses},
	{"Concurrent", concurrentClauses},
	{"Context", limiterContextClauses},
}

// A limiterClause is a [clause] about limiters.
type limiterClause struct {
	name, says, mend string
	test             func(*limiterProbe)
}

func (c limiterClause) run(t *testing.T, newLimiter func(t *testing.T) deskauth.Limiter, pass func(time.Duration)) {
	noStore := func(*testing.T) deskauth.UserStore { return nil }
	clause{c.name, c.says, c.mend, func(p *probe) {
		c.test(&limiterProbe{T: p.T, ctx: p.ctx, limiter: newLimiter(p.T), newLimiter: newLimiter, sleep: pass, began: time.Now()})
	}}.run(t, noStore)
}

// A limiterProbe is the test of one clause at work on a limiter. Its methods may end the
// test, so goroutines that a test starts call the limiter themselves and hand back errors.
type limiterProbe struct {
	*testing.T
	ctx        context.Context
	limiter    deskauth.Limiter
	newLimiter func(t *testing.T) deskauth.Limiter
	sleep      func(time.Duration)
	began      time.Time
	passed     time.Duration // what was asked of sleep
}

// A moment lies between two times since the probe began: a clock that is moved shows the
// first, one that goes by itself at most the second.
type moment struct{ earliest, latest time.Duration }

func (p *limiterProbe) now() moment {
	return moment{p.passed, max(p.passed, time.Since(p.began))}
}

func (p *limiterProbe) pass(d time.Duration) {
	p.sleep(d)
	p.passed += d
}

func (p *limiterProbe) take(key string, rate deskauth.Rate) time.Duration {
	p.Helper()
	wait, err := p.limiter.Take(p.ctx, key, rate)
	if err != nil {
		p.Fatalf("Take of %s at %v: got the error %v, want nil: an error means that the limiter failed", quote(key), rate, err)
	}
	return wait
}

// allows checks that the next n attempts are allowed.
func (p *limiterProbe) allows(n int, key string, rate deskauth.Rate) {
	p.Helper()
	for i := range n {
		if wait := p.take(key, rate); wait != 0 {
			p.Fatalf("Take of %s at %v, number %d of %d that have to be allowed: got the wait %v, want 0", quote(key), rate, i+1, n, wait)
		}
	}
}

const (
	coarse   = time.Second      // how much longer a wait may be said to be
	rounding = time.Microsecond // how much shorter, where times are kept as float64
)

// refuses checks that the next attempt is refused, with a wait until due has gone by since
// the moment at which the key was first taken. It returns that wait.
func (p *limiterProbe) refuses(key string, rate deskauth.Rate, first moment, due time.Duration) time.Duration {
	p.Helper()
	before := p.now()
	wait := p.take(key, rate)
	after := p.now()
	least := due - (after.latest - first.earliest) - rounding
	most := due - (before.earliest - first.earliest) + coarse
	switch {
	case least <= 0 && wait == 0: // the limiter is so slow that the time has come
	case wait <= 0:
		p.Fatalf("Take of %s at %v when all attempts are used up: got %v, want a wait of about %v", quote(key), rate, wait, least)
	case wait < least || wait > most:
		p.Errorf("Take of %s at %v when all attempts are used up: got the wait %v, want %v to %v", quote(key), rate, wait, least, most)
	}
	return wait
}

// usesUp takes all attempts of a key that nobody has taken, and one more, which has to be
// refused.
func (p *limiterProbe) usesUp(key string, rate deskauth.Rate) {
	p.Helper()
	first := p.now()
	p.allows(rate.Attempts, key, rate)
	p.refuses(key, rate, first, step(rate))
}

func (p *limiterProbe) reset(key string) {
	p.Helper()
	if err := p.limiter.Reset(p.ctx, key); err != nil {
		p.Fatalf("Reset of %s: got the error %v, want nil: an error means that the limiter failed", quote(key), err)
	}
}

// step is the time after which one attempt is back.
func step(rate deskauth.Rate) time.Duration { return rate.Per / time.Duration(rate.Attempts) }

var newLimiterClauses = []limiterClause{{
	name: "Empty",
	says: "newLimiter returns a limiter that has counted nothing each time it is called",
	mend: "give each call a database, file or prefix of its own, or empty the one there is",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		p.usesUp("left-over", rate)
		p.limiter = p.newLimiter(p.T)
		p.usesUp("left-over", rate)
	},
}}
