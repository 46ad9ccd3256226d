package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// A probe runs the test of one clause on a store. It lives as long as the clause, and so
// does its context. Its methods call the store and report what breaks the contract. Most of
// them may end the test, so a goroutine of a test calls the store itself and returns its
// findings as an error.
type probe struct {
	*testing.T
	ctx      context.Context
	store    deskauth.UserStore
	newStore func(t *testing.T) deskauth.UserStore
	made     int // accounts with generated IDs
}

// create stores a new account, which must succeed.
func (p *probe) create(a deskauth.Account) {
	p.Helper()
	if err := p.store.CreateUser(p.ctx, a); err != nil {
		p.Fatalf("CreateUser of the new account %q with Email %q: got the error %v, want nil",
			suite.Short(a.ID), suite.Short(a.Email), err)
	}
}

// update replaces an account, which must succeed, and returns the account as the store must
// have it now.
func (p *probe) update(a deskauth.Account) deskauth.Account {
	p.Helper()
	if err := p.store.UpdateUser(p.ctx, a); err != nil {
		p.Fatalf("UpdateUser of account %q with its stored Version %d and Email %q: got the error %v, want nil",
			suite.Short(a.ID), a.Version, suite.Short(a.Email), err)
	}
	a.Version++
	return a
}

func (p *probe) createFails(a deskauth.Account, want error) {
	p.Helper()
	err := p.store.CreateUser(p.ctx, a)
	p.wraps(err, want, "CreateUser of account "+suite.Quote(a.ID)+" with Email "+suite.Quote(a.Email))
}

func (p *probe) updateFails(a deskauth.Account, want error) {
	p.Helper()
	err := p.store.UpdateUser(p.ctx, a)
	p.wraps(err, want, "UpdateUser of account "+suite.Quote(a.ID)+" with Email "+suite.Quote(a.Email))
}

// noID checks that no account has the ID.
func (p *probe) noID(id string) {
	p.Helper()
	_, err := p.store.UserByID(p.ctx, id)
	p.wraps(err, deskauth.ErrUserNotFound, "UserByID of "+suite.Quote(id)+", which no account has")
}

// noEmail checks that no account has the address.
func (p *probe) noEmail(email string) {
	p.Helper()
	_, err := p.store.UserByEmail(p.ctx, email)
	p.wraps(err, deskauth.ErrUserNotFound, "UserByEmail of "+suite.Quote(email)+", which no account has")
}

// holds checks that the store has these accounts, under both keys and with every field.
func (p *probe) holds(accounts ...deskauth.Account) {
	p.Helper()
	for _, want := range accounts {
		for _, look := range p.lookUps(want) {
			if look.method == "UserByEmail" && want.Email == "" {
				continue
			}
			got, err := look.up()
			p.same(look.String(), got, want, err)
		}
	}
}

// A lookUp finds an account by one of its keys.
type lookUp struct {
	method string
	key    string
	up     func() (deskauth.Account, error)
}

func (l lookUp) String() string { return l.method + " of " + suite.Quote(l.key) }

func (p *probe) lookUps(a deskauth.Account) []lookUp {
	return []lookUp{
		{"UserByID", a.ID, func() (deskauth.Account, error) { return p.store.UserByID(p.ctx, a.ID) }},
		{"UserByEmail", a.Email, func() (deskauth.Account, error) { return p.store.UserByEmail(p.ctx, a.Email) }},
	}
}

// same checks what a call returned for the account that it must find.
func (p *probe) same(call string, got, want deskauth.Account, err error) {
	p.Helper()
	if err != nil {
		p.Errorf("%s: got the error %v, want account %s", call, err, suite.Quote(want.ID))
		return
	}
	for _, d := range differences(got, want) {
		p.Errorf("%s: %s", call, d)
	}
}

// sentinels are the outcomes that a caller tells apart.
var sentinels = []error{deskauth.ErrUserNotFound, deskauth.ErrUserExists, deskauth.ErrConflict}

// wraps checks that the error of a call wraps want, and no other outcome.
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
	return "the error " + suite.Quote(err.Error())
}

// isFailure checks that a call returned an error which says that the store failed, and no
// outcome.
func (p *probe) isFailure(err error, call string) {
	p.Helper()
	if err := notFailure(err, call); err != nil {
		p.Error(err)
	}
}

// notFailure returns what is wrong with the error of a call that must fail, or nil.
func notFailure(err error, call string) error {
	if err == nil {
		return fmt.Errorf("%s: got no error, want one", call)
	}
	for _, s := range sentinels {
		if errors.Is(err, s) {
			return fmt.Errorf("%s: got %s, which wraps %q; want an error that wraps no outcome, because none is known",
				call, describe(err), s)
		}
	}
	return nil
}
