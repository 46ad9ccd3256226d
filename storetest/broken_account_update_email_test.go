package storetest_test

import (
	"context"
	"errors"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenUpdateEmails go wrong where UpdateUser changes an Email.
var brokenUpdateEmails = []broken{
	{"returns ErrConflict for a taken address", []string{"UpdateUser/TakenEmail"},
		onUpdate(answers(deskauth.ErrUserExists, deskauth.ErrConflict))},
	{"updates all but a taken address", []string{"UpdateUser/TakenEmail"}, onUpdate(updatesTheRest)},
	{"finds an account by its old address", []string{"UpdateUser/FreesTheOldEmail", "UpdateUser/EmailSetAndCleared"},
		findsByOldEmail},
	{"keeps old addresses taken", []string{"UpdateUser/FreesTheOldEmail"}, keepsOldEmailTaken},
	{"looks whether an address is free", []string{"UpdateUser/OneWinnerOfAnEmail"}, onUpdate(looksForFreeEmail)},
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
	var old bite.Table[string]
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		before, err := f.Store.UserByID(ctx, a.ID)
		if err == nil && before.Email != a.Email {
			old.Set(before.Email, a.ID)
		}
		return f.Store.UpdateUser(ctx, a)
	}
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		a, err := f.Store.UserByEmail(ctx, email)
		if id, ok := old.At(email); ok && email != "" && err != nil {
			return f.Store.UserByID(ctx, id)
		}
		return a, err
	}
	return f
}

func keepsOldEmailTaken() deskauth.UserStore {
	var used bite.Table[string]
	return onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if _, ok := used.At(a.Email); ok && a.Email != "" {
			return deskauth.ErrUserExists
		}
		used.Set(a.Email, a.ID)
		return f.Store.CreateUser(ctx, a)
	})()
}

// looksForFreeEmail drops an address that was free a moment ago.
func looksForFreeEmail(f *faulty, ctx context.Context, a deskauth.Account) error {
	if holder, err := f.Store.UserByEmail(ctx, a.Email); err == nil && holder.ID != a.ID {
		return deskauth.ErrUserExists
	}
	pause(ctx)
	err := f.Store.UpdateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserExists) {
		a.Email = ""
		return f.Store.UpdateUser(ctx, a)
	}
	return err
}
