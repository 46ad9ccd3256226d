package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

var isolationClauses = []clause{{
	name: "ReadYourWrites",
	says: "each method is atomic: what a write did is seen by every look-up that begins after it returned, whoever makes it",
	mend: "read from the server that is written, outside of long transactions, and with no cache that a write does not clear",
	test: readYourWrites,
}, {
	name: "AddressesChangeHands",
	says: "each method is atomic: UserByEmail finds the account that has the address, and no other while addresses change hands",
	mend: "find an account by its address in one statement or under one lock: an index that is read first may be old when the account is",
	test: addressesChangeHands,
}, {
	name: "StaysFound",
	says: "an account that is there all the while is found all the while, by both keys",
	mend: "change an account in place: who deletes it and its keys, and then writes them anew, must do so in one transaction or under one lock",
	test: staysFound,
}, {
	name: "OthersAreNotInTheWay",
	says: "ErrConflict is of one account: changes of different accounts do not fail because they meet",
	mend: "no version of the whole store; what the database reports as busy, a deadlock or a failed transaction is done again",
	test: othersAreNotInTheWay,
}, {
	name: "CrossedAddresses",
	says: "two accounts that want each other's address at once both get ErrUserExists",
	mend: "two updates that wait for each other are a deadlock, which the database ends with an error: do it again",
	test: crossedAddresses,
}}

// readYourWrites lets readers know how far the writer is, and none may see less.
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
			next := revision(i + 1)
			next.Email, next.Version = first.Email, i
			if err := p.store.UpdateUser(p.ctx, next); err != nil {
				return fmt.Errorf("UpdateUser: %w", err)
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
			for _, find := range []func() (deskauth.Account, error){
				func() (deskauth.Account, error) { return p.store.UserByID(p.ctx, first.ID) },
				func() (deskauth.Account, error) { return p.store.UserByEmail(p.ctx, first.Email) },
			} {
				want := updated.Load()
				got, err := find()
				if err != nil {
					return fmt.Errorf("a look-up: got the error %w, want the account", err)
				}
				if got.Version < want {
					return fmt.Errorf("a look-up after UpdateUser has returned: got Version %d, want %d or more", got.Version, want)
				}
			}
		}
		return nil
	})
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
			mine, yours := a.Email, b.Email
			for _, step := range []struct {
				of *deskauth.Account
				to string
			}{{&a, addresses[2]}, {&b, mine}, {&a, yours}} {
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
				case errors.Is(err, deskauth.ErrUserNotFound): // it is in nobody's hands now
				case err != nil:
					return fmt.Errorf("UserByEmail: %w", err)
				case got.Email != email:
					return fmt.Errorf("UserByEmail of %q: got account %q with Email %q, want one that has the address", email, got.ID, got.Email)
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
			next := revision(i + 1)
			next.Email, next.Version = first.Email, i
			if err := p.store.UpdateUser(p.ctx, next); err != nil {
				return fmt.Errorf("UpdateUser: %w", err)
			}
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for more := true; more; {
			more = writing()
			if _, err := p.store.UserByID(p.ctx, first.ID); err != nil {
				return fmt.Errorf("UserByID while the account is updated: got the error %w, want the account", err)
			}
			if _, err := p.store.UserByEmail(p.ctx, first.Email); err != nil {
				return fmt.Errorf("UserByEmail while the account is updated, and keeps its Email: got the error %w, want the account", err)
			}
		}
		return nil
	})
}

// othersAreNotInTheWay lets each contender work on accounts of its own.
func othersAreNotInTheWay(p *probe) {
	const each = 20
	for i, err := range race(func(i int) error {
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
	}) {
		if err != nil {
			p.Errorf("goroutine %d, which works on accounts of its own: %v", i, err)
		}
	}
}

func crossedAddresses(p *probe) {
	for round := range rounds {
		a, b := fullAccount(fmt.Sprintf("a-%d", round)), fullAccount(fmt.Sprintf("b-%d", round))
		p.create(a)
		p.create(b)
		for _, err := range race(func(i int) error {
			mine, yours := a, b
			if i%2 != 0 {
				mine, yours = b, a
			}
			mine.Email = yours.Email
			return p.store.UpdateUser(p.ctx, mine)
		}) {
			p.wraps(err, deskauth.ErrUserExists, "UpdateUser to an address that is another account's, which wants this one's")
		}
		p.holds(a, b)
	}
}
