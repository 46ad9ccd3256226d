package storetest

import (
	"context"

	"github.com/deskauth/deskauth"
)

// A write is a call that changes something, if the database lets it.
type write struct {
	method string
	write  func(ctx context.Context) error
}

// abilityWrites returns a write of each ability that the store has. It creates the accounts
// that they need.
func (p *faultProbe) abilityWrites(name string, create func(deskauth.Account)) (all []write) {
	p.Helper()
	if deleter, ok := p.store.(deskauth.UserDeleter); ok {
		create(fullAccount(name + " to delete"))
		all = append(all, write{"DeleteUser", func(ctx context.Context) error {
			return deleter.DeleteUser(ctx, name+" to delete")
		}})
	}
	if purger, ok := p.store.(deskauth.IdlePurger); ok {
		create(guest(name+" to purge", sampleTime, sampleTime))
		all = append(all, write{"PurgeIdle", func(ctx context.Context) error {
			_, err := purger.PurgeIdle(ctx, deskauth.KindGuest, sampleTime.AddDate(0, 0, 1), 10)
			return err
		}})
	}
	if importer, ok := p.store.(deskauth.UserImporter); ok {
		batch := []deskauth.Account{fullAccount(name + " imported 1"), fullAccount(name + " imported 2")}
		all = append(all, write{"ImportUsers", func(ctx context.Context) error {
			_, err := importer.ImportUsers(ctx, batch, anyone)
			return err
		}})
	}
	return all
}

// writes returns a call of each method that writes: a CreateUser, and two UpdateUser of the
// account, of which one changes its Email.
func (p *faultProbe) writes(a deskauth.Account) []write {
	p.Helper()
	return append(p.abilityWrites("before", p.create),
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
