package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenKeys mix up keys, in CreateUser and in the look-ups.
var brokenKeys = []broken{
	{"folds the case of IDs", []string{"Keys/IDsAreBytes"}, collates(strings.ToLower, same)},
	{"pads IDs with blanks", []string{"Keys/IDsAreBytes", "UserByID/PlainText"}, collates(trimRight, same)},
	{"folds the case of addresses", []string{"Keys/EmailsAreBytes"}, collates(same, strings.ToLower)},
	{"pads addresses with blanks", []string{"Keys/EmailsAreBytes", "UserByEmail/PlainText"}, collates(same, trimRight)},
	{"stores addresses in lower case", []string{"Keys/EmailsAreBytes", "UpdateUser/FreesTheOldEmail"}, onWrite(func(a *deskauth.Account) { a.Email = strings.ToLower(a.Email) })},
	{"indexes 100 bytes of an ID", []string{"Keys/LongestKeys"}, collates(first(100), same)},
	{"indexes 253 bytes of an address", []string{"Keys/LongestKeys"}, collates(same, first(253))},
	{"takes an address for an ID", []string{"Keys/IDIsNoEmail", "UserByID/Unknown"}, func() deskauth.UserStore {
		f := faults()
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			a, err := f.Store.UserByID(ctx, id)
			if errors.Is(err, deskauth.ErrUserNotFound) {
				return f.Store.UserByEmail(ctx, id)
			}
			return a, err
		}
		return f
	}},

	{"finds a zero account", []string{"UserByID/Unknown", "UserByEmail/Unknown", "NewStore/Empty"}, onErrors(func(_ context.Context, err error) error {
		if errors.Is(err, deskauth.ErrUserNotFound) {
			return nil
		}
		return err
	})},
	{"does not wrap ErrUserNotFound", []string{"UserByID/Unknown", "UserByEmail/Unknown", "UpdateUser/UnknownAccount", "NewStore/Empty"}, doesNotWrap(deskauth.ErrUserNotFound)},
	{"does not wrap ErrUserExists", []string{"CreateUser/TakenID", "CreateUser/TakenEmail", "UpdateUser/TakenEmail"}, doesNotWrap(deskauth.ErrUserExists)},
	{"does not wrap ErrConflict", []string{"UpdateUser/OtherVersion", "UpdateUser/OneWinner"}, doesNotWrap(deskauth.ErrConflict)},
	{"does not wrap context.Canceled", []string{"Context/Cancelled"}, doesNotWrap(context.Canceled)},
	{"does not wrap context.DeadlineExceeded", []string{"Context/DeadlinePast"}, doesNotWrap(context.DeadlineExceeded)},
	{"wraps every error in ErrUserExists", []string{"UpdateUser/OtherVersion", "Context/Cancelled", "NewStore/Empty"}, onErrors(func(_ context.Context, err error) error {
		if err != nil {
			return fmt.Errorf("%w: %w", deskauth.ErrUserExists, err)
		}
		return nil
	})},
	{"matches patterns", []string{"UserByID/PlainText", "UserByEmail/PlainText"}, looksUp(func(key string) bool { return strings.Contains(key, "%") })},
	{"lets code in", []string{"UserByID/PlainText", "UserByEmail/PlainText"}, looksUp(func(key string) bool { return strings.Contains(key, "' OR ") })},
	{"drops an empty condition", []string{"UserByID/EmptyID", "UserByEmail/EmptyEmail"}, looksUp(func(key string) bool { return key == "" })},

	{"is ignorant of contexts", []string{"Context/Cancelled", "Context/DeadlinePast"}, func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			return f.Store.CreateUser(context.WithoutCancel(ctx), a)
		}
		return f
	}},
	{"reads although cancelled", []string{"Context/Cancelled"}, func() deskauth.UserStore {
		f := faults()
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			return f.Store.UserByEmail(context.WithoutCancel(ctx), email)
		}
		return f
	}},
	{"says not found when cancelled", []string{"Context/Cancelled", "Context/DeadlinePast"}, onErrors(func(ctx context.Context, err error) error {
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", deskauth.ErrUserNotFound, err)
		}
		return err
	})},
	{"says cancelled when late", []string{"Context/DeadlinePast"}, onErrors(func(ctx context.Context, err error) error {
		if ctx.Err() != nil {
			return context.Canceled
		}
		return err
	})},
	{"is dead after a cancelled call", []string{"Context/Cancelled"}, deadAfterCancel},
	{"says interrupted", []string{"Context/EndsMidway"}, func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			if pause(ctx); ctx.Err() != nil {
				return errors.New("interrupted (9)")
			}
			return f.Store.CreateUser(ctx, a)
		}
		return f
	}},
	{"swallows the end of a context", []string{"Context/EndsMidway"}, func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			if pause(ctx); ctx.Err() != nil {
				return nil
			}
			return f.Store.CreateUser(ctx, a)
		}
		return f
	}},
	{"writes an account, then its index", []string{"Atomic/CreateWhileReading", "Context/EndsMidway"}, indexesLate},
}

func doesNotWrap(outcome error) func() deskauth.UserStore {
	return onErrors(func(_ context.Context, err error) error {
		if errors.Is(err, outcome) {
			return fmt.Errorf("broken: %v", err)
		}
		return err
	})
}

func same(key string) string      { return key }
func trimRight(key string) string { return strings.TrimRight(key, " ") }

func first(n int) func(string) string {
	return func(key string) string { return key[:min(n, len(key))] }
}

// pause lets others go on, as a statement on its way to a database does.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(200 * time.Microsecond):
	}
}

// collates is a store whose indexes compare keys as the two functions leave them.
func collates(foldID, foldEmail func(string) string) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		var ids, emails table[string]
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			_, takenID := ids.at(foldID(a.ID))
			_, takenEmail := emails.at(foldEmail(a.Email))
			if takenID || takenEmail {
				return deskauth.ErrUserExists
			}
			ids.set(foldID(a.ID), a.ID)
			if a.Email != "" {
				emails.set(foldEmail(a.Email), a.Email)
			}
			return f.Store.CreateUser(ctx, a)
		}
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			stored, _ := ids.at(foldID(id))
			return f.Store.UserByID(ctx, stored)
		}
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			stored, _ := emails.at(foldEmail(email))
			return f.Store.UserByEmail(ctx, stored)
		}
		return f
	}
}

// looksUp is a store that finds the newest account by any key that is special to it.
func looksUp(special func(key string) bool) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		var newest table[string]
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			newest.set("", a.ID)
			return f.Store.CreateUser(ctx, a)
		}
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			if special(id) {
				id, _ = newest.at("")
			}
			return f.Store.UserByID(ctx, id)
		}
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			if special(email) {
				id, _ := newest.at("")
				return f.Store.UserByID(ctx, id)
			}
			return f.Store.UserByEmail(ctx, email)
		}
		return f
	}
}

func deadAfterCancel() deskauth.UserStore {
	var dead table[bool]
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		if _, ok := dead.at(""); ok {
			return errors.New("bad connection")
		}
		if ctx.Err() != nil {
			dead.set("", true)
		}
		return f.Store.CreateUser(ctx, a)
	}
	return f
}

func indexesLate() deskauth.UserStore {
	var pending table[bool]
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		pending.set(a.Email, true)
		if err := f.Store.CreateUser(ctx, a); err != nil {
			return err
		}
		if pause(ctx); ctx.Err() != nil {
			return ctx.Err()
		}
		pending.drop(a.Email)
		return nil
	}
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		if _, ok := pending.at(email); ok {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return f.Store.UserByEmail(ctx, email)
	}
	return f
}
