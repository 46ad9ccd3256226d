package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenPurges go wrong in PurgeGuests.
var brokenPurges = []broken{
	{"purges those idle since the instant", []string{"PurgeGuests/OnlyIdle"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		return f.Store.PurgeGuests(ctx, since.Add(time.Millisecond), limit)
	})},
	{"purges by CreatedAt", []string{"PurgeGuests/OnlyIdle", "PurgeGuests/FreesTheKeys"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.CreatedAt.Before(since)
	})},
	{"takes zero for long ago", []string{"PurgeGuests/OnlyIdle"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.LastActiveAt.Before(since)
	})},
	{"purges everybody", []string{"PurgeGuests/OnlyGuests"}, purgesThose(func(a deskauth.Account, since time.Time) bool { return a.LastActiveAt.Before(since) })},
	{"purges without limit", []string{"PurgeGuests/Limit"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, _ int) (int, error) {
		return f.Store.PurgeGuests(ctx, since, 1000)
	})},
	{"always purges the limit", []string{"PurgeGuests/Limit"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		_, err := f.Store.PurgeGuests(ctx, since, limit)
		return limit, err
	})},
	{"keeps the address of a purged guest", []string{"PurgeGuests/FreesTheKeys"}, keepsOldEmailTaken},
	{"looks who is idle, then purges", []string{"PurgeGuests/WhileGuestsReturn"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.LastActiveAt.Before(since)
	})},
	{"purges fewer where guests return", []string{"PurgeGuests/FullWhileGuestsReturn"}, onPurge(purgesWhatItFound)},
	{"purges although the context has ended", []string{"PurgeGuests/EndedContext"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		return f.Store.PurgeGuests(context.WithoutCancel(ctx), since, limit)
	})},
}

func onPurge(purge func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.purge = func(ctx context.Context, since time.Time, limit int) (int, error) { return purge(f, ctx, since, limit) }
		return f
	}
}

// purgesThose is a store that has its own idea of who is idle, and deletes them later.
func purgesThose(idle func(a deskauth.Account, since time.Time) bool) func() deskauth.UserStore {
	return onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (deleted int, err error) {
		all, err := f.Store.ListUsers(ctx, "", 1000)
		if err != nil {
			return 0, err
		}
		for _, a := range all {
			if deleted == limit || !idle(a, since) {
				continue
			}
			pause(ctx)
			if f.Store.DeleteUser(ctx, a.ID) == nil {
				deleted++
			}
		}
		return deleted, nil
	})
}

// purgesWhatItFound looks for as many as it may delete, and then deletes those of them who are
// still idle.
func purgesWhatItFound(f *faulty, ctx context.Context, since time.Time, limit int) (deleted int, err error) {
	all, err := f.Store.ListUsers(ctx, "", 1000)
	if err != nil {
		return 0, err
	}
	isIdle := func(a deskauth.Account) bool { return a.LastActiveAt.Before(since) }
	idle := slices.DeleteFunc(all, func(a deskauth.Account) bool { return !isIdle(a) })
	for _, a := range idle[:min(limit, len(idle))] {
		pause(ctx)
		if now, err := f.Store.UserByID(ctx, a.ID); err == nil && isIdle(now) && f.Store.DeleteUser(ctx, a.ID) == nil {
			deleted++
		}
	}
	return deleted, nil
}
