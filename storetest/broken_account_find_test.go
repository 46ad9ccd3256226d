package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenFinds go wrong in the look-ups, or in the errors of all methods.
var brokenFinds = []broken{
	{"finds a zero account", []string{"UserByID/Unknown", "UserByEmail/Unknown", "NewStore/Empty"},
		onErrors(func(_ context.Context, err error) error {
			if errors.Is(err, deskauth.ErrUserNotFound) {
				return nil
			}
			return err
		})},
	{"does not wrap ErrUserNotFound",
		[]string{"UserByID/Unknown", "UserByEmail/Unknown", "UpdateUser/UnknownAccount", "NewStore/Empty"},
		doesNotWrap(deskauth.ErrUserNotFound)},
	{"does not wrap ErrUserExists", []string{"CreateUser/TakenID", "CreateUser/TakenEmail", "UpdateUser/TakenEmail"},
		doesNotWrap(deskauth.ErrUserExists)},
	{"does not wrap ErrConflict", []string{"UpdateUser/OtherVersion", "UpdateUser/OneWinner"},
		doesNotWrap(deskauth.ErrConflict)},
	{"wraps every error in ErrUserExists", []string{"UpdateUser/OtherVersion", "Context/Cancelled", "NewStore/Empty"},
		onErrors(func(_ context.Context, err error) error {
			if err != nil {
				return fmt.Errorf("%w: %w", deskauth.ErrUserExists, err)
			}
			return nil
		})},
	{"matches patterns", []string{"UserByID/PlainText", "UserByEmail/PlainText"},
		findsNewestFor(func(key string) bool { return strings.Contains(key, "%") })},
	{"runs code in a key", []string{"UserByID/PlainText", "UserByEmail/PlainText"},
		findsNewestFor(func(key string) bool { return strings.Contains(key, "' OR ") })},
	{"drops an empty condition", []string{"UserByID/EmptyID", "UserByEmail/EmptyEmail"},
		findsNewestFor(func(key string) bool { return key == "" })},
}

func doesNotWrap(outcome error) maker {
	return onErrors(func(_ context.Context, err error) error {
		if errors.Is(err, outcome) {
			return fmt.Errorf("broken: %v", err)
		}
		return err
	})
}

// findsNewestFor makes stores that find the newest account by any special key.
func findsNewestFor(special func(key string) bool) maker {
	return func() deskauth.UserStore {
		var newest bite.Table[string]
		f := newFaulty()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			newest.Set("", a.ID)
			return f.Store.CreateUser(ctx, a)
		}
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			if special(id) {
				id, _ = newest.At("")
			}
			return f.Store.UserByID(ctx, id)
		}
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			if special(email) {
				id, _ := newest.At("")
				return f.Store.UserByID(ctx, id)
			}
			return f.Store.UserByEmail(ctx, email)
		}
		return f
	}
}
