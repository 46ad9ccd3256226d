package storetest_test

import (
	"context"
	"errors"
	"math"

	"github.com/deskauth/deskauth"
)

// brokenVersions go wrong near the last Version.
var brokenVersions = []broken{
	{"counts updates as float64", []string{"Version/UpToTheLast", "Version/StaleIsConflict"}, countsAsFloat64},
	{"counts updates in 32 bits", []string{"Version/UpToTheLast"}, onRead(func(a *deskauth.Account) {
		a.Version = int64(int32(a.Version))
	})},
	{"wraps around", []string{"Version/NoneAfterTheLast"},
		onLastVersion(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			if err := f.Store.DeleteUser(ctx, a.ID); err != nil {
				return err
			}
			a.Version++
			return f.Store.CreateUser(ctx, a)
		})},
	{"returns ErrConflict at the last Version", []string{"Version/NoneAfterTheLast"},
		onLastVersion(func(*faulty, context.Context, deskauth.Account) error { return deskauth.ErrConflict })},
	{"fails near the last Version", []string{"Version/StaleIsConflict"},
		onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			stored, err := f.UserByID(ctx, a.ID)
			if err == nil && stored.Version == math.MaxInt64 {
				return errors.New("bigint out of range")
			}
			return f.Store.UpdateUser(ctx, a)
		})},
}

func countsAsFloat64() deskauth.UserStore {
	f := newFaulty()
	f.update = func(ctx context.Context, a deskauth.Account) error {
		stored, err := f.UserByID(ctx, a.ID)
		if err == nil && float64(stored.Version) == float64(a.Version) {
			a.Version = stored.Version
		}
		return f.Store.UpdateUser(ctx, a)
	}
	f.seen = func(a *deskauth.Account) { a.Version = int64(min(float64(a.Version), math.MaxInt64-1024)) }
	return f
}

// onLastVersion makes stores that update an account of the last Version in their own way.
func onLastVersion(update func(f *faulty, ctx context.Context, a deskauth.Account) error) maker {
	return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if a.Version == math.MaxInt64 {
			return update(f, ctx, a)
		}
		return f.Store.UpdateUser(ctx, a)
	})
}
