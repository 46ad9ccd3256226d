package storetest_test

import (
	"context"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenActivities go wrong in LastActivity.
var brokenActivities = []broken{
	{"takes the last creation for activity", []string{"LastActivity/Latest", "LastActivity/WhileGuestsReturn"},
		onActivity(func(a deskauth.Account) time.Time { return a.CreatedAt })},
	{"leaves out who never came back", []string{"LastActivity/Latest"},
		onActivity(func(a deskauth.Account) time.Time { return a.LastActiveAt })},
	{"takes an update for activity", []string{"LastActivity/Latest"},
		onActivity(func(a deskauth.Account) time.Time { return a.UpdatedAt })},
	{"cuts the latest to the instant", []string{"LastActivity/NotAfter"}, cutsActivity},
	{"leaves out the instant itself", []string{"LastActivity/NotAfter"},
		onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
			return f.Store.LastActivity(ctx, kind, notAfter.Add(-time.Millisecond))
		})},
	{"looks at guests for any kind", []string{"LastActivity/OnlyTheKind"},
		onLastActivity(func(f *faulty, ctx context.Context, _ deskauth.Kind, notAfter time.Time) (time.Time, error) {
			return f.Store.LastActivity(ctx, deskauth.KindGuest, notAfter)
		})},
	{"leaves out who is disabled", []string{"LastActivity/OnlyTheKind"},
		onActivity(func(a deskauth.Account) time.Time {
			if a.Disabled {
				return time.Time{}
			}
			return a.LastActiveAt
		})},
	{"looks at every kind", []string{"LastActivity/OnlyTheKind"}, looksAtEveryKind},
	{"remembers the first answer", []string{"LastActivity/WhileGuestsReturn"}, remembersActivity},
	{"looks although the context has ended", []string{"LastActivity/EndedContext"},
		onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
			return f.Store.LastActivity(context.WithoutCancel(ctx), kind, notAfter)
		})},
}

type lastActivity = func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error)

// onLastActivity makes stores with another LastActivity.
func onLastActivity(last lastActivity) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.activity = func(ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
			return last(f, ctx, kind, notAfter)
		}
		return f
	}
}

// latest returns the latest of what a function makes of the accounts, not after an instant.
func (f *faulty) latest(of func(deskauth.Account) time.Time, notAfter time.Time) (last time.Time) {
	all, _ := f.Store.ListUsers(context.Background(), "", 1000)
	for _, a := range all {
		if at := of(a); at.After(last) && !at.After(notAfter) {
			last = at
		}
	}
	return last
}

// onActivity makes stores that see activity in another way.
func onActivity(of func(deskauth.Account) time.Time) maker {
	return onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
		if _, err := f.Store.LastActivity(ctx, kind, notAfter); err != nil {
			return time.Time{}, err
		}
		return f.latest(func(a deskauth.Account) time.Time {
			if a.Kind != kind {
				return time.Time{}
			}
			return of(a)
		}, notAfter), nil
	})
}

func cutsActivity() deskauth.UserStore {
	return onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
		last, err := f.Store.LastActivity(ctx, kind, notAfter.AddDate(9000, 0, 0))
		if last.After(notAfter) {
			last = notAfter
		}
		return last, err
	})()
}

func looksAtEveryKind() deskauth.UserStore {
	return onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
		if _, err := f.Store.LastActivity(ctx, kind, notAfter); err != nil {
			return time.Time{}, err
		}
		return f.latest(func(a deskauth.Account) time.Time { return a.LastActiveAt }, notAfter), nil
	})()
}

func remembersActivity() deskauth.UserStore {
	var once sync.Once
	var first time.Time
	return onLastActivity(func(f *faulty, ctx context.Context, kind deskauth.Kind, notAfter time.Time) (time.Time, error) {
		last, err := f.Store.LastActivity(ctx, kind, notAfter)
		if err == nil {
			once.Do(func() { first = last })
			last = first
		}
		return last, err
	})()
}
