package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenDisconnects go wrong when their connections are lost.
var brokenDisconnects = []brokenFault{
	{"repeats a create whose answer was lost", []string{"Disconnect/FailuresAreNotOutcomes"}, breaks(repeatsCreates)},
	{"repeats an update whose answer was lost", []string{"Disconnect/FailuresAreNotOutcomes"}, breaks(repeatsUpdates)},
	{"finds no account without a connection", []string{"Disconnect/FailuresAreNotOutcomes"}, breaks(findsNothing)},
	{"takes a lost update for a conflict", []string{"Disconnect/FailuresAreNotOutcomes"},
		onWriteErrors(errLost, deskauth.ErrConflict)},
	{"acknowledges what was lost", []string{"Disconnect/AcknowledgedIsKept"}, onWriteErrors(errLost, nil)},
	{"forgets its last updates", []string{"Disconnect/AcknowledgedIsKept"}, breaks(forgetsUpdates)},
	{"writes half", []string{"Disconnect/WholeOrAbsent"}, breaks(writesHalf)},
	{"writes some fields later", []string{"Disconnect/WholeOrAbsent"}, breaks(writesFieldsLater)},
	{"stays disconnected", []string{"Disconnect/RecoversByItself", "Disconnect/AcknowledgedIsKept"},
		staysBroken(errLost)},
	{"loses a place in its pool with each connection", []string{"Disconnect/RecoversByItself"},
		breaks(losesPlaces)},
}

// losesPlaces gives no place in its pool of ten back once the connection in it is lost.
func losesPlaces(s *simulation) {
	var lost atomic.Int64
	pooled := func(call func() error) error {
		if lost.Load() >= 10 {
			return errLost
		}
		err := call()
		if errors.Is(err, errLost) {
			lost.Add(1)
		}
		return err
	}
	write := func(inside func(context.Context, deskauth.Account) error) func(context.Context, deskauth.Account) error {
		return func(ctx context.Context, a deskauth.Account) error {
			return pooled(func() error { return inside(ctx, a) })
		}
	}
	find := func(inside finder) finder {
		return func(ctx context.Context, key string) (a deskauth.Account, err error) {
			err = pooled(func() error {
				a, err = inside(ctx, key)
				return err
			})
			return a, err
		}
	}
	s.create, s.update = write(s.create), write(s.update)
	s.byID, s.byEmail = find(s.byID), find(s.byEmail)
}

// findsNothing takes a lost connection for a missing account.
func findsNothing(s *simulation) {
	swapped := func(find finder) finder {
		return func(ctx context.Context, key string) (deskauth.Account, error) {
			a, err := find(ctx, key)
			return a, swap(err, errLost, deskauth.ErrUserNotFound)
		}
	}
	s.byID, s.byEmail = swapped(s.byID), swapped(s.byEmail)
}

func repeatsCreates(s *simulation) {
	create := s.create
	s.create = func(ctx context.Context, a deskauth.Account) error {
		return repeats(func() error { return create(ctx, a) })
	}
}

func repeatsUpdates(s *simulation) {
	update := s.update
	s.update = func(ctx context.Context, a deskauth.Account) error {
		return repeats(func() error { return update(ctx, a) })
	}
}

func repeats(work func() error) (err error) {
	for range 5 {
		err = work()
		if !errors.Is(err, errLost) {
			break
		}
	}
	return err
}

// forgetsUpdates acknowledges an update and makes it later, if the connection lasts.
func forgetsUpdates(s *simulation) {
	var before bite.Table[deskauth.Account]
	var since bite.Table[int64]
	update := s.update
	s.update = func(ctx context.Context, a deskauth.Account) error {
		old, _ := s.faulty.Store.UserByID(ctx, a.ID)
		now := s.disconnects.Load()
		err := update(ctx, a)
		if err == nil {
			before.Set(a.ID, old)
			since.Set(a.ID, now)
		}
		return err
	}
	s.seen = func(a *deskauth.Account) {
		if updated, ok := since.At(a.ID); ok && updated != s.disconnects.Load() {
			*a, _ = before.At(a.ID)
		}
	}
}

// writesHalf writes an account, and its address later.
func writesHalf(s *simulation) {
	var without bite.Table[bool]
	create, find := s.create, s.byEmail
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if errors.Is(err, errLost) {
			without.Set(a.Email, true)
		}
		return err
	}
	s.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		if _, ok := without.At(email); ok {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return find(ctx, email)
	}
}

// writesFieldsLater writes an account, and its hash later.
func writesFieldsLater(s *simulation) {
	var without bite.Table[bool]
	create := s.create
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if errors.Is(err, errLost) {
			without.Set(a.ID, true)
		}
		return err
	}
	s.seen = func(a *deskauth.Account) {
		if _, ok := without.At(a.ID); ok {
			a.PasswordHash = ""
		}
	}
}
