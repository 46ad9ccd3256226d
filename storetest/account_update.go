package storetest

import (
	"math"

	"github.com/deskauth/deskauth"
)

var updateClauses = []clause{{
	Name: "ReplacesEveryField",
	Says: "UpdateUser replaces the account that has a.ID, in every field.",
	Mend: "SET all columns, also to empty values.",
	Test: func(p *probe) {
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
	Name: "OnlyThatAccount",
	Says: "UpdateUser replaces the account that has a.ID, and no other.",
	Mend: "Use WHERE id = a.ID.",
	Test: func(p *probe) {
		a, b, c := fullAccount("a"), fullAccount("b"), bareAccount("c")
		p.create(a)
		p.create(b)
		p.create(c)
		b.FirstName = "changed"
		b = p.update(b)
		p.holds(a, b, c)
	},
}, {
	Name: "CountsVersions",
	Says: "UpdateUser stores a.Version+1.",
	Mend: "SET version = version + 1.",
	Test: func(p *probe) {
		a := fullAccount("counted")
		p.create(a)
		for range 3 {
			a = p.update(a)
			p.holds(a)
		}
	},
}, {
	Name: "OtherVersion",
	Says: "UpdateUser changes nothing, and returns an error wrapping ErrConflict, if the versions differ.",
	Mend: "Use WHERE version = a.Version, and look at the number of changed rows.",
	Test: otherVersion,
}, {
	Name: "UnknownAccount",
	Says: "UpdateUser changes nothing, and returns an error wrapping ErrUserNotFound, if there is no such account.",
	Mend: "Use no upsert. When no row was changed, look whether the account exists: " +
		"return ErrConflict if it does, ErrUserNotFound if not.",
	Test: func(p *probe) {
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
}}

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
