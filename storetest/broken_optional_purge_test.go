package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenPurges go wrong in PurgeIdle.
var brokenPurges = []broken{
	{"purges those idle since the instant", []string{"PurgeIdle/OnlyIdle"},
		onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
			return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since.Add(time.Millisecond), limit)
		})},
	{"purges by CreatedAt", []string{"PurgeIdle/OnlyIdle", "PurgeIdle/FreesTheKeys"},
		purgesThose(func(a deskauth.Account, since time.Time) bool {
			return a.Kind == deskauth.KindGuest && a.CreatedAt.Before(since)
		})},
	{"takes zero for long ago", []string{"PurgeIdle/OnlyIdle"}, purgesThose(guestNotActive)},
	{"purges accounts of every kind", []string{"PurgeIdle/OnlyTheKind"}, purgesThose(notActive)},
	{"purges disabled external users", []string{"PurgeIdle/KeepsDisabledExternals"}, purgesBanned},
	{"purges guests alone", []string{"PurgeIdle/OnlyTheKind"}, purgesNothingOfOtherKinds},
	{"purges guests for any kind", []string{"PurgeIdle/OtherKinds"}, purgesGuestsForAnyKind},
	{"purges nothing of other kinds and does not say so", []string{"PurgeIdle/OtherKinds"}, purgesNothingOfOtherKinds},
	{"purges without limit", []string{"PurgeIdle/Limit"},
		onPurge(func(f *faulty, ctx context.Context, since time.Time, _ int) (int, error) {
			return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, 1000)
		})},
	{"always purges the limit", []string{"PurgeIdle/Limit"},
		onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
			_, err := f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, limit)
			return limit, err
		})},
	{"keeps the address of a purged guest", []string{"PurgeIdle/FreesTheKeys"}, keepsOldEmailTaken},
	{"looks for idle guests, then purges", []string{"PurgeIdle/WhileGuestsReturn"}, purgesThose(guestNotActive)},
	{"purges fewer where guests return", []string{"PurgeIdle/FullWhileGuestsReturn"}, onPurge(purgesWhatItFound)},
	{"purges although the context has ended", []string{"PurgeIdle/EndedContext"},
		onPurge(func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error) {
			return f.Store.PurgeIdle(context.WithoutCancel(ctx), deskauth.KindGuest, since, limit)
		})},
}

func notActive(a deskauth.Account, since time.Time) bool { return a.LastActiveAt.Before(since) }

func guestNotActive(a deskauth.Account, since time.Time) bool {
	return a.Kind == deskauth.KindGuest && notActive(a, since)
}

// onPurge makes stores with another PurgeIdle of guests.
func onPurge(purge func(f *faulty, ctx context.Context, since time.Time, limit int) (int, error)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
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
	f := newFaulty()
	f.purge = func(ctx context.Context, _ deskauth.Kind, since time.Time, limit int) (int, error) {
		return f.Store.PurgeIdle(ctx, deskauth.KindGuest, since, limit)
	}
	return f
}

// purgesBanned looks at the kind alone.
func purgesBanned() deskauth.UserStore {
	f := newFaulty()
	f.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (deleted int, err error) {
		all, err := f.Store.ListUsers(ctx, "", 1000)
		if err != nil || kind != deskauth.KindExternal {
			return f.Store.PurgeIdle(ctx, kind, since, limit)
		}
		for _, a := range all {
			if a.Kind == kind && notActive(a, since) && f.Store.DeleteUser(ctx, a.ID) == nil {
				deleted++
			}
		}
		return deleted, nil
	}
	return f
}

// purgesNothingOfOtherKinds returns no error for them.
func purgesNothingOfOtherKinds() deskauth.UserStore {
	f := newFaulty()
	f.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
		if kind != deskauth.KindGuest {
			return 0, nil
		}
		return f.Store.PurgeIdle(ctx, kind, since, limit)
	}
	return f
}

// purgesThose makes stores that choose the idle accounts in their own way, and delete them
// later.
func purgesThose(idle func(a deskauth.Account, since time.Time) bool) maker {
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

// purgesWhatItFound looks for as many accounts as it may delete, and then deletes those of
// them that are still idle.
func purgesWhatItFound(f *faulty, ctx context.Context, since time.Time, limit int) (deleted int, err error) {
	all, err := f.Store.ListUsers(ctx, "", 1000)
	if err != nil {
		return 0, err
	}
	idle := slices.DeleteFunc(all, func(a deskauth.Account) bool { return !notActive(a, since) })
	for _, a := range idle[:min(limit, len(idle))] {
		pause(ctx)
		now, err := f.Store.UserByID(ctx, a.ID)
		if err == nil && notActive(now, since) && f.Store.DeleteUser(ctx, a.ID) == nil {
			deleted++
		}
	}
	return deleted, nil
}
