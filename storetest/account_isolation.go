package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var isolationClauses = []clause{{
	Name: "ReadYourWrites",
	Says: "Each method is atomic. Every look-up that begins after a write has returned sees that write, " +
		"whichever goroutine makes it.",
	Mend: "Read from the server that you write to, outside of long transactions. Let each write clear the cache.",
	Test: readYourWrites,
}, {
	Name: "AddressesChangeHands",
	Says: "Each method is atomic. UserByEmail finds the account that has the address, and no other, " +
		"while addresses change hands.",
	Mend: "Find an account by its address in one statement or under one lock. " +
		"An index that is read first may be out of date when the account is read.",
	Test: addressesChangeHands,
}, {
	Name: "StaysFound",
	Says: "An account that exists all the while is found all the while, by both keys.",
	Mend: "Change an account in place. If you must delete and insert, do it in one transaction or under one lock.",
	Test: staysFound,
}, {
	Name: "IndependentAccounts",
	Says: "ErrConflict concerns one account. Changes of different accounts do not fail because they meet.",
	Mend: "Keep no version of the whole store. Where the database reports busy, a deadlock or a failed transaction, " +
		"repeat the call.",
	Test: independentAccounts,
}, {
	Name: "CrossedAddresses",
	Says: "Two accounts that change to each other's address at once both get ErrUserExists.",
	Mend: "Two updates that wait for each other are a deadlock, which the database ends with an error: repeat the call.",
	Test: crossedAddresses,
}}

// readYourWrites tells the readers how far the writer is, and no reader may see less.
func readYourWrites(p *probe) {
	const n = 150
	var created, updated atomic.Int64
	first := revision(0)
	p.create(first)
	account := func(i int64) deskauth.Account { return bareAccount(fmt.Sprintf("new-%d", i)) }
	p.watch(func(turn func()) error {
		for i := range int64(n) {
			if err := p.store.CreateUser(p.ctx, account(i+1)); err != nil {
				return fmt.Errorf("CreateUser: %w", err)
			}
			created.Store(i + 1)
			if err := p.reviseInPlace(first, i); err != nil {
				return err
			}
			updated.Store(i + 1)
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for more := true; more; {
			more = writing()
			if i := created.Load(); i > 0 {
				if _, err := p.store.UserByID(p.ctx, account(i).ID); err != nil {
					return fmt.Errorf("UserByID after CreateUser has returned: got the error %w, want the account", err)
				}
			}
			for _, look := range p.lookUps(first) {
				want := updated.Load()
				got, err := look.up()
				if err != nil {
					return fmt.Errorf("%s: got the error %w, want the account", look, err)
				}
				if got.Version < want {
					return fmt.Errorf("%s after UpdateUser has returned: got Version %d, want %d or more",
						look, got.Version, want)
				}
			}
		}
		return nil
	})
}

// reviseInPlace makes the next revision after i of an account that keeps its Email.
func (p *probe) reviseInPlace(first deskauth.Account, i int64) error {
	next := revision(i + 1)
	next.Email, next.Version = first.Email, i
	if err := p.store.UpdateUser(p.ctx, next); err != nil {
		return fmt.Errorf("UpdateUser: %w", err)
	}
	return nil
}

// addressesChangeHands lets two accounts swap their addresses by way of a third.
func addressesChangeHands(p *probe) {
	const n = 60
	a, b := fullAccount("a"), otherAccount("b")
	p.create(a)
	p.create(b)
	addresses := []string{a.Email, b.Email, "third@example.com"}
	p.watch(func(turn func()) error {
		for range n {
			emailOfA, emailOfB := a.Email, b.Email
			for _, step := range []struct {
				of *deskauth.Account
				to string
			}{{&a, addresses[2]}, {&b, emailOfA}, {&a, emailOfB}} {
				step.of.Email = step.to
				if err := p.store.UpdateUser(p.ctx, *step.of); err != nil {
					return fmt.Errorf("UpdateUser of account %q to the free Email %q: %w", step.of.ID, step.to, err)
				}
				step.of.Version++
				turn()
			}
		}
		return nil
	}, func(writing func() bool) error {
		for writing() {
			for _, email := range addresses {
				got, err := p.store.UserByEmail(p.ctx, email)
				switch {
				case errors.Is(err, deskauth.ErrUserNotFound): // no account has it at the moment
				case err != nil:
					return fmt.Errorf("UserByEmail: %w", err)
				case got.Email != email:
					return fmt.Errorf("UserByEmail of %q: got account %q with Email %q, want one that has the address",
						email, got.ID, got.Email)
				}
			}
		}
		return nil
	})
	p.holds(a, b)
	p.noEmail(addresses[2])
}

func staysFound(p *probe) {
	const n = 200
	first := revision(0)
	p.create(first)
	p.watch(func(turn func()) error {
		for i := range int64(n) {
			if err := p.reviseInPlace(first, i); err != nil {
				return err
			}
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for more := true; more; {
			more = writing()
			for _, look := range p.lookUps(first) {
				if _, err := look.up(); err != nil {
					return fmt.Errorf(
						"%s while the account is updated and keeps its Email: got the error %w, "+
							"want the account",
						look, err)
				}
			}
		}
		return nil
	})
}

// independentAccounts lets each contender work on accounts of its own.
func independentAccounts(p *probe) {
	const each = 20
	errs := suite.Race(contenders, func(i int) error {
		for n := range each {
			a := fullAccount(fmt.Sprintf("%d-of-%d", n, i))
			if err := p.store.CreateUser(p.ctx, a); err != nil {
				return fmt.Errorf("CreateUser: %w", err)
			}
			changed := otherAccount(a.ID)
			if err := p.store.UpdateUser(p.ctx, changed); err != nil {
				return fmt.Errorf("UpdateUser: %w", err)
			}
			changed.Version = 1
			got, err := p.store.UserByEmail(p.ctx, changed.Email)
			if err != nil {
				return fmt.Errorf("UserByEmail: %w", err)
			}
			if d := differences(got, changed); d != nil {
				return fmt.Errorf("UserByEmail: %s", strings.Join(d, "; "))
			}
		}
		return nil
	})
	for i, err := range errs {
		if err != nil {
			p.Errorf("goroutine %d, which works on accounts of its own: got the error %v, want nil", i, err)
		}
	}
}

func crossedAddresses(p *probe) {
	for round := range rounds {
		a, b := fullAccount(fmt.Sprintf("a-%d", round)), fullAccount(fmt.Sprintf("b-%d", round))
		p.create(a)
		p.create(b)
		errs := suite.Race(contenders, func(i int) error {
			own, other := a, b
			if i%2 != 0 {
				own, other = b, a
			}
			own.Email = other.Email
			return p.store.UpdateUser(p.ctx, own)
		})
		for _, err := range errs {
			p.wraps(err, deskauth.ErrUserExists, "UpdateUser of two accounts to each other's Email")
		}
		p.holds(a, b)
	}
}
