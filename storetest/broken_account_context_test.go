package storetest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenContexts go wrong when a context has ended, or ends midway.
var brokenContexts = []broken{
	{"does not wrap context.Canceled", []string{"Context/Cancelled"}, doesNotWrap(context.Canceled)},
	{"does not wrap context.DeadlineExceeded", []string{"Context/DeadlinePast"}, doesNotWrap(context.DeadlineExceeded)},
	{"ignores contexts", []string{"Context/Cancelled", "Context/DeadlinePast"},
		onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return f.Store.CreateUser(context.WithoutCancel(ctx), a)
		})},
	{"reads although cancelled", []string{"Context/Cancelled"}, readsAlthoughCancelled},
	{"returns ErrUserNotFound when cancelled", []string{"Context/Cancelled", "Context/DeadlinePast"},
		onErrors(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				return fmt.Errorf("%w: %w", deskauth.ErrUserNotFound, err)
			}
			return err
		})},
	{"returns context.Canceled when late", []string{"Context/DeadlinePast"},
		onErrors(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				return context.Canceled
			}
			return err
		})},
	{"is dead after a cancelled call", []string{"Context/Cancelled"}, deadAfterCancel},

	{"returns the driver's error when interrupted", []string{"Context/EndsMidway"},
		onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return interrupted(ctx, errors.New("interrupted (9)"), func() error { return f.Store.CreateUser(ctx, a) })
		})},
	{"returns no error when interrupted", []string{"Context/EndsMidway"},
		onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return interrupted(ctx, nil, func() error { return f.Store.CreateUser(ctx, a) })
		})},
	{"returns the driver's error from UpdateUser when interrupted", []string{"Context/UpdateEndsMidway"},
		onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return interrupted(ctx, errors.New("interrupted (9)"), func() error { return f.Store.UpdateUser(ctx, a) })
		})},
	{"returns no error from UpdateUser when interrupted", []string{"Context/UpdateEndsMidway"},
		onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			return interrupted(ctx, nil, func() error { return f.Store.UpdateUser(ctx, a) })
		})},
	{"writes names, then the rest", []string{"Context/UpdateEndsMidway"}, onUpdate(updatesNamesFirst)},
	{"keeps a lock when it is interrupted", []string{"Context/UpdateEndsMidway"}, keepsItsLock},
}

// interrupted does the work, or returns err if the context ends before.
func interrupted(ctx context.Context, err error, work func() error) error {
	pause(ctx)
	if ctx.Err() != nil {
		return err
	}
	return work()
}

func readsAlthoughCancelled() deskauth.UserStore {
	f := newFaulty()
	f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		return f.Store.UserByEmail(context.WithoutCancel(ctx), email)
	}
	return f
}

func deadAfterCancel() deskauth.UserStore {
	var dead bite.Table[bool]
	return onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if _, ok := dead.At(""); ok {
			return errors.New("bad connection")
		}
		if ctx.Err() != nil {
			dead.Set("", true)
		}
		return f.Store.CreateUser(ctx, a)
	})()
}

func updatesNamesFirst(f *faulty, ctx context.Context, a deskauth.Account) error {
	old, err := f.Store.UserByID(ctx, a.ID)
	if err != nil || old.Version != a.Version {
		return f.Store.UpdateUser(ctx, a)
	}
	first := old
	first.FirstName, first.LastName = a.FirstName, a.LastName
	if err := f.Store.UpdateUser(ctx, first); err != nil {
		return err
	}
	pause(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a.Version++
	return f.Store.UpdateUser(ctx, a)
}

func keepsItsLock() deskauth.UserStore {
	var locked bite.Table[bool]
	return onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if _, ok := locked.At(a.ID); ok {
			return errors.New("lock wait timeout exceeded")
		}
		pause(ctx)
		if ctx.Err() != nil {
			locked.Set(a.ID, true)
			return ctx.Err()
		}
		return f.Store.UpdateUser(ctx, a)
	})()
}
