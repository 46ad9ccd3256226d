package limitertest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// A probe runs the test of one clause on a limiter. It lives as long as the clause, and so
// does its context. Its methods may end the test, so a goroutine of a test calls the
// limiter itself and returns its findings as an error.
type probe struct {
	*testing.T
	ctx        context.Context
	limiter    deskauth.Limiter
	newLimiter func(t *testing.T) deskauth.Limiter
	letPass    func(time.Duration)
	began      time.Time
	passed     time.Duration // in all calls of letPass
}

// A moment is what the limiter's clock may show, counted from when the probe began. A clock
// that is moved shows earliest. One that goes by itself shows latest at most.
type moment struct{ earliest, latest time.Duration }

func (p *probe) now() moment {
	return moment{p.passed, max(p.passed, time.Since(p.began))}
}

func (p *probe) pass(d time.Duration) {
	p.letPass(d)
	p.passed += d
}

func attempt(key string, rate deskauth.Rate) deskauth.Attempt {
	return deskauth.Attempt{Key: key, Rate: rate}
}

// call calls Take and checks that its answer is one of the two that there are.
func (p *probe) call(attempts ...deskauth.Attempt) (refused int, wait time.Duration) {
	p.Helper()
	refused, wait, err := p.limiter.Take(p.ctx, attempts...)
	switch {
	case err != nil:
		p.Fatalf("Take of %s: got the error %v, want nil: an error means that the limiter failed", list(attempts), err)
	case refused < 0 && (refused != -1 || wait != 0), refused >= 0 && wait <= 0, refused >= len(attempts):
		p.Fatalf("Take of %s: got %d and %v, want -1 and 0, or the index of a refused attempt and a wait",
			list(attempts), refused, wait)
	}
	return refused, wait
}

// list shows the keys of a call.
func list(attempts []deskauth.Attempt) string {
	var all []string
	for _, a := range attempts {
		all = append(all, fmt.Sprintf("%s at %v", suite.Quote(a.Key), a.Rate))
	}
	return strings.Join(all, ", ")
}

func (p *probe) take(key string, rate deskauth.Rate) time.Duration {
	p.Helper()
	_, wait := p.call(attempt(key, rate))
	return wait
}

// callRefused checks that a call is refused, and by which attempt.
func (p *probe) callRefused(by int, attempts ...deskauth.Attempt) (wait time.Duration) {
	p.Helper()
	refused, wait := p.call(attempts...)
	if refused != by {
		p.Fatalf("Take of %s: got %d and %v, want the refusal of attempt %d", list(attempts), refused, wait, by)
	}
	return wait
}

// callRefusedFor is the same, with a wait that ends due after first. The attempts of the
// call began at first.
func (p *probe) callRefusedFor(due time.Duration, first moment, by int, attempts ...deskauth.Attempt) {
	p.Helper()
	before := p.now()
	wait := p.callRefused(by, attempts...)
	least := due - (p.now().latest - first.earliest) - tooShort
	most := due - (before.earliest - first.earliest) + tooLong
	if wait < least || wait > most {
		p.Errorf("Take of %s: got the wait %v, want %v to %v", list(attempts), wait, least, most)
	}
}

// callAllowed checks that all of a call is allowed.
func (p *probe) callAllowed(attempts ...deskauth.Attempt) {
	p.Helper()
	if refused, wait := p.call(attempts...); refused != -1 {
		p.Fatalf("Take of %s: got %d and %v, want -1 and 0: all of it is allowed", list(attempts), refused, wait)
	}
}

// allows checks that the next n attempts are allowed.
func (p *probe) allows(n int, key string, rate deskauth.Rate) {
	p.Helper()
	for i := range n {
		if wait := p.take(key, rate); wait != 0 {
			p.Fatalf("Take of %s at %v, attempt %d of %d that the rate allows: got the wait %v, want 0",
				suite.Quote(key), rate, i+1, n, wait)
		}
	}
}

// The wait that a limiter returns may be off by this much.
const (
	tooLong  = time.Second      // a limiter may count whole seconds
	tooShort = time.Microsecond // a limiter may keep its times as float64
)

// refuses checks that the next attempt is refused, with a wait that ends due after first.
// The attempts of the key began at first. It returns the wait.
func (p *probe) refuses(key string, rate deskauth.Rate, first moment, due time.Duration) time.Duration {
	p.Helper()
	before := p.now()
	wait := p.take(key, rate)
	after := p.now()
	least := due - (after.latest - first.earliest) - tooShort
	most := due - (before.earliest - first.earliest) + tooLong
	switch {
	case least <= 0 && wait == 0: // the limiter took so long that an attempt is allowed again
	case wait <= 0:
		p.Fatalf("Take of %s at %v when all attempts are used up: got %v, want a wait of about %v",
			suite.Quote(key), rate, wait, least)
	case wait < least || wait > most:
		p.Errorf("Take of %s at %v when all attempts are used up: got the wait %v, want %v to %v",
			suite.Quote(key), rate, wait, least, most)
	}
	return wait
}

// usesUp takes all attempts of an unused key, and one more, which must be refused.
func (p *probe) usesUp(key string, rate deskauth.Rate) {
	p.Helper()
	first := p.now()
	p.allows(rate.Attempts, key, rate)
	p.refuses(key, rate, first, step(rate))
}

// left checks how many attempts of a key are left of those that were taken since first, and
// uses them up.
func (p *probe) left(n int, key string, rate deskauth.Rate, first moment) {
	p.Helper()
	p.allows(n, key, rate)
	if wait := p.take(key, rate); wait == 0 && p.now().latest-first.earliest < step(rate) {
		p.Fatalf("Take of %s at %v: attempt %d is allowed, want %d to be left", suite.Quote(key), rate, n+1, n)
	}
}

func (p *probe) giveBack(attempts ...deskauth.Attempt) {
	p.Helper()
	if err := p.limiter.GiveBack(p.ctx, attempts...); err != nil {
		p.Fatalf("GiveBack of %s: got the error %v, want nil: an error means that the limiter failed",
			list(attempts), err)
	}
}

// step is the time after which one attempt comes back.
func step(rate deskauth.Rate) time.Duration { return rate.Per / time.Duration(rate.Attempts) }
