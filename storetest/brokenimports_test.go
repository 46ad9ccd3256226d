package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
)

// brokenImports go wrong in ImportUsers.
var brokenImports = []broken{
	{"imports no versions", []string{"ImportUsers/EveryField"}, func() deskauth.UserStore {
		f := startsAtZero().(*faulty)
		f.importAll = importsOneByOne(f.create)
		return f
	}},
	{"imports no hashes", []string{"ImportUsers/EveryField", "ImportUsers/OneWinner"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		return importsOneByOne(func(ctx context.Context, a deskauth.Account) error {
			a.PasswordHash = ""
			return f.Store.CreateUser(ctx, a)
		})(ctx, accounts)
	})},
	{"stops at a taken key", []string{"ImportUsers/SkipsTaken"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (created int, err error) {
		for _, a := range accounts {
			if err := f.Store.CreateUser(ctx, a); err != nil {
				return created, err
			}
			created++
		}
		return created, nil
	})},
	{"counts all accounts", []string{"ImportUsers/SkipsTaken", "ImportUsers/TwiceInABatch", "ImportUsers/OneWinner"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		_, err := f.Store.ImportUsers(ctx, accounts)
		return len(accounts), err
	})},
	{"overwrites who is there", []string{"ImportUsers/SkipsTaken"}, func() deskauth.UserStore {
		f := overwritesTakenID().(*faulty)
		f.importAll = importsOneByOne(f.create)
		return f
	}},
	{"fails for two of one key", []string{"ImportUsers/TwiceInABatch"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		known := map[string]bool{"": true}
		for _, a := range accounts {
			if known[a.ID] || a.Email != "" && known[a.Email] {
				return 0, errors.New("cannot affect row a second time")
			}
			known[a.ID], known[a.Email] = true, true
		}
		return f.Store.ImportUsers(ctx, accounts)
	})},
	{"has no statement for none", []string{"ImportUsers/NoAccounts"}, failsToImport(func(accounts []deskauth.Account) bool { return len(accounts) == 0 })},
	{"has 999 parameters", []string{"ImportUsers/Thousands"}, failsToImport(func(accounts []deskauth.Account) bool { return len(accounts)*16 > 999 })},
	{"fails when two imports meet", []string{"ImportUsers/OneWinner"}, failsWhenImportsMeet},
	{"stops in the middle", []string{"ImportUsers/AllOrNothing"}, func() deskauth.UserStore {
		f := faults()
		f.importAll = importsOneByOne(func(ctx context.Context, a deskauth.Account) error {
			if strings.Contains(a.FirstName, "\x00") || !utf8.ValidString(a.FirstName) {
				return errors.New("invalid byte sequence for encoding")
			}
			return f.Store.CreateUser(ctx, a)
		})
		return f
	}},
	{"leaves out what is no text", []string{"ImportUsers/AllOrNothing"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		return f.Store.ImportUsers(ctx, slices.DeleteFunc(slices.Clone(accounts), func(a deskauth.Account) bool { return strings.Contains(a.FirstName, "\x00") }))
	})},
	{"keeps the caller's batch", []string{"ImportUsers/MemoryOfTheCaller"}, keepsCallersBatch},
	{"imports although the context has ended", []string{"ImportUsers/EndedContext"}, onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		return f.Store.ImportUsers(context.WithoutCancel(ctx), accounts)
	})},
}

func onImport(importAll func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
			return importAll(f, ctx, accounts)
		}
		return f
	}
}

func importsOneByOne(create func(context.Context, deskauth.Account) error) func(context.Context, []deskauth.Account) (int, error) {
	return func(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
		for _, a := range accounts {
			switch err := create(ctx, a); {
			case err == nil:
				created++
			case !errors.Is(err, deskauth.ErrUserExists):
				return created, err
			}
		}
		return created, nil
	}
}

func failsToImport(refused func([]deskauth.Account) bool) func() deskauth.UserStore {
	return onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		if refused(accounts) {
			return 0, errors.New("syntax error")
		}
		return f.Store.ImportUsers(ctx, accounts)
	})
}

func keepsCallersBatch() deskauth.UserStore {
	var given table[json.RawMessage]
	f := faults()
	f.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
		for _, a := range accounts {
			given.set(a.ID, a.Attributes)
		}
		return f.Store.ImportUsers(ctx, accounts)
	}
	f.seen = func(a *deskauth.Account) {
		if aliased, ok := given.at(a.ID); ok {
			a.Attributes = bytes.Clone(aliased)
		}
	}
	return f
}
