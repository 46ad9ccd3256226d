package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenImports go wrong in ImportUsers.
var brokenImports = []broken{
	{"imports no versions", []string{"ImportUsers/EveryField"}, importsOneByOne(startsAtZero)},
	{"imports no hashes", []string{"ImportUsers/EveryField", "ImportUsers/OneWinner"},
		importsOneByOne(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			a.PasswordHash = ""
			return f.Store.CreateUser(ctx, a)
		})},
	{"stops at a taken key", []string{"ImportUsers/SkipsTaken"}, onImport(stopsAtTakenKey)},
	{"counts all accounts",
		[]string{"ImportUsers/SkipsTaken", "ImportUsers/OneWinner"},
		onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
			_, err := f.importUnchecked(ctx, accounts)
			return len(accounts), err
		})},
	{"overwrites existing accounts", []string{"ImportUsers/SkipsTaken"}, importsOneByOne(overwritesTakenID)},
	{"fails for two accounts with one key", []string{"ImportUsers/DuplicatesInOneCall"},
		onCheckedImport(failsForDuplicates)},
	{"leaves out duplicates without a word", []string{"ImportUsers/DuplicatesInOneCall"},
		onResults(func(r *deskauth.ImportResult) {
			r.Refused = slices.DeleteFunc(r.Refused, func(row *deskauth.RowError) bool {
				return errors.Is(row, deskauth.ErrUserExists)
			})
		})},
	{"fails for no accounts", []string{"ImportUsers/NoAccounts"}, failsToImport(func(accounts []deskauth.Account) bool {
		return len(accounts) == 0
	})},
	{"allows 999 parameters", []string{"ImportUsers/Thousands"}, failsToImport(func(accounts []deskauth.Account) bool {
		return len(accounts)*16 > 999
	})},
	{"fails when two imports meet", []string{"ImportUsers/OneWinner"}, failsWhenImportsMeet},
	{"stops in the middle", []string{"ImportUsers/AllOrNothing"},
		importsOneByOne(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			if strings.Contains(a.FirstName, "\x00") || !utf8.ValidString(a.FirstName) {
				return errors.New("invalid byte sequence for encoding")
			}
			return f.Store.CreateUser(ctx, a)
		})},
	{"leaves out accounts with a NUL", []string{"ImportUsers/AllOrNothing"},
		onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
			hasNUL := func(a deskauth.Account) bool { return strings.Contains(a.FirstName, "\x00") }
			return f.importUnchecked(ctx, slices.DeleteFunc(slices.Clone(accounts), hasNUL))
		})},
	{"imports without a check", []string{"ImportUsers/RefusesByRow", "ImportUsers/AsksTheCaller"},
		onCheckedImport(importsWithoutCheck)},
	{"refuses the whole batch", []string{"ImportUsers/RefusesByRow", "ImportUsers/AsksTheCaller"},
		onCheckedImport(refusesWholeBatch)},
	{"says that it created what it refused", []string{"ImportUsers/RefusesByRow"},
		onResults(func(r *deskauth.ImportResult) { r.Created += len(r.Refused) })},
	{"names no refused account", []string{"ImportUsers/RefusesByRow"},
		onResults(func(r *deskauth.ImportResult) { r.Refused = nil })},
	{"counts the rows that it refused", []string{"ImportUsers/RefusesByRow"},
		onResults(func(r *deskauth.ImportResult) {
			for i := range r.Refused {
				r.Refused[i].Row = i
			}
		})},
	{"writes what it was given", []string{"ImportUsers/GuestAddress", "ImportUsers/LastActivity"},
		onCheckedImport(writesWhatItWasGiven)},
	{"asks no check of the caller's", []string{"ImportUsers/AsksTheCaller"},
		onCheckedImport(asksItsOwnCheck)},
	{"gives a reason of its own", []string{"ImportUsers/AsksTheCaller"},
		onResults(func(r *deskauth.ImportResult) {
			for _, refused := range r.Refused {
				refused.Err = errors.New("bad account")
			}
		})},
	{"keeps the caller's batch", []string{"ImportUsers/MemoryOfTheCaller"}, keepsCallersBatch},
	{"imports although the context has ended", []string{"ImportUsers/EndedContext"},
		onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
			return f.importUnchecked(context.WithoutCancel(ctx), accounts)
		})},
}

// onImport makes stores with another ImportUsers.
func onImport(importAll func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
			return importAll(f, ctx, accounts)
		}
		return f
	}
}

// onCheckedImport makes stores with another ImportUsers, which also gets the check.
func onCheckedImport(
	imports func(*faulty, context.Context, []deskauth.Account, checker) (deskauth.ImportResult, error),
) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.imports = func(ctx context.Context, accounts []deskauth.Account, check checker) (deskauth.ImportResult, error) {
			return imports(f, ctx, accounts, check)
		}
		return f
	}
}

// onResults makes stores that change the result of an import.
func onResults(change func(*deskauth.ImportResult)) maker {
	return onCheckedImport(
		func(f *faulty, ctx context.Context, accounts []deskauth.Account, check checker) (deskauth.ImportResult, error) {
			result, err := f.Store.ImportUsers(ctx, accounts, check)
			change(&result)
			return result, err
		})
}

func importsWithoutCheck(
	f *faulty, ctx context.Context, accounts []deskauth.Account, _ checker,
) (deskauth.ImportResult, error) {
	n, err := f.importUnchecked(ctx, accounts)
	return deskauth.ImportResult{Created: n}, err
}

func writesWhatItWasGiven(
	f *faulty, ctx context.Context, accounts []deskauth.Account, check checker,
) (result deskauth.ImportResult, err error) {
	result.Screen(accounts, check)
	for _, a := range accounts {
		if check(a) == nil && f.Store.CreateUser(ctx, a) == nil {
			result.Created++
		}
	}
	return result, nil
}

func asksItsOwnCheck(
	f *faulty, ctx context.Context, accounts []deskauth.Account, _ checker,
) (deskauth.ImportResult, error) {
	return f.Store.ImportUsers(ctx, accounts, nil)
}

func refusesWholeBatch(
	f *faulty, ctx context.Context, accounts []deskauth.Account, check checker,
) (result deskauth.ImportResult, err error) {
	if good := result.Screen(accounts, check); len(good) < len(accounts) {
		return result, errors.New("an account could never sign in")
	}
	return f.Store.ImportUsers(ctx, accounts, check)
}

// importsOneByOne makes stores that import by creating each account in their own way.
func importsOneByOne(create func(f *faulty, ctx context.Context, a deskauth.Account) error) maker {
	return onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (created int, err error) {
		for _, a := range accounts {
			err := create(f, ctx, a)
			switch {
			case err == nil:
				created++
			case !errors.Is(err, deskauth.ErrUserExists):
				return created, err
			}
		}
		return created, nil
	})
}

func stopsAtTakenKey(f *faulty, ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	for _, a := range accounts {
		if err := f.Store.CreateUser(ctx, a); err != nil {
			return created, err
		}
		created++
	}
	return created, nil
}

func failsForDuplicates(
	f *faulty, ctx context.Context, accounts []deskauth.Account, check checker,
) (result deskauth.ImportResult, err error) {
	if hasDuplicate(accounts) {
		return result, errors.New("syntax error")
	}
	return f.Store.ImportUsers(ctx, accounts, check)
}

// failsToImport makes stores that fail for some batches.
func failsToImport(refused func([]deskauth.Account) bool) maker {
	return onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (int, error) {
		if refused(accounts) {
			return 0, errors.New("syntax error")
		}
		return f.importUnchecked(ctx, accounts)
	})
}

func hasDuplicate(accounts []deskauth.Account) bool {
	seen := map[string]bool{"": true}
	for _, a := range accounts {
		if seen[a.ID] || a.Email != "" && seen[a.Email] {
			return true
		}
		seen[a.ID], seen[a.Email] = true, true
	}
	return false
}

func failsWhenImportsMeet() deskauth.UserStore {
	var inside atomic.Int64
	return onImport(func(f *faulty, ctx context.Context, accounts []deskauth.Account) (created int, err error) {
		err = alone(ctx, &inside, errDeadlock, func() (err error) {
			created, err = f.importUnchecked(ctx, accounts)
			return err
		})
		return created, err
	})()
}

func keepsCallersBatch() deskauth.UserStore {
	var given bite.Table[json.RawMessage]
	f := newFaulty()
	f.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
		for _, a := range accounts {
			given.Set(a.ID, a.Attributes)
		}
		return f.importUnchecked(ctx, accounts)
	}
	f.seen = func(a *deskauth.Account) {
		if aliased, ok := given.At(a.ID); ok {
			a.Attributes = bytes.Clone(aliased)
		}
	}
	return f
}
