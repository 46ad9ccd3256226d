package storetest_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

// brokenWrites store what they should refuse, refuse what they should store, or let two
// callers win.
var brokenWrites = []broken{
	{"starts every Version at 0", []string{"CreateUser/GivenVersion"}, startsAtZero},
	{"overwrites a taken ID", []string{"CreateUser/TakenID"}, overwritesTakenID},
	{"ignores a taken ID", []string{"CreateUser/TakenID", "CreateUser/OneWinnerOfAnID"}, ignoresTakenKeys(false)},
	{"reserves the address of a loser", []string{"CreateUser/TakenID"}, reservesLosersEmail},
	{"takes an address twice", []string{"CreateUser/TakenEmail", "CreateUser/OneWinnerOfAnEmail"}, takesEmailTwice},
	{"half makes an account", []string{"CreateUser/TakenEmail", "CreateUser/OneWinnerOfAnEmail"}, halfMakes},
	{"has one account without address", []string{"CreateUser/ManyWithoutEmail"}, oneWithoutEmail},
	{"forgets after 150", []string{"CreateUser/ManyAccounts"}, forgets},
	{"looks before it creates", []string{"CreateUser/OneWinnerOfAnID", "CreateUser/OneWinnerOfAnEmail"}, ignoresTakenKeys(true)},
}

func startsAtZero() deskauth.UserStore {
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		a.Version = 0
		return f.Store.CreateUser(ctx, a)
	}
	return f
}

func overwritesTakenID() deskauth.UserStore {
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		old, err := f.Store.UserByID(ctx, a.ID)
		if err != nil {
			return f.Store.CreateUser(ctx, a)
		}
		a.Version = old.Version
		return f.Store.UpdateUser(ctx, a)
	}
	return f
}

// ignoresTakenKeys is INSERT … ON CONFLICT DO NOTHING, with or without a look before it.
func ignoresTakenKeys(look bool) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			if look {
				_, byID := f.Store.UserByID(ctx, a.ID)
				_, byEmail := f.Store.UserByEmail(ctx, a.Email)
				if byID == nil || byEmail == nil {
					return deskauth.ErrUserExists
				}
				pause(ctx)
			}
			err := f.Store.CreateUser(ctx, a)
			if errors.Is(err, deskauth.ErrUserExists) {
				return nil
			}
			return err
		}
		return f
	}
}

func reservesLosersEmail() deskauth.UserStore {
	var reserved table[string]
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		if id, ok := reserved.at(a.Email); ok && id != a.ID {
			return deskauth.ErrUserExists
		}
		if a.Email != "" {
			reserved.set(a.Email, a.ID)
		}
		return f.Store.CreateUser(ctx, a)
	}
	return f
}

// A hidden tail makes an address unique to the sound store, and is not shown.
const hidden = "\x00"

func hideTails(f *faulty) {
	f.seen = func(a *deskauth.Account) { a.Email, _, _ = strings.Cut(a.Email, hidden) }
}

func takesEmailTwice() deskauth.UserStore {
	f := faults()
	hideTails(f)
	f.create = func(ctx context.Context, a deskauth.Account) error {
		err := f.Store.CreateUser(ctx, a)
		if _, free := f.Store.UserByID(ctx, a.ID); free != nil {
			a.Email += hidden + a.ID
			return f.Store.CreateUser(ctx, a)
		}
		return err
	}
	return f
}

func halfMakes() deskauth.UserStore {
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		err := f.Store.CreateUser(ctx, a)
		if errors.Is(err, deskauth.ErrUserExists) {
			a.Email = ""
			_ = f.Store.CreateUser(ctx, a)
		}
		return err
	}
	return f
}

func oneWithoutEmail() deskauth.UserStore {
	f := faults()
	hideTails(f)
	f.create = func(ctx context.Context, a deskauth.Account) error {
		if a.Email == "" {
			a.Email = hidden
		}
		return f.Store.CreateUser(ctx, a)
	}
	return f
}

func forgets() deskauth.UserStore {
	var n atomic.Int64
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		if n.Add(1) > 150 {
			return nil
		}
		return f.Store.CreateUser(ctx, a)
	}
	return f
}
