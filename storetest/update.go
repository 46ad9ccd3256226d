package storetest

import (
	"errors"
	"fmt"
	"math"

	"github.com/deskauth/deskauth"
)

var updateClauses = []clause{{
	name: "ReplacesEveryField",
	says: "UpdateUser replaces the account that has a.ID, in every field",
	mend: "SET all columns, to empty values too",
	test: func(p *probe) {
		p.create(fullAccount("updated"))
		a := otherAccount("updated")
		a = p.update(a)
		p.holds(a)
		bare := bareAccount("updated")
		bare.Version = a.Version
		bare = p.update(bare)
		p.holds(bare)
	},
}, {
	name: "OnlyThatAccount",
	says: "UpdateUser replaces the account that has a.ID, and no other",
	mend: "WHERE id = a.ID",
	test: func(p *probe) {
		a, b, c := fullAccount("a"), fullAccount("b"), bareAccount("c")
		p.create(a)
		p.create(b)
		p.create(c)
		b.FirstName = "changed"
		b = p.update(b)
		p.holds(a, b, c)
	},
}, {
	name: "CountsVersions",
	says: "UpdateUser stores a.Version+1",
	mend: "SET version = version + 1",
	test: func(p *probe) {
		a := fullAccount("counted")
		p.create(a)
		for range 3 {
			a = p.update(a)
			p.holds(a)
		}
	},
}, {
	name: "OtherVersion",
	says: "UpdateUser changes nothing and returns an error wrapping ErrConflict if the versions differ",
	mend: "WHERE version = a.Version, and look at the number of rows that were changed",
	test: otherVersion,
}, {
	name: "UnknownAccount",
	says: "UpdateUser changes nothing and returns an error wrapping ErrUserNotFound if there is no such account",
	mend: "no upsert; when no row was changed, look whether the account is there: ErrUserNotFound or ErrConflict",
	test: func(p *probe) {
		p.create(fullAccount("known"))
		for _, version := range []int64{0, 1, -1} {
			a := fullAccount("unknown")
			a.Version = version
			p.updateFails(a, deskauth.ErrUserNotFound)
			p.noID(a.ID)
			p.noEmail(a.Email)
		}
		p.create(fullAccount("unknown")) // its keys are still free
	},
}, {
	name: "TakenEmail",
	says: "UpdateUser changes nothing and returns an error wrapping ErrUserExists if the Email is another account's",
	mend: "a unique index on the address; turn the driver's error about it into ErrUserExists with %w, in UpdateUser too",
	test: updateToTakenEmail,
}, {
	name: "FreesTheOldEmail",
	says: "UpdateUser replaces the Email: the new one finds the account, the old one is nobody's and can be taken",
	mend: "take the old address out of the index in the same step",
	test: freesTheOldEmail,
}, {
	name: "EmailSetAndCleared",
	says: "UpdateUser can give an account its first Email and take it away",
	mend: "treat the empty address as none, on both sides of the change",
	test: emailSetAndCleared,
}, {
	name: "OneWinner",
	says: "of any number of concurrent calls with one Version, one succeeds and the others get ErrConflict",
	mend: updateRaceMend,
	test: updateRaces,
}, {
	name: "NoLostUpdate",
	says: "a change that was made after the account was read is never overwritten",
	mend: updateRaceMend,
	test: noLostUpdate,
}, {
	name: "ManyWriters",
	says: "of any number of concurrent calls with one Version, one succeeds, the others get ErrConflict, and who reads again and repeats the change succeeds in the end",
	mend: updateRaceMend,
	test: manyWriters,
}, {
	name: "OneWinnerOfAnEmail",
	says: "of any number of accounts that change to one Email at once, one gets it, and the others get ErrUserExists and stay as they are",
	mend: oneWinnerMend,
	test: emailRaces,
}}

const updateRaceMend = "compare and swap in one step: one UPDATE with the version in its WHERE, or one lock around both; where the database reports a lost race as a failed transaction, answer ErrConflict"

func otherVersion(p *probe) {
	a, none := fullAccount("old"), fullAccount("none")
	p.create(none)
	p.create(a)
	for range 3 {
		a = p.update(a)
	}
	for _, version := range []int64{a.Version - 1, 0, a.Version + 1, -1, math.MaxInt64} {
		stale := otherAccount(a.ID)
		stale.Version = version
		p.updateFails(stale, deskauth.ErrConflict)
		p.holds(a)
		p.noEmail(stale.Email)
	}
	stale := none
	stale.Version = 1
	p.updateFails(stale, deskauth.ErrConflict)
	p.holds(none, p.update(a))
}

func updateToTakenEmail(p *probe) {
	a, b, bare := fullAccount("a"), fullAccount("b"), bareAccount("bare")
	p.create(a)
	p.create(b)
	p.create(bare)
	for _, own := range []deskauth.Account{b, bare} {
		thief := otherAccount(own.ID)
		thief.Email = a.Email
		p.updateFails(thief, deskauth.ErrUserExists)
		p.holds(a, b, bare)
	}
	b.FirstName = "still alive"
	p.holds(a, p.update(b), bare)
}

func freesTheOldEmail(p *probe) {
	a := fullAccount("moving")
	old := a.Email
	p.create(a)
	a.Email = "new@example.com"
	a = p.update(a)
	p.holds(a)
	p.noEmail(old)

	heir := fullAccount("heir")
	heir.Email = old
	p.create(heir)
	p.holds(a, heir)

	old, heir.Email = heir.Email, "HEIR@example.com"
	heir = p.update(heir)
	a.Email = old // and back again
	a = p.update(a)
	p.holds(a, heir)
	p.noEmail("new@example.com")

	heir.Email = "heir@example.com" // another one, to the byte
	heir = p.update(heir)
	p.holds(a, heir)
	p.noEmail("HEIR@example.com")
}

func emailSetAndCleared(p *probe) {
	a, b := bareAccount("a"), bareAccount("b")
	p.create(a)
	p.create(b)
	a.Email = "a@example.com"
	a = p.update(a)
	p.holds(a, b)

	a.FirstName = "the address stays"
	a = p.update(a)
	p.holds(a, b)

	a.Email = ""
	a = p.update(a)
	p.holds(a, b)
	p.noEmail("a@example.com")
	p.noEmail("")

	a.FirstName = "still none"
	a = p.update(a)
	b.Email = "a@example.com"
	b = p.update(b)
	p.holds(a, b)
}

func updateRaces(p *probe) {
	a := fullAccount("wanted")
	p.create(a)
	for range rounds {
		errs := race(func(i int) error { return p.store.UpdateUser(p.ctx, contender(a, i)) })
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
	for i, err := range race(func(int) error {
		known := a // by all at first, so that all but one have to be refused
		for range each {
			if err := p.increment(known); err != nil {
				return err
			}
			var err error
			if known, err = p.store.UserByID(p.ctx, a.ID); err != nil {
				return fmt.Errorf("UserByID: %w", err)
			}
		}
		return nil
	}) {
		if err != nil {
			p.Errorf("goroutine %d: %v", i, err)
		}
	}
	a.SessionEpoch = contenders * each
	a.Version = contenders * each
	p.holds(a)
}

// increment raises the epoch as a caller does: change, write, and if somebody was faster,
// read and do it again. Each conflict is another's success, so it ends long before maxTries.
func (p *probe) increment(a deskauth.Account) error {
	const maxTries = 1000
	for range maxTries {
		a.SessionEpoch++
		err := p.store.UpdateUser(p.ctx, a)
		if !errors.Is(err, deskauth.ErrConflict) {
			return err
		}
		if a, err = p.store.UserByID(p.ctx, a.ID); err != nil {
			return fmt.Errorf("UserByID: %w", err)
		}
	}
	return fmt.Errorf("UpdateUser with the Version that was just read got ErrConflict %d times, want success: nobody else changed the account so often", maxTries)
}
