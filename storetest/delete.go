package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
)

var deleteClauses = []clause{{
	name: "OnlyThatAccount",
	says: "DeleteUser deletes the account with the ID, of any kind, and no other",
	mend: "WHERE id = the ID, and no soft delete that a look-up forgets about",
	test: deletesOnlyThat,
}, {
	name: "UnknownAccount",
	says: "DeleteUser returns an error wrapping ErrUserNotFound if there is no such account",
	mend: "look at the number of rows that were deleted",
	test: func(p *probe) {
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
	name: "FreesTheKeys",
	says: "the ID and the Email of a deleted account are free again",
	mend: "delete the account with its keys in one step",
	test: func(p *probe) {
		a := fullAccount("deleted")
		p.create(a)
		a.FirstName = "updated once"
		a = p.update(a)
		p.deletes(a.ID)
		again, heir := otherAccount(a.ID), bareAccount("heir")
		again.Version = a.Version + 1
		p.create(again)
		p.updateFails(a, deskauth.ErrConflict) // it is not the one that was read
		heir.Email = a.Email
		p.create(heir)
		p.holds(again, heir)
	},
}, {
	name: "OneWinner",
	says: "of any number of concurrent calls with one ID, one deletes the account and the others get ErrUserNotFound",
	mend: "let the DELETE count: a look before it lets two callers through; where the database reports a lost race as a failed transaction, do it again",
	test: func(p *probe) {
		for round := range rounds {
			a := fullAccount(fmt.Sprintf("wanted-%d", round))
			p.create(a)
			errs := race(func(int) error { return p.deleter().DeleteUser(p.ctx, a.ID) })
			p.oneWinner("DeleteUser of one account", errs, deskauth.ErrUserNotFound)
			p.noID(a.ID)
			p.noEmail(a.Email)
		}
	},
}, {
	name: "UpdateAfterIt",
	says: "UpdateUser of a deleted account returns an error wrapping ErrUserNotFound, and brings nothing back",
	mend: "no upsert in UpdateUser; where an update has the row locked, the DELETE waits and does its work then",
	test: updatesAfterDelete,
}, {
	name: "EndedContext",
	says: "when the context has ended, DeleteUser returns an error wrapping the context's",
	mend: contextMend,
	test: func(p *probe) {
		p.create(fullAccount("known"))
		for _, id := range []string{"known", "unknown"} {
			p.refusesEnded("DeleteUser of "+id, func(ctx context.Context) error { return p.deleter().DeleteUser(ctx, id) })
		}
	},
}}

func (p *probe) deleter() deskauth.UserDeleter { return p.store.(deskauth.UserDeleter) }

func (p *probe) deletes(id string) {
	p.Helper()
	if err := p.deleter().DeleteUser(p.ctx, id); err != nil {
		p.Fatalf("DeleteUser of %s: got the error %v, want nil", quote(id), err)
	}
}

func (p *probe) deleteFails(id string) {
	p.Helper()
	p.wraps(p.deleter().DeleteUser(p.ctx, id), deskauth.ErrUserNotFound, "DeleteUser of "+quote(id)+", which no account has")
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

	// The one who deletes wins over the others, who update, at whatever moment it comes.
	for round := range rounds {
		a := fullAccount(fmt.Sprintf("contended-%d", round))
		p.create(a)
		for i, err := range race(func(i int) error {
			if i == round {
				return p.deleter().DeleteUser(p.ctx, a.ID)
			}
			return p.store.UpdateUser(p.ctx, contender(a, i))
		}) {
			lost := i != round && (errors.Is(err, deskauth.ErrConflict) || errors.Is(err, deskauth.ErrUserNotFound))
			if err != nil && !lost {
				p.Errorf("DeleteUser by one and UpdateUser by others at once: got the error %v from goroutine %d, want nil; or of UpdateUser ErrConflict or ErrUserNotFound", err, i)
			}
		}
		p.noID(a.ID)
		p.noEmail(a.Email)
	}
}
