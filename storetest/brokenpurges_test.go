package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenPurges go wrong in PurgeIdle.
var brokenPurges = []broken{
	{"purges those idle since the instant", []string{"PurgeIdle/OnlyIdle"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since.Add(time.Millisecond), limit)
	})},
	{"purges by CreatedAt", []string{"PurgeIdle/OnlyIdle", "PurgeIdle/FreesTheKeys"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.CreatedAt.Before(since)
	})},
	{"takes zero for long ago", []string{"PurgeIdle/OnlyIdle"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.LastActiveAt.Before(since)
	})},
	{"purges everybody", []string{"PurgeIdle/OnlyGuests"}, purgesThose(func(a deskauth.Account, since time.Time) bool { return a.LastActiveAt.Before(since) })},
	{"purges guests for any kind", []string{"PurgeIdle/OtherKinds"}, purgesGuestsForAnyKind},
	{"purges nothing of other kinds and does not say so", []string{"PurgeIdle/OtherKinds"}, purgesNothingOfOtherKinds},
	{"purges without limit", []string{"PurgeIdle/Limit"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, _ int) (int, error) {
		return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, 1000)
	})},
	{"always purges the limit", []string{"PurgeIdle/Limit"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		_, err := f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, limit)
		return limit, err
	})},
	{"keeps the address of a purged guest", []string{"PurgeIdle/FreesTheKeys"}, keepsOldEmailTaken},
	{"looks who is idle, then purges", []string{"PurgeIdle/WhileGuestsReturn"}, purgesThose(func(a deskauth.Account, since time.Time) bool {
		return a.Kind == deskauth.KindGuest && a.LastActiveAt.Before(since)
	})},
	{"purges fewer where guests return", []string{"PurgeIdle/FullWhileGuestsReturn"}, onPurge(purgesWhatItFound)},
	{"purges although the context has ended", []string{"PurgeIdle/EndedContext"}, onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
		return f.Store.PurgeIdle(context.WithoutCancel(ctx), deskauth.KindGuest, since, limit)
	})},
}

func onPurge(purge func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
			if kind != deskauth.KindGuest {
				return f.Store.PurgeIdle(ctx, kind, since, limit)
			}
			return purge(f, ctx, since, limit)
		}
		return f
	}
}

// purgesGuestsForAnyKind does not look at the kind.
func purgesGuestsForAnyKind() deskauth.UserStore {
	f := faults()
	f.purge = func(ctx context.Context, _ deskauth.Kind, since time.Time, limit int) (int, error) {
		return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, limit)
	}
	return f
}

// purgesNothingOfOtherKinds does not say that it cannot.
func purgesNothingOfOtherKinds() deskauth.UserStore {
	f := faults()
	f.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
		if kind != deskauth.KindGuest {
			return 0, nil
		}
		return f.Store.PurgeIdle(ctx, kind, since, limit)
	}
	return f
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
