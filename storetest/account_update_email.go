package storetest

import (
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var updateEmailClauses = []clause{{
	Name: "TakenEmail",
	Says: "UpdateUser changes nothing, and returns an error wrapping ErrUserExists, if the Email is another account's.",
	Mend: "Put a unique index on the address. Turn the driver's error for it into ErrUserExists with %w, " +
		"in UpdateUser too.",
	Test: updateToTakenEmail,
}, {
	Name: "FreesTheOldEmail",
	Says: "UpdateUser replaces the Email. The new one finds the account; the old one finds nothing and is free.",
	Mend: "Take the old address out of the index in the same step.",
	Test: freesTheOldEmail,
}, {
	Name: "EmailSetAndCleared",
	Says: "UpdateUser can give an account its first Email, and can take its Email away.",
	Mend: "Treat the empty address as no address, on both sides of the change.",
	Test: emailSetAndCleared,
}, {
	Name: "OneWinnerOfAnEmail",
	Says: "Of any number of accounts that change to one Email at once, one gets it. " +
		"The others get ErrUserExists and stay as they are.",
	Mend: createRaceMend,
	Test: updateEmailRaces,
}}

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

// updateEmailRaces lets accounts change to one address.
func updateEmailRaces(p *probe) {
	for round := range rounds {
		account := func(i int) deskauth.Account { return fullAccount(fmt.Sprintf("%d-%d", round, i)) }
		for i := range contenders {
			p.create(account(i))
		}
		wanted := func(i int) deskauth.Account {
			a := contender(account(i), i)
			a.Email = fmt.Sprintf("wanted-%d@example.com", round)
			return a
		}
		errs := suite.Race(contenders, func(i int) error { return p.store.UpdateUser(p.ctx, wanted(i)) })
		winner := p.oneWinner("UpdateUser to one Email", errs, deskauth.ErrUserExists)
		for i := range contenders {
			a := account(i)
			if i == winner {
				a = wanted(i)
				a.Version = 1
			}
			p.holds(a)
		}
	}
}
