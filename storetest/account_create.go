package storetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var createClauses = []clause{{
	Name: "GivenVersion",
	Says: "CreateUser stores a new account with the Version that it is given, and UpdateUser counts on from there.",
	Mend: "Write a.Version in CreateUser. When the ID of a deleted account is used again, the new account starts from " +
		"another Version, so that a reader of the deleted one cannot update it.",
	Test: func(p *probe) {
		for i, version := range []int64{0, 1, 42, -1, -2, 1_700_000_000_000, math.MinInt64, math.MaxInt64} {
			a := fullAccount(fmt.Sprintf("given-%d", i))
			a.Version = version
			p.create(a)
			p.holds(a)
			if version == math.MaxInt64 {
				continue // no Version comes after it
			}
			stale := a
			stale.Version++
			p.updateFails(stale, deskauth.ErrConflict)
			p.holds(p.update(a))
		}
	},
}, {
	Name: "TakenID",
	Says: "CreateUser returns an error wrapping ErrUserExists, and stores nothing, if the ID is taken.",
	Mend: "Use a plain INSERT with a unique ID, not an upsert. Turn the driver's error for a duplicate key into " +
		"ErrUserExists with %w. Undo what was written before it.",
	Test: takenID,
}, {
	Name: "TakenEmail",
	Says: "CreateUser returns an error wrapping ErrUserExists, and stores nothing, if the Email is taken.",
	Mend: "Put a unique index on the address. Turn the driver's error for it into ErrUserExists with %w. " +
		"Undo what was written before it.",
	Test: takenEmail,
}, {
	Name: "ManyWithoutEmail",
	Says: "Any number of accounts may have no Email.",
	Mend: "Keep the empty address out of the unique index: store it as NULL, or use a partial index.",
	Test: manyWithoutEmail,
}, {
	Name: "ManyAccounts",
	Says: "Every account that was stored is found.",
	Mend: "Look for limits, for caches that forget, and for hash collisions that overwrite.",
	Test: manyAccounts,
}, {
	Name: "OneWinnerOfAnID",
	Says: "Of any number of concurrent calls with one ID, one stores its account and the others get ErrUserExists.",
	Mend: createRaceMend,
	Test: func(p *probe) {
		p.createRaces(func(round, i int) deskauth.Account {
			a := fullAccount(fmt.Sprintf("wanted-%d", round))
			a.Email = fmt.Sprintf("%d-%d@example.com", round, i)
			return a
		})
	},
}, {
	Name: "OneWinnerOfAnEmail",
	Says: "Of any number of concurrent calls with one Email, one stores its account. " +
		"The others get ErrUserExists and store nothing.",
	Mend: createRaceMend,
	Test: func(p *probe) {
		p.createRaces(func(round, i int) deskauth.Account {
			a := fullAccount(fmt.Sprintf("%d-%d", round, i))
			a.Email = fmt.Sprintf("wanted-%d@example.com", round)
			return a
		})
	},
}}

const createRaceMend = "Let a unique index or one lock decide: a look before the insert lets two callers through. " +
	"Where the database reports a lost race as a failed transaction, look again and return ErrUserExists."

func takenID(p *probe) {
	a, bare := fullAccount("taken"), bareAccount("taken-bare")
	p.create(a)
	p.create(bare)

	p.createFails(a, deskauth.ErrUserExists)
	loser := otherAccount(a.ID)
	p.createFails(loser, deskauth.ErrUserExists)
	p.noEmail(loser.Email)
	loser.Email = ""
	p.createFails(loser, deskauth.ErrUserExists)
	p.createFails(bare, deskauth.ErrUserExists)
	p.holds(a, bare)

	free := otherAccount(a.ID)
	free.ID = "free"
	p.create(free) // the loser holds no address
	p.holds(a, bare, free)
}

func takenEmail(p *probe) {
	a := fullAccount("first")
	p.create(a)

	loser := otherAccount("second")
	loser.Email = a.Email
	p.createFails(loser, deskauth.ErrUserExists)
	p.noID(loser.ID)
	p.holds(a)

	loser.Email = "free@example.com"
	p.create(loser) // the loser holds no ID
	p.holds(a, loser)
}

func manyWithoutEmail(p *probe) {
	var created []deskauth.Account
	kinds := []deskauth.Kind{deskauth.KindExternal, deskauth.KindGuest, deskauth.KindUser, deskauth.KindExternal}
	for i, kind := range kinds {
		a := bareAccount(fmt.Sprintf("without-%d", i))
		a.Kind = kind
		p.create(a)
		created = append(created, a)
	}
	p.holds(created...)
}

func manyAccounts(p *probe) {
	n := 1000
	if testing.Short() {
		n = 200
	}
	created := make([]deskauth.Account, n)
	for i := range created {
		created[i] = fullAccount(fmt.Sprintf("account-%d", i))
		p.create(created[i])
	}
	p.holds(created...)
}

// createRaces lets contenders create accounts of which only one can exist.
func (p *probe) createRaces(account func(round, i int) deskauth.Account) {
	p.Helper()
	for round := range rounds {
		errs := suite.Race(contenders, func(i int) error {
			return p.store.CreateUser(p.ctx, contender(account(round, i), i))
		})
		winner := p.oneWinner("CreateUser with one key", errs, deskauth.ErrUserExists)
		won := contender(account(round, winner), winner)
		p.holds(won)
		for i := range contenders {
			lost := account(round, i)
			if lost.ID != won.ID {
				p.noID(lost.ID)
			}
			if lost.Email != won.Email {
				p.noEmail(lost.Email)
			}
		}
	}
}
