package limitertest

import (
	"context"
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

func (p *probe) take(key string, rate deskauth.Rate) time.Duration {
	p.Helper()
	wait, err := p.limiter.Take(p.ctx, key, rate)
	if err != nil {
		p.Fatalf("Take of %s at %v: got the error %v, want nil: an error means that the limiter failed",
			suite.Quote(key), rate, err)
	}
	return wait
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

func (p *probe) reset(key string) {
	p.Helper()
	if err := p.limiter.Reset(p.ctx, key); err != nil {
		p.Fatalf("Reset of %s: got the error %v, want nil: an error means that the limiter failed",
			suite.Quote(key), err)
	}
}

// step is the time after which one attempt comes back.
func step(rate deskauth.Rate) time.Duration { return rate.Per / time.Duration(rate.Attempts) }
