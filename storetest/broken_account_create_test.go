package storetest_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenCreates store what they must refuse, refuse what they must store, or let two
// callers win.
var brokenCreates = []broken{
	{"starts every Version at 0", []string{"CreateUser/GivenVersion"}, onCreate(startsAtZero)},
	{"overwrites a taken ID", []string{"CreateUser/TakenID"}, onCreate(overwritesTakenID)},
	{"ignores a taken ID", []string{"CreateUser/TakenID", "CreateUser/OneWinnerOfAnID"}, onCreate(ignoresTakenKeys)},
	{"reserves the address of a loser", []string{"CreateUser/TakenID"}, reservesLosersEmail},
	{"takes an address twice", []string{"CreateUser/TakenEmail", "CreateUser/OneWinnerOfAnEmail"}, takesEmailTwice},
	{"creates half an account", []string{"CreateUser/TakenEmail", "CreateUser/OneWinnerOfAnEmail"}, onCreate(createsHalf)},
	{"has one account without address", []string{"CreateUser/ManyWithoutEmail"}, oneWithoutEmail},
	{"forgets after 150", []string{"CreateUser/ManyAccounts"}, forgets},
	{"looks before it creates", []string{"CreateUser/OneWinnerOfAnID", "CreateUser/OneWinnerOfAnEmail"},
		onCreate(looksBeforeItCreates)},
}

func startsAtZero(f *faulty, ctx context.Context, a deskauth.Account) error {
	a.Version = 0
	return f.Store.CreateUser(ctx, a)
}

func overwritesTakenID(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err != nil {
		return f.Store.CreateUser(ctx, a)
	}
	a.Version = old.Version
	return f.Store.UpdateUser(ctx, a)
}

// ignoresTakenKeys is INSERT … ON CONFLICT DO NOTHING.
func ignoresTakenKeys(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.CreateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserExists) {
		return nil
	}
	return err
}

// looksBeforeItCreates is the same after a look-up of both keys.
func looksBeforeItCreates(f *faulty, ctx context.Context, a deskauth.Account) error {
	_, byID := f.Store.UserByID(ctx, a.ID)
	_, byEmail := f.Store.UserByEmail(ctx, a.Email)
	if byID == nil || byEmail == nil {
		return deskauth.ErrUserExists
	}
	pause(ctx)
	return ignoresTakenKeys(f, ctx, a)
}

func reservesLosersEmail() deskauth.UserStore {
	var reserved bite.Table[string]
	return onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if id, ok := reserved.At(a.Email); ok && id != a.ID {
			return deskauth.ErrUserExists
		}
		if a.Email != "" {
			reserved.Set(a.Email, a.ID)
		}
		return f.Store.CreateUser(ctx, a)
	})()
}

// hidden begins a tail that makes an address unique to the sound store. The faulty store
// does not show it.
const hidden = "\x00"

func hideTails(f *faulty) {
	f.seen = func(a *deskauth.Account) { a.Email, _, _ = strings.Cut(a.Email, hidden) }
}

func takesEmailTwice() deskauth.UserStore {
	f := newFaulty()
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

func createsHalf(f *faulty, ctx context.Context, a deskauth.Account) error {
	err := f.Store.CreateUser(ctx, a)
	if errors.Is(err, deskauth.ErrUserExists) {
		a.Email = ""
		_ = f.Store.CreateUser(ctx, a)
	}
	return err
}

func oneWithoutEmail() deskauth.UserStore {
	f := newFaulty()
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
	return onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if n.Add(1) > 150 {
			return nil
		}
		return f.Store.CreateUser(ctx, a)
	})()
}
