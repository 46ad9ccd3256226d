package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var updateRaceClauses = []clause{{
	Name: "OneWinner",
	Says: "Of any number of concurrent calls with one Version, one succeeds and the others get ErrConflict.",
	Mend: updateRaceMend,
	Test: updateRaces,
}, {
	Name: "NoLostUpdate",
	Says: "UpdateUser never overwrites a change that was made after the account was read.",
	Mend: updateRaceMend,
	Test: noLostUpdate,
}, {
	Name: "ManyWriters",
	Says: "Of any number of concurrent calls with one Version, one succeeds and the others get ErrConflict. " +
		"A writer that reads again and repeats its change succeeds in the end.",
	Mend: updateRaceMend,
	Test: manyWriters,
}}

const updateRaceMend = "Compare and swap in one step: " +
	"one UPDATE with the version in its WHERE, or one lock around both. " +
	"Where the database reports a lost race as a failed transaction, return ErrConflict."

func updateRaces(p *probe) {
	a := fullAccount("wanted")
	p.create(a)
	for range rounds {
		errs := suite.Race(contenders, func(i int) error { return p.store.UpdateUser(p.ctx, contender(a, i)) })
		winner := p.oneWinner("UpdateUser with one Version", errs, deskauth.ErrConflict)
		a = contender(a, winner)
		a.Version++
		p.holds(a)
	}
}

func noLostUpdate(p *probe) {
	const each = 4
	a := fullAccount("counter")
	a.SessionEpoch = 0
	p.create(a)
	errs := suite.Race(contenders, func(int) error {
		current := a // the same for all at first, so that all but one must be refused
		for range each {
			if err := p.increment(current); err != nil {
				return err
			}
			var err error
			current, err = p.store.UserByID(p.ctx, a.ID)
			if err != nil {
				return fmt.Errorf("UserByID: %w", err)
			}
		}
		return nil
	})
	for i, err := range errs {
		if err != nil {
			p.Errorf("goroutine %d of those that increment: got the error %v, want nil", i, err)
		}
	}
	a.SessionEpoch = contenders * each
	a.Version = contenders * each
	p.holds(a)
}

// increment raises SessionEpoch as a caller does: it changes and writes the account, and on
// a conflict it reads the account and tries again. Each conflict is the success of another
// writer, so it succeeds long before maxTries.
func (p *probe) increment(a deskauth.Account) error {
	const maxTries = 1000
	for range maxTries {
		a.SessionEpoch++
		err := p.store.UpdateUser(p.ctx, a)
		if !errors.Is(err, deskauth.ErrConflict) {
			return err
		}
		a, err = p.store.UserByID(p.ctx, a.ID)
		if err != nil {
			return fmt.Errorf("UserByID: %w", err)
		}
	}
	return fmt.Errorf("UpdateUser with the Version that was just read: got ErrConflict %d times, want success: "+
		"the other writers do not change the account so often", maxTries)
}

// manyWriters lets 200 goroutines, many more than there are connections, change one
// account. First each makes one attempt with the Version of the creation. Then it repeats
// until it succeeds, 32 goroutines at a time: each success costs all others an attempt.
func manyWriters(p *probe) {
	writers := 200
	if testing.Short() {
		writers = 50
	}
	a := fullAccount("popular")
	a.SessionEpoch = 0
	p.create(a)
	var tried sync.WaitGroup
	tried.Add(writers)
	turns := make(chan struct{}, 2*contenders)
	errs := suite.Race(writers, func(int) error {
		next := a
		next.SessionEpoch++
		first := p.store.UpdateUser(p.ctx, next)
		tried.Done()
		tried.Wait() // the second attempts begin when all first ones are over
		if !errors.Is(first, deskauth.ErrConflict) {
			return first
		}
		turns <- struct{}{}
		defer func() { <-turns }()
		current, err := p.store.UserByID(p.ctx, a.ID)
		if err == nil {
			err = p.increment(current)
		}
		if err != nil {
			return fmt.Errorf("until it succeeds: %v", err) // %v, because the first attempt did not fail
		}
		return first
	})
	p.oneWinner("UpdateUser with one Version", errs, deskauth.ErrConflict)
	a.SessionEpoch, a.Version = int64(writers), int64(writers)
	p.holds(a)
}
