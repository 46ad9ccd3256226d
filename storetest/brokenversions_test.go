package storetest_test

import (
	"context"
	"errors"
	"math"

	"github.com/deskauth/deskauth"
)

// brokenVersions go wrong near the last Version.
var brokenVersions = []broken{
	{"counts updates as float64", []string{"Version/LastOne", "Version/StaleIsConflict"}, func() deskauth.UserStore {
		f := faults()
		f.update = func(ctx context.Context, a deskauth.Account) error {
			if known, err := f.UserByID(ctx, a.ID); err == nil && float64(known.Version) == float64(a.Version) {
				a.Version = known.Version
			}
			return f.Store.UpdateUser(ctx, a)
		}
		f.seen = func(a *deskauth.Account) { a.Version = int64(min(float64(a.Version), math.MaxInt64-1024)) }
		return f
	}},
	{"counts updates in 32 bits", []string{"Version/LastOne"}, onRead(func(a *deskauth.Account) { a.Version = int64(int32(a.Version)) })},
	{"wraps around", []string{"Version/NoneAfterTheLast"}, onLastVersion(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if err := f.Store.DeleteUser(ctx, a.ID); err != nil {
			return err
		}
		a.Version++
		return f.Store.CreateUser(ctx, a)
	})},
	{"says conflict at the last version", []string{"Version/NoneAfterTheLast"}, onLastVersion(func(*faulty, context.Context, deskauth.Account) error {
		return deskauth.ErrConflict
	})},
	{"fails near the last version", []string{"Version/StaleIsConflict"}, onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if known, err := f.UserByID(ctx, a.ID); err == nil && known.Version == math.MaxInt64 {
			return errors.New("bigint out of range")
		}
		return f.Store.UpdateUser(ctx, a)
	})},
}

// onLastVersion is a store that updates an account of the last Version in its own way.
func onLastVersion(update func(f *faulty, ctx context.Context, a deskauth.Account) error) func() deskauth.UserStore {
	return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if a.Version == math.MaxInt64 {
			return update(f, ctx, a)
		}
		return f.Store.UpdateUser(ctx, a)
	})
}
