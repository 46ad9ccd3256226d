package storetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/deskauth/deskauth"
)

var createClauses = []clause{{
	name: "GivenVersion",
	says: "CreateUser stores a new account with the Version that it was given, and UpdateUser counts on from there",
	mend: "write a.Version in CreateUser: an ID that is given anew starts from another Version, so that who has read the deleted account cannot update the new one",
	test: func(p *probe) {
		for i, version := range []int64{0, 1, 42, -1, -2, 1_700_000_000_000, math.MinInt64, math.MaxInt64} {
			a := fullAccount(fmt.Sprintf("given-%d", i))
			a.Version = version
			p.create(a)
			p.holds(a)
			if version == math.MaxInt64 {
				continue // none comes after it
			}
			stale := a
			stale.Version++
			p.updateFails(stale, deskauth.ErrConflict)
			p.holds(p.update(a))
		}
	},
}, {
	name: "TakenID",
	says: "CreateUser returns an error wrapping ErrUserExists, and stores nothing, if the ID is taken",
	mend: "a plain INSERT with a unique ID, no upsert; turn the driver's error about a duplicate key into ErrUserExists with %w; undo what was written before it",
	test: takenID,
}, {
	name: "TakenEmail",
	says: "CreateUser returns an error wrapping ErrUserExists, and stores nothing, if the Email is taken",
	mend: "a unique index on the address; turn the driver's error about it into ErrUserExists with %w; undo what was written before it",
	test: takenEmail,
}, {
	name: "ManyWithoutEmail",
	says: "any number of accounts may have no Email",
	mend: "leave the empty address out of the unique index: store it as NULL, or use a partial index",
	test: manyWithoutEmail,
}, {
	name: "ManyAccounts",
	says: "every account that was stored is found",
	mend: "look for limits, caches that forget, and hash collisions that overwrite",
	test: manyAccounts,
}, {
	name: "OneWinnerOfAnID",
	says: "of any number of concurrent calls with one ID, one stores its account and the others get ErrUserExists",
	mend: oneWinnerMend,
	test: func(p *probe) {
		p.createRaces(func(round, i int) deskauth.Account {
			a := fullAccount(fmt.Sprintf("wanted-%d", round))
			a.Email = fmt.Sprintf("%d-%d@example.com", round, i)
			return a
		})
	},
}, {
	name: "OneWinnerOfAnEmail",
	says: "of any number of concurrent calls with one Email, one stores its account and the others get ErrUserExists and store nothing",
	mend: oneWinnerMend,
	test: func(p *probe) {
		p.createRaces(func(round, i int) deskauth.Account {
			a := fullAccount(fmt.Sprintf("%d-%d", round, i))
			a.Email = fmt.Sprintf("wanted-%d@example.com", round)
			return a
		})
	},
}}

const oneWinnerMend = "let a unique index or one lock decide: to look first and insert then lets two callers through; where the database reports a lost race as a failed transaction, look again and answer ErrUserExists"

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
	var made []deskauth.Account
	for i, kind := range []deskauth.Kind{deskauth.KindExternal, deskauth.KindGuest, deskauth.KindUser, deskauth.KindExternal} {
		a := bareAccount(fmt.Sprintf("nobody-%d", i))
		a.Kind = kind
		p.create(a)
		made = append(made, a)
	}
	p.holds(made...)
}

func manyAccounts(p *probe) {
	n := 1000
	if testing.Short() {
		n = 200
	}
	made := make([]deskauth.Account, n)
	for i := range made {
		made[i] = fullAccount(fmt.Sprintf("account-%d", i))
		p.create(made[i])
	}
	p.holds(made...)
}

// rounds is how often each race is run.
const rounds = 8

// createRaces lets contenders create accounts of which one can be.
func (p *probe) createRaces(account func(round, i int) deskauth.Account) {
	p.Helper()
	for round := range rounds {
		errs := race(func(i int) error { return p.store.CreateUser(p.ctx, contender(account(round, i), i)) })
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

// contender marks an account as made by one of them.
func contender(a deskauth.Account, i int) deskauth.Account {
	a.FirstName = fmt.Sprintf("contender %d", i)
	a.SessionEpoch = int64(i)
	return a
}
