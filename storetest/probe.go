package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
)

// A probe is the test of one clause at work on a store. Its methods call the store and
// report what breaks the contract. Most of them may end the test, so goroutines that a
// test starts call the store themselves and hand back errors.
type probe struct {
	*testing.T
	ctx      context.Context
	store    deskauth.UserStore
	newStore func(t *testing.T) deskauth.UserStore
	made     int // accounts with made-up IDs
}

// create stores an account that nothing stands in the way of.
func (p *probe) create(a deskauth.Account) {
	p.Helper()
	if err := p.store.CreateUser(p.ctx, a); err != nil {
		p.Fatalf("CreateUser of the new account %q with Email %q: got the error %v, want nil", short(a.ID), short(a.Email), err)
	}
}

// update replaces an account that nothing stands in the way of, and returns it as it has
// to be stored.
func (p *probe) update(a deskauth.Account) deskauth.Account {
	p.Helper()
	if err := p.store.UpdateUser(p.ctx, a); err != nil {
		p.Fatalf("UpdateUser of account %q with its stored Version %d and Email %q: got the error %v, want nil", short(a.ID), a.Version, short(a.Email), err)
	}
	a.Version++
	return a
}

func (p *probe) createFails(a deskauth.Account, want error) {
	p.Helper()
	err := p.store.CreateUser(p.ctx, a)
	p.wraps(err, want, "CreateUser of account "+quote(a.ID)+" with Email "+quote(a.Email))
}

func (p *probe) updateFails(a deskauth.Account, want error) {
	p.Helper()
	err := p.store.UpdateUser(p.ctx, a)
	p.wraps(err, want, "UpdateUser of account "+quote(a.ID)+" with Email "+quote(a.Email))
}

// noID checks that no account has the ID.
func (p *probe) noID(id string) {
	p.Helper()
	_, err := p.store.UserByID(p.ctx, id)
	p.wraps(err, deskauth.ErrUserNotFound, "UserByID of "+quote(id)+", which no account has")
}

// noEmail checks that no account has the address.
func (p *probe) noEmail(email string) {
	p.Helper()
	_, err := p.store.UserByEmail(p.ctx, email)
	p.wraps(err, deskauth.ErrUserNotFound, "UserByEmail of "+quote(email)+", which no account has")
}

// holds checks that the store has these accounts, by both keys and with every field.
func (p *probe) holds(accounts ...deskauth.Account) {
	p.Helper()
	for _, want := range accounts {
		got, err := p.store.UserByID(p.ctx, want.ID)
		p.same("UserByID of "+quote(want.ID), got, want, err)
		if want.Email == "" {
			continue
		}
		got, err = p.store.UserByEmail(p.ctx, want.Email)
		p.same("UserByEmail of "+quote(want.Email), got, want, err)
	}
}

func (p *probe) same(call string, got, want deskauth.Account, err error) {
	p.Helper()
	if err != nil {
		p.Errorf("%s: got the error %v, want account %s", call, err, quote(want.ID))
		return
	}
	for _, d := range differences(got, want) {
		p.Errorf("%s: %s", call, d)
	}
}

// sentinels are the outcomes that a caller tells apart.
var sentinels = []error{deskauth.ErrUserNotFound, deskauth.ErrUserExists, deskauth.ErrConflict}

// wraps checks that an error wraps the one that is wanted, and no outcome besides it.
func (p *probe) wraps(err, want error, call string) {
	p.Helper()
	if !errors.Is(err, want) {
		p.Errorf("%s: got %s, want an error that wraps %q (errors.Is finds it)", call, describe(err), want)
	}
	for _, s := range sentinels {
		if s != want && errors.Is(err, s) {
			p.Errorf("%s: got %s, which also wraps %q; want one outcome", call, describe(err), s)
		}
	}
}

func describe(err error) string {
	if err == nil {
		return "no error"
	}
	return "the error " + quote(err.Error())
}

// contenders is how many goroutines race for what one of them can have.
const contenders = 16

// race calls f from all contenders at the same moment and returns what they got.
func race(f func(i int) error) []error {
	var (
		errs  = make([]error, contenders)
		start = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range errs {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWinner checks that one contender succeeded and the others wrap the loser's error. It
// returns the winner's number.
func (p *probe) oneWinner(call string, errs []error, loser error) int {
	p.Helper()
	winners := 0
	winner := -1
	for i, err := range errs {
		if err == nil {
			winners++
			winner = i
			continue
		}
		p.wraps(err, loser, call)
	}
	if winners != 1 {
		p.Fatalf("%s by %d goroutines at once: %d succeeded, want 1", call, len(errs), winners)
	}
	return winner
}
