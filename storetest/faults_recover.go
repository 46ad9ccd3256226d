package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// tries is how often a method may fail after a fault is over: once for each connection of a
// pool that does not know yet that the connection is lost.
const tries = 20

// recovers checks that all methods work again, on the same store.
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
		current, err := p.store.UserByID(ctx, a.ID) // an earlier try may have done its work
		if err != nil {
			return err
		}
		return p.store.UpdateUser(ctx, current)
	})
	if lister, ok := p.store.(deskauth.UserLister); ok {
		p.works(after, "ListUsers", func(ctx context.Context, _ int) error {
			_, err := lister.ListUsers(ctx, "", 10)
			return err
		})
	}
	create := func(a deskauth.Account) {
		p.works(after, "CreateUser", func(ctx context.Context, try int) error {
			return unlessDone(try, p.store.CreateUser(ctx, a), deskauth.ErrUserExists)
		})
	}
	for _, w := range p.abilityWrites("after "+after, create) {
		p.works(after, w.method, func(ctx context.Context, try int) error {
			return unlessDone(try, w.write(ctx), deskauth.ErrUserNotFound)
		})
	}
	// Many goroutines use up what is left of lost connections.
	errs := suite.Race(contenders, func(int) error {
		return p.repeat(func(ctx context.Context, _ int) error {
			_, err := p.store.UserByID(ctx, a.ID)
			return err
		})
	})
	for _, err := range errs {
		p.hasRecovered(err, after, "UserByID by many goroutines")
	}
}

// unlessDone returns the error of a try, but nil for an outcome that shows that an earlier
// try, whose answer was lost, did the work.
func unlessDone(try int, err, outcome error) error {
	if try > 0 && errors.Is(err, outcome) {
		return nil
	}
	return err
}

// works checks that a method succeeds within a number of tries.
func (p *faultProbe) works(after, method string, call func(ctx context.Context, try int) error) {
	p.Helper()
	p.hasRecovered(p.repeat(call), after, method)
}

// repeat makes a call until it succeeds, and returns the error of the last try.
func (p *faultProbe) repeat(call func(ctx context.Context, try int) error) (err error) {
	for try := range tries {
		err = call(p.ctx, try)
		if err == nil {
			return nil
		}
	}
	return err
}

func (p *faultProbe) hasRecovered(err error, after, method string) {
	p.Helper()
	if err != nil {
		p.Fatalf("%s after %s: got %d errors in a row, the last %q, want that the store recovers by itself",
			method, after, tries, err)
	}
}
