package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenIsolation are sound as long as one caller waits for the other.
var brokenIsolation = []broken{
	{"writes an account, then its index", []string{"Atomic/CreateWhileReading", "Context/EndsMidway"}, indexesLate},
	{"reads in two steps", []string{"Atomic/UpdateWhileReading"}, readsInTwoSteps},
	{"reads from a replica that lags", []string{"Isolation/ReadYourWrites"}, lags},
	{"looks an address up in two steps", []string{"Isolation/AddressesChangeHands"}, looksUpInTwoSteps},
	{"deletes and creates to update", []string{"Isolation/StaysFound"}, replaces},
	{"has one version for all accounts", []string{"Isolation/IndependentAccounts"},
		failsWhenUpdatesMeet(deskauth.ErrConflict)},
	{"reports deadlocks",
		[]string{"Isolation/CrossedAddresses", "UpdateUser/OneWinnerOfAnEmail", "UpdateUser/ManyWriters"},
		failsWhenUpdatesMeet(errDeadlock)},
}

var errDeadlock = errors.New("deadlock detected")

func indexesLate() deskauth.UserStore {
	var pending bite.Table[bool]
	f := newFaulty()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		pending.Set(a.Email, true)
		if err := f.Store.CreateUser(ctx, a); err != nil {
			return err
		}
		pause(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pending.Drop(a.Email)
		return nil
	}
	f.byEmail = unlessMarked(f, &pending)
	return f
}

// unlessMarked is a UserByEmail that finds no address that is in the table.
func unlessMarked(f *faulty, marked *bite.Table[bool]) finder {
	return func(ctx context.Context, email string) (deskauth.Account, error) {
		if _, ok := marked.At(email); ok {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return f.Store.UserByEmail(ctx, email)
	}
}

// readsInTwoSteps takes the names from a second look-up.
func readsInTwoSteps() deskauth.UserStore {
	f := newFaulty()
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		a, err := f.Store.UserByID(ctx, id)
		if err != nil {
			return a, err
		}
		pause(ctx)
		b, err := f.Store.UserByID(ctx, id)
		a.FirstName, a.LastName = b.FirstName, b.LastName
		return a, err
	}
	return f
}

func looksUpInTwoSteps() deskauth.UserStore {
	f := newFaulty()
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		a, err := f.Store.UserByEmail(ctx, email)
		if err != nil {
			return a, err
		}
		pause(ctx)
		return f.Store.UserByID(ctx, a.ID)
	}
	return f
}

// lags shows an account as it was before its last update, in every other look-up.
func lags() deskauth.UserStore {
	var before bite.Table[deskauth.Account]
	var looks atomic.Int64
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		old, _ := f.Store.UserByID(ctx, a.ID)
		err := f.Store.UpdateUser(ctx, a)
		if err == nil {
			before.Set(a.ID, old)
		}
		return err
	}
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		if old, ok := before.At(id); ok && looks.Add(1)%2 == 0 {
			return old, nil
		}
		return f.Store.UserByID(ctx, id)
	}
	return f
}

// replaces has no account for a moment of each update.
func replaces() deskauth.UserStore {
	var replacing bite.Table[bool]
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		replacing.Set(a.Email, true)
		defer replacing.Drop(a.Email)
		pause(ctx)
		return f.Store.UpdateUser(ctx, a)
	}
	f.byEmail = unlessMarked(f, &replacing)
	return f
}

// alone does the work, or fails if another call is at work.
func alone(ctx context.Context, inside *atomic.Int64, failure error, work func() error) error {
	defer inside.Add(-1)
	if inside.Add(1) > 1 {
		return failure
	}
	pause(ctx)
	return work()
}

// failsWhenUpdatesMeet makes stores whose updates fail when two of them overlap.
func failsWhenUpdatesMeet(failure error) maker {
	return func() deskauth.UserStore {
		var inside atomic.Int64
		return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return alone(ctx, &inside, failure, func() error { return f.Store.UpdateUser(ctx, a) })
		})()
	}
}
