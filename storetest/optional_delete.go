package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var deleteClauses = []clause{{
	Name: "OnlyThatAccount",
	Says: "DeleteUser deletes the account with the ID, of any kind, and no other.",
	Mend: "Use WHERE id = the ID. If you mark accounts as deleted, let every look-up check the mark.",
	Test: deletesOnlyThat,
}, {
	Name: "UnknownAccount",
	Says: "DeleteUser returns an error wrapping ErrUserNotFound if there is no such account.",
	Mend: "Look at the number of deleted rows.",
	Test: func(p *probe) {
		p.deleteFails("unknown") // in an empty store
		a := fullAccount("victim")
		p.create(a)
		for _, id := range append(patterns(a.ID), "unknown", "", "Victim", a.Email) {
			p.deleteFails(id)
		}
		p.holds(a)
		p.deletes(a.ID)
		p.deleteFails(a.ID)
	},
}, {
	Name: "FreesTheKeys",
	Says: "The ID and the Email of a deleted account are free again.",
	Mend: "Delete the account and its keys in one step.",
	Test: func(p *probe) {
		a := fullAccount("deleted")
		p.create(a)
		a.FirstName = "updated once"
		a = p.update(a)
		p.deletes(a.ID)
		again, heir := otherAccount(a.ID), bareAccount("heir")
		again.Version = a.Version + 1
		p.create(again)
		p.updateFails(a, deskauth.ErrConflict) // it is not the account that was read
		heir.Email = a.Email
		p.create(heir)
		p.holds(again, heir)
	},
}, {
	Name: "OneWinner",
	Says: "Of any number of concurrent calls with one ID, one deletes the account and the others get ErrUserNotFound.",
	Mend: "Let the DELETE decide: a look before it lets two callers through. " +
		"Where the database reports a lost race as a failed transaction, repeat the call.",
	Test: func(p *probe) {
		for round := range rounds {
			a := fullAccount(fmt.Sprintf("wanted-%d", round))
			p.create(a)
			errs := suite.Race(contenders, func(int) error { return p.deleter().DeleteUser(p.ctx, a.ID) })
			p.oneWinner("DeleteUser of one account", errs, deskauth.ErrUserNotFound)
			p.noID(a.ID)
			p.noEmail(a.Email)
		}
	},
}, {
	Name: "UpdateAfterDelete",
	Says: "UpdateUser of a deleted account returns an error wrapping ErrUserNotFound, and brings nothing back.",
	Mend: "Use no upsert in UpdateUser. Where an update has locked the row, the DELETE waits and then does its work.",
	Test: updatesAfterDelete,
}, {
	Name: "EndedContext",
	Says: "When the context has ended, DeleteUser returns an error wrapping the context's.",
	Mend: contextMend,
	Test: func(p *probe) {
		p.create(fullAccount("known"))
		for _, id := range []string{"known", "unknown"} {
			p.failsWhenEnded("DeleteUser of "+id, func(ctx context.Context) error {
				return p.deleter().DeleteUser(ctx, id)
			})
		}
	},
}}

func (p *probe) deleter() deskauth.UserDeleter { return p.store.(deskauth.UserDeleter) }

func (p *probe) deletes(id string) {
	p.Helper()
	if err := p.deleter().DeleteUser(p.ctx, id); err != nil {
		p.Fatalf("DeleteUser of %s: got the error %v, want nil", suite.Quote(id), err)
	}
}

func (p *probe) deleteFails(id string) {
	p.Helper()
	err := p.deleter().DeleteUser(p.ctx, id)
	p.wraps(err, deskauth.ErrUserNotFound, "DeleteUser of "+suite.Quote(id)+", which no account has")
}

func deletesOnlyThat(p *probe) {
	kept := []deskauth.Account{fullAccount("kept"), bareAccount("kept-bare"), fullAccount("gone 1"), fullAccount("gon")}
	gone := []deskauth.Account{fullAccount("gone"), otherAccount("gone-guest"), bareAccount("gone-external")}
	for _, a := range append(kept, gone...) {
		p.create(a)
	}
	for i, a := range gone {
		p.deletes(a.ID)
		for _, deleted := range gone[:i+1] {
			p.noID(deleted.ID)
			p.noEmail(deleted.Email)
		}
		p.holds(gone[i+1:]...)
	}
	p.holds(kept...)
	kept[0].FirstName = "still alive"
	p.holds(p.update(kept[0]))
}

func updatesAfterDelete(p *probe) {
	a := fullAccount("deleted")
	p.create(a)
	p.deletes(a.ID)
	for _, version := range []int64{0, 1} {
		a.Version = version
		p.updateFails(a, deskauth.ErrUserNotFound)
	}
	p.noID(a.ID)
	p.noEmail(a.Email)

	// One contender deletes, at any moment, while the others update. The account is gone
	// then.
	for round := range rounds {
		a := fullAccount(fmt.Sprintf("contended-%d", round))
		p.create(a)
		errs := suite.Race(contenders, func(i int) error {
			if i == round {
				return p.deleter().DeleteUser(p.ctx, a.ID)
			}
			return p.store.UpdateUser(p.ctx, contender(a, i))
		})
		if err := errs[round]; err != nil {
			p.Errorf("DeleteUser while others call UpdateUser: got the error %v, want nil", err)
		}
		for i, err := range errs {
			lost := errors.Is(err, deskauth.ErrConflict) || errors.Is(err, deskauth.ErrUserNotFound)
			if i != round && err != nil && !lost {
				p.Errorf("UpdateUser while another calls DeleteUser: got the error %v, "+
					"want nil, ErrConflict or ErrUserNotFound", err)
			}
		}
		p.noID(a.ID)
		p.noEmail(a.Email)
	}
}
