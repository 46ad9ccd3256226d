package limitertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var concurrentClauses = []clause{{
	Name: "AllAreCounted",
	Says: "Attempts in parallel are all counted. Of any number of concurrent calls, Attempts are allowed.",
	Mend: raceMend,
	Test: func(p *probe) {
		for _, rate := range []deskauth.Rate{{Attempts: 10, Per: time.Hour}, {Attempts: 1, Per: time.Hour}} {
			for round := range 5 {
				key := fmt.Sprint("wanted by all ", rate, round)
				if got := p.takeAtOnce(100, func(int) string { return key }, rate); got != rate.Attempts {
					p.Fatalf("Take of one key at %v by 100 goroutines at once: %d were allowed, want %d",
						rate, got, rate.Attempts)
				}
			}
		}
	},
}, {
	Name: "IndependentKeys",
	Says: "Keys are independent. Attempts in parallel at different keys are all allowed.",
	Mend: "Where the database reports a lost race as an error, repeat the call.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 4, Per: time.Hour}
		if got := p.takeAtOnce(100, func(i int) string { return fmt.Sprint("own ", i%25) }, rate); got != 100 {
			p.Fatalf("Take of 25 keys at %v by 4 goroutines each: %d of 100 were allowed, want all", rate, got)
		}
	},
}, {
	Name: "WholeCalls",
	Says: "A call is whole. Calls in parallel of the same keys, in any order, reserve all of their keys, " +
		"or none for any moment.",
	Mend: "Lock all keys of a call, in one order, or write them in one statement or script.",
	Test: wholeCalls,
}, {
	Name: "TakeWhileGivingBack",
	Says: "A limiter is safe for concurrent use. Take and GiveBack of one key succeed when they meet, " +
		"and all are counted.",
	Mend: raceMend,
	Test: takeWhileGivingBack,
}}

const raceMend = "Read, compare and write in one step: one lock, one statement or one script. " +
	"Where the database reports a lost race as an error, repeat the call."

// takeAtOnce calls Take from n goroutines at the same moment and returns how many of the
// attempts are allowed.
func (p *probe) takeAtOnce(n int, key func(i int) string, rate deskauth.Rate) (allowed int) {
	p.Helper()
	return p.callAtOnce(n, func(i int) []deskauth.Attempt { return []deskauth.Attempt{attempt(key(i), rate)} })
}

// callAtOnce is the same for calls of several keys.
func (p *probe) callAtOnce(n int, call func(i int) []deskauth.Attempt) (allowed int) {
	p.Helper()
	refused := make([]int, n)
	errs := suite.Race(n, func(i int) (err error) {
		refused[i], _, err = p.limiter.Take(p.ctx, call(i)...)
		return err
	})
	for i, by := range refused {
		switch {
		case errs[i] != nil:
			p.Errorf("Take by %d goroutines at once: got the error %v, want nil", n, errs[i])
		case by < 0:
			allowed++
		}
	}
	return allowed
}

func wholeCalls(p *probe) {
	once := deskauth.Rate{Attempts: 1, Per: 12 * time.Hour}
	plenty := attempt("plenty", deskauth.Rate{Attempts: 100, Per: 12 * time.Hour})
	used := attempt("used", once)
	first := p.now()
	p.usesUp(used.Key, used.Rate)
	const rounds = 30
	for n := range rounds {
		a, b := attempt(fmt.Sprint("a ", n), once), attempt(fmt.Sprint("b ", n), once)
		calls := [][]deskauth.Attempt{{a, plenty, b}, {b, plenty, a}}
		if got := p.callAtOnce(len(calls), func(i int) []deskauth.Attempt { return calls[i] }); got != 1 {
			p.Fatalf("two calls at once of two keys at %v, in opposite order: %d were allowed, want 1", once, got)
		}
		c := attempt(fmt.Sprint("c ", n), once)
		if got := p.callAtOnce(8, func(i int) []deskauth.Attempt {
			if i == 0 {
				return []deskauth.Attempt{c}
			}
			return []deskauth.Attempt{c, used}
		}); got != 1 {
			p.Fatalf("a call of a key at %v beside calls of the same key and one that is used up: %d were allowed, want 1",
				once, got)
		}
	}
	p.left(plenty.Rate.Attempts-rounds, plenty.Key, plenty.Rate, first)
}

func takeWhileGivingBack(p *probe) {
	rate := deskauth.Rate{Attempts: 20, Per: 24 * time.Hour}
	first := p.now()
	kept := []deskauth.Attempt{attempt("contended", rate)}
	p.callAllowed(kept...)
	p.callAllowed(kept...)
	errs := suite.Race(16, func(int) error { // 18 attempts at a time, so that none is refused
		for range 50 {
			refused, _, err := p.limiter.Take(p.ctx, kept...)
			if err != nil {
				return err
			}
			if refused >= 0 {
				return errors.New("refused, although attempts are left")
			}
			if err := p.limiter.GiveBack(p.ctx, kept...); err != nil {
				return err
			}
		}
		return nil
	})
	for i, err := range errs {
		if err != nil {
			p.Errorf("goroutine %d of those that take an attempt and give it back: got the error %v, want nil", i, err)
		}
	}
	p.left(rate.Attempts-2, "contended", rate, first)
}
