package limitertest

import (
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
	Name: "TakeWhileResetting",
	Says: "A limiter is safe for concurrent use. Take and Reset of one key succeed when they meet, and Reset is whole.",
	Mend: raceMend,
	Test: takeWhileResetting,
}}

const raceMend = "Read, compare and write in one step: one lock, one statement or one script. " +
	"Where the database reports a lost race as an error, repeat the call."

// takeAtOnce calls Take from n goroutines at the same moment and returns how many of the
// attempts are allowed.
func (p *probe) takeAtOnce(n int, key func(i int) string, rate deskauth.Rate) (allowed int) {
	p.Helper()
	waits := make([]time.Duration, n)
	errs := suite.Race(n, func(i int) (err error) {
		waits[i], err = p.limiter.Take(p.ctx, key(i), rate)
		return err
	})
	for i, wait := range waits {
		switch {
		case errs[i] != nil:
			p.Errorf("Take by %d goroutines at once: got the error %v, want nil", n, errs[i])
		case wait < 0:
			p.Errorf("Take by %d goroutines at once: got %v, want 0 or a wait", n, wait)
		case wait == 0:
			allowed++
		}
	}
	return allowed
}

func takeWhileResetting(p *probe) {
	rate := deskauth.Rate{Attempts: 5, Per: time.Hour}
	key := func(n int) string { return fmt.Sprint("contended ", n%3) }
	call := func(i, n int) error {
		if i%4 == 0 {
			return p.limiter.Reset(p.ctx, key(n))
		}
		_, err := p.limiter.Take(p.ctx, key(n), rate)
		return err
	}
	errs := suite.Race(16, func(i int) error {
		for n := range 50 {
			if err := call(i, n); err != nil {
				return err
			}
		}
		return nil
	})
	for i, err := range errs {
		if err != nil {
			p.Errorf("goroutine %d of those that call Take or, every fourth, Reset: got the error %v, want nil", i, err)
		}
	}
	for n := range 3 {
		p.reset(key(n))
		p.usesUp(key(n), rate)
	}
}
