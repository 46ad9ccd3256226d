package storetest_test

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
	"github.com/deskauth/deskauth/memstore"
)

type maker = func() deskauth.UserStore

// A broken store breaks the clauses that it lists. Each of them must fail on it.
type broken struct {
	name     string
	clauses  []string
	newStore maker
}

func (b broken) listing() bite.Listing { return bite.Listing{Name: b.name, Clauses: b.clauses} }

type finder = func(ctx context.Context, key string) (deskauth.Account, error)

// A faulty store is a sound one with some of its methods replaced.
type faulty struct {
	*memstore.Store
	create, update func(context.Context, deskauth.Account) error
	byID, byEmail  finder
	seen           func(*deskauth.Account) // changes what a look-up found

	purge      func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error)
	activity   func(ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error)
	deleteByID func(ctx context.Context, id string) error
	list       func(ctx context.Context, after string, limit int) ([]deskauth.Account, error)
	importAll  func(ctx context.Context, accounts []deskauth.Account) (int, error) // that no check refuses
	imports    func(context.Context, []deskauth.Account, checker) (deskauth.ImportResult, error)
}

type checker = func(deskauth.Account) error

// newFaulty returns a store that is still sound, and is to be given its faults.
func newFaulty() *faulty { return &faulty{Store: memstore.New()} }

func (f *faulty) CreateUser(ctx context.Context, a deskauth.Account) error {
	if f.create != nil {
		return f.create(ctx, a)
	}
	return f.Store.CreateUser(ctx, a)
}

func (f *faulty) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if f.update != nil {
		return f.update(ctx, a)
	}
	return f.Store.UpdateUser(ctx, a)
}

func (f *faulty) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	find := f.Store.UserByID
	if f.byID != nil {
		find = f.byID
	}
	return f.look(ctx, find, id)
}

func (f *faulty) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	find := f.Store.UserByEmail
	if f.byEmail != nil {
		find = f.byEmail
	}
	return f.look(ctx, find, email)
}

func (f *faulty) look(ctx context.Context, find finder, key string) (deskauth.Account, error) {
	a, err := find(ctx, key)
	if err == nil && f.seen != nil {
		f.seen(&a)
	}
	return a, err
}

func (f *faulty) PurgeIdle(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
	if f.purge != nil {
		return f.purge(ctx, kind, since, limit)
	}
	return f.Store.PurgeIdle(ctx, kind, since, limit)
}

func (f *faulty) LastActivity(ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
	if f.activity != nil {
		return f.activity(ctx, kind, notAfter)
	}
	return f.Store.LastActivity(ctx, kind, notAfter)
}

func (f *faulty) DeleteUser(ctx context.Context, id string) error {
	if f.deleteByID != nil {
		return f.deleteByID(ctx, id)
	}
	return f.Store.DeleteUser(ctx, id)
}

func (f *faulty) ListUsers(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
	if f.list != nil {
		return f.list(ctx, after, limit)
	}
	return f.Store.ListUsers(ctx, after, limit)
}

func (f *faulty) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check checker,
) (result deskauth.ImportResult, err error) {
	switch {
	case f.imports != nil:
		return f.imports(ctx, accounts, check)
	case f.importAll == nil:
		return f.Store.ImportUsers(ctx, accounts, check)
	}
	good := result.Screen(accounts, check)
	result.Created, err = f.importAll(ctx, good)
	return result, err
}

// importUnchecked is the sound import of accounts that were checked before.
func (f *faulty) importUnchecked(ctx context.Context, accounts []deskauth.Account) (int, error) {
	result, err := f.Store.ImportUsers(ctx, accounts, func(deskauth.Account) error { return nil })
	return result.Created, err
}

// onWrite makes stores that change what they are given.
func onWrite(change func(*deskauth.Account)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			change(&a)
			return f.Store.CreateUser(ctx, a)
		}
		f.update = func(ctx context.Context, a deskauth.Account) error {
			change(&a)
			return f.Store.UpdateUser(ctx, a)
		}
		return f
	}
}

// onRead makes stores that change what they found.
func onRead(change func(*deskauth.Account)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.seen = change
		return f
	}
}

// onCreate makes stores with another CreateUser.
func onCreate(create func(f *faulty, ctx context.Context, a deskauth.Account) error) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.create = func(ctx context.Context, a deskauth.Account) error { return create(f, ctx, a) }
		return f
	}
}

// onUpdate makes stores with another UpdateUser.
func onUpdate(update func(f *faulty, ctx context.Context, a deskauth.Account) error) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.update = func(ctx context.Context, a deskauth.Account) error { return update(f, ctx, a) }
		return f
	}
}

// onErrors makes stores that change the errors of the four methods.
func onErrors(change func(context.Context, error) error) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			return change(ctx, f.Store.CreateUser(ctx, a))
		}
		f.update = func(ctx context.Context, a deskauth.Account) error {
			return change(ctx, f.Store.UpdateUser(ctx, a))
		}
		changed := func(find finder) finder {
			return func(ctx context.Context, key string) (deskauth.Account, error) {
				a, err := find(ctx, key)
				return a, change(ctx, err)
			}
		}
		f.byID, f.byEmail = changed(f.Store.UserByID), changed(f.Store.UserByEmail)
		return f
	}
}

// pause lets other goroutines go on, as a statement on its way to a database does.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(200 * time.Microsecond):
	}
}
