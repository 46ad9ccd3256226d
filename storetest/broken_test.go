package storetest_test

import (
	"context"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A broken store breaks the clauses it is listed with, and each of them has to fail on it.
type broken struct {
	name    string
	clauses []string
	store   func() deskauth.UserStore
}

// faulty is a sound store with some of its methods replaced.
type faulty struct {
	*memstore.Store
	create, update func(context.Context, deskauth.Account) error
	byID, byEmail  func(ctx context.Context, key string) (deskauth.Account, error)
	seen           func(*deskauth.Account) // changes what a look-up found

	purge      func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error)
	deleteByID func(ctx context.Context, id string) error
	list       func(ctx context.Context, after string, limit int) ([]deskauth.Account, error)
	importAll  func(ctx context.Context, accounts []deskauth.Account) (int, error)
}

// faults returns a store that is sound as yet, to be given its faults.
func faults() *faulty { return &faulty{Store: memstore.New()} }

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

func (f *faulty) PurgeIdle(ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int) (int, error) {
	if f.purge != nil {
		return f.purge(ctx, kind, idleSince, limit)
	}
	return f.Store.PurgeIdle(ctx, kind, idleSince, limit)
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

func (f *faulty) ImportUsers(ctx context.Context, accounts []deskauth.Account) (int, error) {
	if f.importAll != nil {
		return f.importAll(ctx, accounts)
	}
	return f.Store.ImportUsers(ctx, accounts)
}

func (f *faulty) look(ctx context.Context, find func(context.Context, string) (deskauth.Account, error), key string) (deskauth.Account, error) {
	a, err := find(ctx, key)
	if err == nil && f.seen != nil {
		f.seen(&a)
	}
	return a, err
}

// onWrite is a store that changes what it is given.
func onWrite(change func(*deskauth.Account)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
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

// onRead is a store that changes what it found.
func onRead(change func(*deskauth.Account)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.seen = change
		return f
	}
}

// onErrors is a store that changes the errors of all methods.
func onErrors(change func(context.Context, error) error) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error { return change(ctx, f.Store.CreateUser(ctx, a)) }
		f.update = func(ctx context.Context, a deskauth.Account) error { return change(ctx, f.Store.UpdateUser(ctx, a)) }
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			a, err := f.Store.UserByID(ctx, id)
			return a, change(ctx, err)
		}
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			a, err := f.Store.UserByEmail(ctx, email)
			return a, change(ctx, err)
		}
		return f
	}
}

// A table is what a faulty store remembers besides the accounts. It is safe for
// concurrent use, so that -race finds nothing in stores that are broken otherwise.
type table[V any] struct{ m sync.Map }

func (t *table[V]) set(key string, v V) { t.m.Store(key, v) }
func (t *table[V]) drop(key string)     { t.m.Delete(key) }

// at returns the zero value for a key that was not set.
func (t *table[V]) at(key string) (v V, ok bool) {
	got, ok := t.m.Load(key)
	if ok {
		v = got.(V)
	}
	return v, ok
}
