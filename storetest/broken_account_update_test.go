package storetest_test

import (
	"cmp"
	"context"
	"errors"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenUpdates go wrong in UpdateUser.
var brokenUpdates = []broken{
	{"keeps what an update empties", []string{"UpdateUser/ReplacesEveryField", "UpdateUser/EmailSetAndCleared"},
		onUpdate(merges)},
	{"updates all accounts", []string{"UpdateUser/OnlyThatAccount"}, updatesAll},
	{"does not raise the Version", []string{"UpdateUser/CountsVersions"}, doesNotRaiseVersion},
	{"does not compare versions", []string{"UpdateUser/OtherVersion", "UpdateUser/OneWinner", "UpdateUser/NoLostUpdate"},
		onUpdate(doesNotCompare)},
	{"refuses only lower versions", []string{"UpdateUser/OtherVersion"}, onUpdate(refusesOnlyLower)},
	{"writes the address before it compares", []string{"UpdateUser/OtherVersion"}, onUpdate(writesEmailFirst)},
	{"creates what is missing", []string{"UpdateUser/UnknownAccount"}, onUpdate(createsMissing)},
	{"returns ErrConflict for a missing account", []string{"UpdateUser/UnknownAccount"},
		onUpdate(answers(deskauth.ErrUserNotFound, deskauth.ErrConflict))},
	{"returns no error for a missing account", []string{"UpdateUser/UnknownAccount"},
		onUpdate(answers(deskauth.ErrUserNotFound, nil))},
	{"always returns ErrConflict", []string{"UpdateUser/NoLostUpdate"},
		onUpdate(func(*faulty, context.Context, deskauth.Account) error { return deskauth.ErrConflict })},
	{"looks before it updates", []string{"UpdateUser/OneWinner", "UpdateUser/NoLostUpdate"}, onUpdate(looksFirst)},
	{"looks before many update", []string{"UpdateUser/ManyWriters"}, onUpdate(looksFirst)},
}

// answers returns wrong where UpdateUser should return right.
func answers(right, wrong error) func(*faulty, context.Context, deskauth.Account) error {
	return func(f *faulty, ctx context.Context, a deskauth.Account) error {
		err := f.Store.UpdateUser(ctx, a)
		if errors.Is(err, right) {
			return wrong
		}
		return err
	}
}

// merges skips zero values, as mappers of structs to columns do.
func merges(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, _ := f.Store.UserByID(ctx, a.ID)
	a.Email = cmp.Or(a.Email, old.Email)
	a.PasswordHash = cmp.Or(a.PasswordHash, old.PasswordHash)
	a.Disabled = a.Disabled || old.Disabled
	return f.Store.UpdateUser(ctx, a)
}

func updatesAll() deskauth.UserStore {
	var last bite.Table[string]
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		err := f.Store.UpdateUser(ctx, a)
		if err == nil {
			last.Set("", a.FirstName)
		}
		return err
	}
	f.seen = func(a *deskauth.Account) {
		if name, ok := last.At(""); ok {
			a.FirstName = name
		}
	}
	return f
}

func doesNotRaiseVersion() deskauth.UserStore {
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error { return doesNotCompare(f, ctx, a) }
	f.seen = func(a *deskauth.Account) { a.Version = 0 }
	return f
}

func doesNotCompare(f *faulty, ctx context.Context, a deskauth.Account) error {
	for {
		old, err := f.Store.UserByID(ctx, a.ID)
		if err != nil {
			return err
		}
		a.Version = old.Version
		if err := f.Store.UpdateUser(ctx, a); !errors.Is(err, deskauth.ErrConflict) {
			return err
		}
	}
}

func refusesOnlyLower(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err == nil && a.Version > old.Version {
		a.Version = old.Version
	}
	return f.Store.UpdateUser(ctx, a)
}

func writesEmailFirst(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.UpdateUser(ctx, a)
	if errors.Is(err, deskauth.ErrConflict) {
		old, _ := f.Store.UserByID(ctx, a.ID)
		old.Email = a.Email
		_ = f.Store.UpdateUser(ctx, old)
	}
	return err
}

func createsMissing(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.UpdateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserNotFound) {
		return f.Store.CreateUser(ctx, a)
	}
	return err
}

func looksFirst(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err == nil && old.Version != a.Version {
		return deskauth.ErrConflict
	}
	pause(ctx)
	return doesNotCompare(f, ctx, a)
}
