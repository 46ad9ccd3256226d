package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
)

// tries is how often a method may fail after a fault is over: once for each connection of a
// pool that does not know yet that it is lost.
const tries = 20

// recovers checks that all methods work again, with the store as it is.
func (p *faultProbe) recovers(after string) {
	p.Helper()
	var a deskauth.Account
	p.works(after, "CreateUser", func(ctx context.Context, try int) error {
		a = fullAccount(fmt.Sprintf("after %s %d", after, try))
		return p.store.CreateUser(ctx, a)
	})
	for _, look := range p.lookUps(a) {
		p.works(after, look.method, func(context.Context, int) error {
			_, err := look.up()
			return err
		})
	}
	p.works(after, "UpdateUser", func(ctx context.Context, _ int) error {
		known, err := p.store.UserByID(ctx, a.ID) // an earlier try may have done its work
		if err != nil {
			return err
		}
		return p.store.UpdateUser(ctx, known)
	})
	if lister, ok := p.store.(deskauth.UserLister); ok {
		p.works(after, "ListUsers", func(ctx context.Context, _ int) error {
			_, err := lister.ListUsers(ctx, "", 10)
			return err
		})
	}
	for _, w := range p.abilities("after "+after, func(a deskauth.Account) {
		p.works(after, "CreateUser", func(ctx context.Context, try int) error {
			return done(try, p.store.CreateUser(ctx, a), deskauth.ErrUserExists)
		})
	}) {
		p.works(after, w.method, func(ctx context.Context, try int) error {
			return done(try, w.write(ctx), deskauth.ErrUserNotFound)
		})
	}
	// From many goroutines, which use up what is left of lost connections.
	for _, err := range race(func(int) (err error) {
		for range tries {
			if _, err = p.store.UserByID(p.ctx, a.ID); err == nil {
				return nil
			}
		}
		return err
	}) {
		if err != nil {
			p.Fatalf("UserByID by many goroutines after %s: got %d errors in a row, the last %q, want that the store recovers by itself", after, tries, err)
		}
	}
}

// done takes an outcome for success if an earlier try, whose answer was lost, may have been
// the cause.
func done(try int, err, outcome error) error {
	if try > 0 && errors.Is(err, outcome) {
		return nil
	}
	return err
}

// works checks that a method succeeds within a few tries.
func (p *faultProbe) works(after, method string, call func(ctx context.Context, try int) error) {
	p.Helper()
	var err error
	for try := range tries {
		if err = call(p.ctx, try); err == nil {
			return
		}
	}
	p.Fatalf("%s after %s: got %d errors in a row, the last %q, want that the store recovers by itself", method, after, tries, err)
}

// A lookUp is a look-up of one account by one of its keys.
type lookUp struct {
	method string
	up     func() (deskauth.Account, error)
}

func (p *probe) lookUps(a deskauth.Account) []lookUp {
	return []lookUp{
		{"UserByID", func() (deskauth.Account, error) { return p.store.UserByID(p.ctx, a.ID) }},
		{"UserByEmail", func() (deskauth.Account, error) { return p.store.UserByEmail(p.ctx, a.Email) }},
	}
}

// A write is a call that changes something, if the database lets it.
type write struct {
	method string
	write  func(ctx context.Context) error
}

// abilities returns a write of each ability that the store has, and creates the accounts for
// them.
func (p *faultProbe) abilities(name string, create func(deskauth.Account)) (all []write) {
	p.Helper()
	if deleter, ok := p.store.(deskauth.UserDeleter); ok {
		create(fullAccount(name + " to delete"))
		all = append(all, write{"DeleteUser", func(ctx context.Context) error { return deleter.DeleteUser(ctx, name+" to delete") }})
	}
	if purger, ok := p.store.(deskauth.IdlePurger); ok {
		create(guest(name+" to purge", sampleTime, sampleTime))
		all = append(all, write{"PurgeIdle", func(ctx context.Context) error {
			_, err := purger.PurgeIdle(ctx, deskauth.KindGuest, sampleTime.AddDate(0, 0, 1), 10)
			return err
		}})
	}
	if importer, ok := p.store.(deskauth.UserImporter); ok {
		all = append(all, write{"ImportUsers", func(ctx context.Context) error {
			_, err := importer.ImportUsers(ctx, []deskauth.Account{fullAccount(name + " imported 1"), fullAccount(name + " imported 2")})
			return err
		}})
	}
	return all
}
