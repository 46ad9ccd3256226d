package storetest

import (
	"github.com/deskauth/deskauth"
)

var readOnlyClauses = []faultClause{{
	Name: "WritesFail",
	Says: "A method that cannot write changes nothing and returns an error that says so. " +
		"It wraps none of ErrUserNotFound, ErrUserExists and ErrConflict.",
	Mend: "Return the error of the database as it is. Keep nothing in memory that was not written. " +
		"Count deleted and created accounts after the commit only.",
	Test: readOnlyWritesFail,
}, {
	Name: "ReadsGoOn",
	Says: "Look-ups need nothing but reading.",
	Mend: "Let no look-up write, lock rows or open a transaction for writing.",
	Test: func(p *faultProbe) {
		created := []deskauth.Account{fullAccount("1"), otherAccount("2"), bareAccount("3")}
		for _, a := range created {
			p.create(a)
		}
		p.switches("ReadOnly", p.door.ReadOnly, true)
		p.holds(created...)
		p.noID("unknown")
		p.noEmail("unknown@example.com")
		if has[deskauth.UserLister](p.store) {
			p.listsWhole(created)
		}
	},
}, {
	Name: "WritesAgain",
	Says: "When writing is possible again, every method works again, without a new store.",
	Mend: "Give back what a failed call holds, and remember no failure.",
	Test: func(p *faultProbe) {
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
	nothingChanged := func() {
		p.Helper()
		p.holds(kept...)
		for _, id := range []string{"new", "before imported 1", "before imported 2"} {
			p.noID(id)
			p.noEmail(emailOf(id))
		}
		p.noEmail(otherAccount(a.ID).Email)
	}
	for _, w := range writes {
		p.isFailure(w.write(p.ctx), w.method+" while nothing can be written")
		nothingChanged()
	}
	p.countsNothing()
	p.switches("ReadOnly", p.door.ReadOnly, false)
	nothingChanged() // the store does not catch up later either
}

// countsNothing checks that a purge and an import do not count what they could not write.
func (p *faultProbe) countsNothing() {
	p.Helper()
	if purger, ok := p.store.(deskauth.IdlePurger); ok {
		n, err := purger.PurgeIdle(p.ctx, deskauth.KindGuest, sampleTime.AddDate(0, 0, 1), 10)
		if n != 0 {
			p.Errorf("PurgeIdle while nothing can be written: got %d and the error %v, want 0", n, err)
		}
	}
	if importer, ok := p.store.(deskauth.UserImporter); ok {
		result, err := importer.ImportUsers(p.ctx, []deskauth.Account{fullAccount("before imported 1")}, anyone)
		if result.Created != 0 {
			p.Errorf("ImportUsers while nothing can be written: got Created %d and the error %v, want 0",
				result.Created, err)
		}
	}
}
