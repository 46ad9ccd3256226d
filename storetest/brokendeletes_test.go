package storetest_test

import (
	"context"
	"errors"
	"strings"

	"github.com/deskauth/deskauth"
)

// brokenDeletes go wrong in DeleteUser.
var brokenDeletes = []broken{
	{"deletes by prefix", []string{"DeleteUser/OnlyThatAccount"}, onDelete(func(f *faulty, ctx context.Context, id string) error {
		return deletesThose(f, ctx, func(known string) bool { return id != "" && strings.HasPrefix(known, id) })
	})},
	{"only marks as deleted", []string{"DeleteUser/OnlyThatAccount"}, marksDeleted},
	{"deletes by pattern", []string{"DeleteUser/UnknownAccount"}, onDelete(func(f *faulty, ctx context.Context, id string) error {
		return deletesThose(f, ctx, func(known string) bool { return known == id || strings.Contains(id, "%") })
	})},
	{"says nothing about nobody", []string{"DeleteUser/UnknownAccount", "DeleteUser/OneWinner"}, onDelete(func(f *faulty, ctx context.Context, id string) error {
		if err := f.Store.DeleteUser(ctx, id); !errors.Is(err, deskauth.ErrUserNotFound) {
			return err
		}
		return nil
	})},
	{"keeps the address of a deleted account", []string{"DeleteUser/FreesTheKeys"}, keepsOldEmailTaken},
	{"looks before it deletes", []string{"DeleteUser/OneWinner"}, onDelete(func(f *faulty, ctx context.Context, id string) error {
		if _, err := f.Store.UserByID(ctx, id); err != nil {
			return err
		}
		pause(ctx)
		_ = f.Store.DeleteUser(ctx, id)
		return nil
	})},
	{"brings back who was deleted", []string{"DeleteUser/UpdateAfterIt"}, onUpdate(createsMissing)},
	{"deletes although the context has ended", []string{"DeleteUser/EndedContext"}, onDelete(func(f *faulty, ctx context.Context, id string) error {
		return f.Store.DeleteUser(context.WithoutCancel(ctx), id)
	})},
}

func onDelete(remove func(f *faulty, ctx context.Context, id string) error) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.deleteByID = func(ctx context.Context, id string) error { return remove(f, ctx, id) }
		return f
	}
}

func deletesThose(f *faulty, ctx context.Context, matches func(known string) bool) error {
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

// marksDeleted has look-ups by address that do not know of the mark.
func marksDeleted() deskauth.UserStore {
	var deleted table[bool]
	f := faults()
	f.deleteByID = func(ctx context.Context, id string) error {
		if _, err := f.UserByID(ctx, id); err != nil {
			return err
		}
		deleted.set(id, true)
		return nil
	}
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		if _, gone := deleted.at(id); gone {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return f.Store.UserByID(ctx, id)
	}
	return f
}
