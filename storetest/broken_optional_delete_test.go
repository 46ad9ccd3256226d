package storetest_test

import (
	"context"
	"errors"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenDeletes go wrong in DeleteUser.
var brokenDeletes = []broken{
	{"deletes by prefix", []string{"DeleteUser/OnlyThatAccount"},
		onDelete(func(f *faulty, ctx context.Context, id string) error {
			return deletesThose(f, ctx, func(stored string) bool { return id != "" && strings.HasPrefix(stored, id) })
		})},
	{"only marks as deleted", []string{"DeleteUser/OnlyThatAccount"}, marksDeleted},
	{"deletes by pattern", []string{"DeleteUser/UnknownAccount"},
		onDelete(func(f *faulty, ctx context.Context, id string) error {
			return deletesThose(f, ctx, func(stored string) bool { return stored == id || strings.Contains(id, "%") })
		})},
	{"returns no error for an unknown ID", []string{"DeleteUser/UnknownAccount", "DeleteUser/OneWinner"},
		onDelete(func(f *faulty, ctx context.Context, id string) error {
			err := f.Store.DeleteUser(ctx, id)
			if errors.Is(err, deskauth.ErrUserNotFound) {
				return nil
			}
			return err
		})},
	{"keeps the address of a deleted account", []string{"DeleteUser/FreesTheKeys"}, keepsOldEmailTaken},
	{"looks before it deletes", []string{"DeleteUser/OneWinner"},
		onDelete(func(f *faulty, ctx context.Context, id string) error {
			if _, err := f.Store.UserByID(ctx, id); err != nil {
				return err
			}
			pause(ctx)
			_ = f.Store.DeleteUser(ctx, id)
			return nil
		})},
	{"brings a deleted account back", []string{"DeleteUser/UpdateAfterDelete"}, onUpdate(createsMissing)},
	{"deletes although the context has ended", []string{"DeleteUser/EndedContext"},
		onDelete(func(f *faulty, ctx context.Context, id string) error {
			return f.Store.DeleteUser(context.WithoutCancel(ctx), id)
		})},
}

// onDelete makes stores with another DeleteUser.
func onDelete(remove func(f *faulty, ctx context.Context, id string) error) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.deleteByID = func(ctx context.Context, id string) error { return remove(f, ctx, id) }
		return f
	}
}

func deletesThose(f *faulty, ctx context.Context, matches func(stored string) bool) error {
	all, err := f.Store.ListUsers(ctx, "", 1000)
	if err != nil {
		return err
	}
	outcome := deskauth.ErrUserNotFound
	for _, a := range all {
		if matches(a.ID) {
			outcome = f.Store.DeleteUser(ctx, a.ID)
		}
	}
	return outcome
}

// marksDeleted has look-ups by address that do not check the mark.
func marksDeleted() deskauth.UserStore {
	var deleted bite.Table[bool]
	f := newFaulty()
	f.deleteByID = func(ctx context.Context, id string) error {
		if _, err := f.UserByID(ctx, id); err != nil {
			return err
		}
		deleted.Set(id, true)
		return nil
	}
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		if _, gone := deleted.At(id); gone {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return f.Store.UserByID(ctx, id)
	}
	return f
}
