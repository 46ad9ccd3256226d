package storetest_test

import (
	"cmp"
	"context"
	"errors"

	"github.com/deskauth/deskauth"
)

// brokenUpdates go wrong in UpdateUser.
var brokenUpdates = []broken{
	{"keeps what an update empties", []string{"UpdateUser/ReplacesEveryField", "UpdateUser/EmailSetAndCleared"}, merges},
	{"updates all accounts", []string{"UpdateUser/OnlyThatAccount"}, updatesAll},
	{"does not count", []string{"UpdateUser/CountsVersions"}, doesNotCount},
	{"does not compare", []string{"UpdateUser/OtherVersion", "UpdateUser/OneWinner", "UpdateUser/NoLostUpdate"}, onUpdate(doesNotCompare)},
	{"refuses only lower versions", []string{"UpdateUser/OtherVersion"}, onUpdate(refusesOnlyLower)},
	{"writes the address before it compares", []string{"UpdateUser/OtherVersion"}, onUpdate(writesEmailFirst)},
	{"creates what is missing", []string{"UpdateUser/UnknownAccount"}, onUpdate(createsMissing)},
	{"says conflict for a missing account", []string{"UpdateUser/UnknownAccount"}, onUpdate(answers(deskauth.ErrUserNotFound, deskauth.ErrConflict))},
	{"says nothing about a missing account", []string{"UpdateUser/UnknownAccount"}, onUpdate(answers(deskauth.ErrUserNotFound, nil))},
	{"says conflict for a taken address", []string{"UpdateUser/TakenEmail"}, onUpdate(answers(deskauth.ErrUserExists, deskauth.ErrConflict))},
	{"updates all but a taken address", []string{"UpdateUser/TakenEmail"}, onUpdate(updatesTheRest)},
	{"finds an account by its old address", []string{"UpdateUser/FreesTheOldEmail", "UpdateUser/EmailSetAndCleared"}, findsByOldEmail},
	{"keeps old addresses taken", []string{"UpdateUser/FreesTheOldEmail"}, keepsOldEmailTaken},
	{"looks before it updates", []string{"UpdateUser/OneWinner", "UpdateUser/NoLostUpdate"}, onUpdate(looksFirst)},
	{"always says conflict", []string{"UpdateUser/NoLostUpdate"}, onUpdate(func(*faulty, context.Context, deskauth.Account) error { return deskauth.ErrConflict })},
	{"reads in two steps", []string{"Atomic/UpdateWhileReading"}, readsInTwoSteps},
}

func onUpdate(update func(f *faulty, ctx context.Context, a deskauth.Account) error) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.update = func(ctx context.Context, a deskauth.Account) error { return update(f, ctx, a) }
		return f
	}
}

// answers gives another error, or none, in the place of one.
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
func merges() deskauth.UserStore {
	return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		old, _ := f.Store.UserByID(ctx, a.ID)
		a.Email = cmp.Or(a.Email, old.Email)
		a.PasswordHash = cmp.Or(a.PasswordHash, old.PasswordHash)
		a.Disabled = a.Disabled || old.Disabled
		return f.Store.UpdateUser(ctx, a)
	})()
}

func updatesAll() deskauth.UserStore {
	var last table[string]
	f := faults()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		err := f.Store.UpdateUser(ctx, a)
		if err == nil {
			last.set("", a.FirstName)
		}
		return err
	}
	f.seen = func(a *deskauth.Account) {
		if name, ok := last.at(""); ok {
			a.FirstName = name
		}
	}
	return f
}

func doesNotCount() deskauth.UserStore {
	f := faults()
	f.update = doesNotCompareIn(f)
	f.seen = func(a *deskauth.Account) { a.Version = 0 }
	return f
}

func doesNotCompareIn(f *faulty) func(context.Context, deskauth.Account) error {
	return func(ctx context.Context, a deskauth.Account) error { return doesNotCompare(f, ctx, a) }
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

func updatesTheRest(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.UpdateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserExists) {
		old, _ := f.Store.UserByID(ctx, a.ID)
		a.Email = old.Email
		_ = f.Store.UpdateUser(ctx, a)
	}
	return err
}

func findsByOldEmail() deskauth.UserStore {
	var old table[string]
	f := faults()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		if before, err := f.Store.UserByID(ctx, a.ID); err == nil && before.Email != a.Email {
			old.set(before.Email, a.ID)
		}
		return f.Store.UpdateUser(ctx, a)
	}
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		a, err := f.Store.UserByEmail(ctx, email)
		if id, ok := old.at(email); ok && email != "" && err != nil {
			return f.Store.UserByID(ctx, id)
		}
		return a, err
	}
	return f
}

func keepsOldEmailTaken() deskauth.UserStore {
	var used table[string]
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		if _, ok := used.at(a.Email); ok && a.Email != "" {
			return deskauth.ErrUserExists
		}
		used.set(a.Email, a.ID)
		return f.Store.CreateUser(ctx, a)
	}
	return f
}

func looksFirst(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err == nil && old.Version != a.Version {
		return deskauth.ErrConflict
	}
	pause(ctx)
	return doesNotCompare(f, ctx, a)
}

// readsInTwoSteps takes the names from a second look.
func readsInTwoSteps() deskauth.UserStore {
	f := faults()
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
