package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

// brokenRaces are sound while one caller waits for the other.
var brokenRaces = []broken{
	{"reads from a replica that lags", []string{"Isolation/ReadYourWrites"}, lags},
	{"looks an address up in two steps", []string{"Isolation/AddressesChangeHands"}, func() deskauth.UserStore {
		f := faults()
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			a, err := f.Store.UserByEmail(ctx, email)
			if err != nil {
				return a, err
			}
			pause(ctx)
			return f.Store.UserByID(ctx, a.ID)
		}
		return f
	}},
	{"deletes and creates to update", []string{"Isolation/StaysFound"}, replaces},
	{"has one version for all", []string{"Isolation/OthersAreNotInTheWay"}, failsWhenMet(deskauth.ErrConflict)},
	{"reports deadlocks", []string{"Isolation/CrossedAddresses", "UpdateUser/OneWinnerOfAnEmail", "UpdateUser/ManyWriters"}, failsWhenMet(errors.New("deadlock detected"))},
	{"looks whether an address is free", []string{"UpdateUser/OneWinnerOfAnEmail"}, onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if holder, err := f.Store.UserByEmail(ctx, a.Email); err == nil && holder.ID != a.ID {
			return deskauth.ErrUserExists
		}
		pause(ctx)
		return updatesUnlessTaken(f, ctx, a)
	})},
	{"looks before many update", []string{"UpdateUser/ManyWriters"}, onUpdate(looksFirst)},

	{"says interrupted in UpdateUser", []string{"Context/UpdateEndsMidway"}, onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if pause(ctx); ctx.Err() != nil {
			return errors.New("interrupted (9)")
		}
		return f.Store.UpdateUser(ctx, a)
	})},
	{"writes names, then the rest", []string{"Context/UpdateEndsMidway"}, onUpdate(updatesNamesFirst)},
	{"keeps a lock when it is interrupted", []string{"Context/UpdateEndsMidway"}, keepsItsLock},
	{"swallows the end of a context in UpdateUser", []string{"Context/UpdateEndsMidway"}, onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if pause(ctx); ctx.Err() != nil {
			return nil
		}
		return f.Store.UpdateUser(ctx, a)
	})},
}

// lags shows an account as it was before its last update every other time.
func lags() deskauth.UserStore {
	var before table[deskauth.Account]
	var looks atomic.Int64
	f := faults()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		old, _ := f.Store.UserByID(ctx, a.ID)
		err := f.Store.UpdateUser(ctx, a)
		if err == nil {
			before.set(a.ID, old)
		}
		return err
	}
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		if old, ok := before.at(id); ok && looks.Add(1)%2 == 0 {
			return old, nil
		}
		return f.Store.UserByID(ctx, id)
	}
	return f
}

// replaces has no account for a moment of each update.
func replaces() deskauth.UserStore {
	var replacing table[bool]
	f := faults()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		replacing.set(a.Email, true)
		defer replacing.drop(a.Email)
		pause(ctx)
		return f.Store.UpdateUser(ctx, a)
	}
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		if _, ok := replacing.at(email); ok {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return f.Store.UserByEmail(ctx, email)
	}
	return f
}

// meets calls work, unless another call is at work.
func meets(ctx context.Context, inside *atomic.Int64, failure error, work func() error) error {
	defer inside.Add(-1)
	if inside.Add(1) > 1 {
		return failure
	}
	pause(ctx)
	return work()
}

// failsWhenMet is a store whose updates fail when two overlap.
func failsWhenMet(failure error) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		var inside atomic.Int64
		f := faults()
		f.update = func(ctx context.Context, a deskauth.Account) error {
			return meets(ctx, &inside, failure, func() error { return f.Store.UpdateUser(ctx, a) })
		}
		return f
	}
}

func failsWhenImportsMeet() deskauth.UserStore {
	var inside atomic.Int64
	f := faults()
	f.importAll = func(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
		err = meets(ctx, &inside, errors.New("deadlock detected"), func() (err error) {
			created, err = f.Store.ImportUsers(ctx, accounts)
			return err
		})
		return created, err
	}
	return f
}

// updatesUnlessTaken drops an address that was free a moment ago.
func updatesUnlessTaken(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.UpdateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserExists) {
		a.Email = ""
		return f.Store.UpdateUser(ctx, a)
	}
	return err
}

func updatesNamesFirst(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err != nil || old.Version != a.Version {
		return f.Store.UpdateUser(ctx, a)
	}
	first := old
	first.FirstName, first.LastName = a.FirstName, a.LastName
	if err := f.Store.UpdateUser(ctx, first); err != nil {
		return err
	}
	if pause(ctx); ctx.Err() != nil {
		return ctx.Err()
	}
	a.Version++
	return f.Store.UpdateUser(ctx, a)
}

func keepsItsLock() deskauth.UserStore {
	var locked table[bool]
	return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if _, ok := locked.at(a.ID); ok {
			return errors.New("lock wait timeout exceeded")
		}
		if pause(ctx); ctx.Err() != nil {
			locked.set(a.ID, true)
			return ctx.Err()
		}
		return f.Store.UpdateUser(ctx, a)
	})()
}
