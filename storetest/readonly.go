package storetest

import (
	"context"

	"github.com/deskauth/deskauth"
)

var readOnlyClauses = []faultClause{{
	name: "WritesFail",
	says: "a method that cannot write returns an error that says so, wrapping none of ErrUserNotFound, ErrUserExists and ErrConflict, and changes nothing",
	mend: "let the database's error through as it is; keep nothing in memory that was not written; count what was deleted only after the commit",
	test: readOnlyWritesFail,
}, {
	name: "ReadsGoOn",
	says: "look-ups need nothing but reading",
	mend: "no look-up that writes, locks rows or opens a transaction for writing",
	test: func(p *faultProbe) {
		made := []deskauth.Account{fullAccount("1"), otherAccount("2"), bareAccount("3")}
		for _, a := range made {
			p.create(a)
		}
		p.switches("ReadOnly", p.door.ReadOnly, true)
		p.holds(made...)
		p.noID("unknown")
		p.noEmail("unknown@example.com")
		if has[deskauth.UserLister](p.store) {
			p.listsWhole(made)
		}
	},
}, {
	name: "WritesAgain",
	says: "when writing is possible again, every method works again, with no new store",
	mend: "give back what a failed call holds, and remember no failure",
	test: func(p *faultProbe) {
		a := fullAccount("known")
		p.create(a)
		writes := p.writes(a)
		p.switches("ReadOnly", p.door.ReadOnly, true)
		for range tries { // more than a pool has connections
			for _, w := range writes {
				_ = w.write(p.ctx)
			}
		}
		p.switches("ReadOnly", p.door.ReadOnly, false)
		p.recovers("a time without writing")
		if !p.Failed() {
			p.holds(p.update(a))
		}
	},
}}

// writes returns one call of each method that writes: two of UpdateUser for the account, one
// of which changes its Email, and one of CreateUser.
func (p *faultProbe) writes(a deskauth.Account) []write {
	p.Helper()
	return append(p.abilities("before", p.create),
		write{"CreateUser", func(ctx context.Context) error { return p.store.CreateUser(ctx, fullAccount("new")) }},
		write{"UpdateUser", func(ctx context.Context) error {
			changed := a
			changed.FirstName = "changed"
			return p.store.UpdateUser(ctx, changed)
		}},
		write{"UpdateUser of the Email", func(ctx context.Context) error {
			changed := otherAccount(a.ID)
			changed.Version = a.Version
			return p.store.UpdateUser(ctx, changed)
		}},
	)
}

func readOnlyWritesFail(p *faultProbe) {
	a := fullAccount("known")
	p.create(a)
	a = p.update(a)
	kept := []deskauth.Account{a}
	writes := p.writes(a)
	if has[deskauth.UserDeleter](p.store) {
		kept = append(kept, fullAccount("before to delete"))
	}
	if has[deskauth.IdlePurger](p.store) {
		kept = append(kept, guest("before to purge", sampleTime, sampleTime))
	}
	p.switches("ReadOnly", p.door.ReadOnly, true)
	nothing := func() {
		p.Helper()
		p.holds(kept...)
		for _, id := range []string{"new", "before imported 1", "before imported 2"} {
			p.noID(id)
			p.noEmail(emailOf(id))
		}
		p.noEmail(otherAccount(a.ID).Email)
	}
	for _, w := range writes {
		p.isNoOutcome(w.write(p.ctx), w.method+" while nothing can be written")
		nothing()
	}
	p.switches("ReadOnly", p.door.ReadOnly, false)
	nothing() // nor is it made up for later
}
