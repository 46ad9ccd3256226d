package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

var concurrentClauses = []limiterClause{{
	name: "AllAreCounted",
	says: "attempts in parallel are all counted: of any number of concurrent calls, Attempts are allowed",
	mend: limiterRaceMend,
	test: func(p *limiterProbe) {
		for _, rate := range []deskauth.Rate{{Attempts: 10, Per: time.Hour}, {Attempts: 1, Per: time.Hour}} {
			for round := range 5 {
				key := fmt.Sprint("wanted by all ", rate, round)
				if got := p.takers(100, func(int) string { return key }, rate); got != rate.Attempts {
					p.Fatalf("Take of one key at %v by 100 goroutines at once: %d were allowed, want %d", rate, got, rate.Attempts)
				}
			}
		}
	},
}, {
	name: "NoneIsInTheWay",
	says: "keys are independent: attempts in parallel of different keys are all allowed",
	mend: "when a lost race ends in an error of the database's, do it again",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 4, Per: time.Hour}
		if got := p.takers(100, func(i int) string { return fmt.Sprint("own ", i%25) }, rate); got != 100 {
			p.Fatalf("Take of 25 keys at %v by 4 goroutines each: %d of 100 were allowed, want all", rate, got)
		}
	},
}, {
	name: "TakeWhileResetting",
	says: "it is safe for concurrent use: Take and Reset do not fail because they meet, and Reset is whole",
	mend: limiterRaceMend,
	test: takeWhileResetting,
}}

const limiterRaceMend = "read, compare and write in one step: one lock, one statement or one script around all three; when a lost race ends in an error of the database's, do it again"

// takers calls Take from n goroutines at the same moment and returns how many are allowed.
func (p *limiterProbe) takers(n int, key func(i int) string, rate deskauth.Rate) (allowed int) {
	p.Helper()
	waits, errs := make([]time.Duration, n), make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			waits[i], errs[i] = p.limiter.Take(p.ctx, key(i), rate)
		})
	}
	close(start)
	all.Wait()
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

func takeWhileResetting(p *limiterProbe) {
	rate := deskauth.Rate{Attempts: 5, Per: time.Hour}
	for i, err := range race(func(i int) error {
		for n := range 50 {
			key := fmt.Sprint("contended ", n%3)
			if i%4 == 0 {
				if err := p.limiter.Reset(p.ctx, key); err != nil {
					return fmt.Errorf("a call of Reset: %w", err)
				}
			} else if _, err := p.limiter.Take(p.ctx, key, rate); err != nil {
				return fmt.Errorf("a call of Take: %w", err)
			}
		}
		return nil
	}) {
		if err != nil {
			p.Errorf("goroutine %d: %v", i, err)
		}
	}
	for n := range 3 {
		key := fmt.Sprint("contended ", n)
		p.reset(key)
		p.usesUp(key, rate)
	}
}

var limiterContextClauses = []limiterClause{{
	name: "WorksAfterCancelled",
	says: "a call whose context has ended may answer or fail, and is over soon; the limiter goes on",
	mend: "pass ctx on to every call of the driver, and give back what a cancelled call holds: locks, connections, transactions",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 3, Per: time.Hour}
		p.usesUp("known", rate)
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		for range 30 { // more than a pool has connections
			p.limiter.Take(ctx, "given up", rate)
			p.limiter.Reset(ctx, "given up")
		}
		p.reset("given up")
		p.usesUp("given up", rate)
		p.reset("known")
		p.usesUp("known", rate)
	},
}}
