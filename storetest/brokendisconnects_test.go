package storetest_test

import (
	"context"
	"errors"

	"github.com/deskauth/deskauth"
)

// brokenDisconnects go wrong when their connections are lost.
var brokenDisconnects = []brokenFault{
	{"repeats a create whose answer was lost", []string{"Disconnect/ErrorsAreNoOutcome"}, breaks(repeatsCreates)},
	{"repeats an update whose answer was lost", []string{"Disconnect/ErrorsAreNoOutcome"}, breaks(repeatsUpdates)},
	{"finds nobody without a connection", []string{"Disconnect/ErrorsAreNoOutcome"}, finds(errLost, deskauth.ErrUserNotFound)},
	{"takes a lost update for a conflict", []string{"Disconnect/ErrorsAreNoOutcome"}, onWriteErrors(errLost, deskauth.ErrConflict)},
	{"acknowledges what was lost", []string{"Disconnect/AcknowledgedIsThere"}, onWriteErrors(errLost, nil)},
	{"forgets its last updates", []string{"Disconnect/AcknowledgedIsThere"}, breaks(forgetsUpdates)},
	{"writes half", []string{"Disconnect/WholeOrAbsent"}, breaks(writesHalf)},
	{"writes some fields later", []string{"Disconnect/WholeOrAbsent"}, breaks(writesFieldsLater)},
	{"stays disconnected", []string{"Disconnect/RecoversByItself", "Disconnect/AcknowledgedIsThere"}, staysBroken(errLost)},
	{"loses a place in its pool with each connection", []string{"Disconnect/RecoversByItself"}, staysBrokenAfter(errLost, 10)},
}

// finds is a store whose look-ups give another error in the place of one.
func finds(one, other error) func() *simulation {
	return breaks(func(s *simulation) {
		swapped := func(find func(context.Context, string) (deskauth.Account, error)) func(context.Context, string) (deskauth.Account, error) {
			return func(ctx context.Context, key string) (deskauth.Account, error) {
				a, err := find(ctx, key)
				return a, swap(err, one, other)
			}
		}
		s.byID, s.byEmail = swapped(s.byID), swapped(s.byEmail)
	})
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
		if err = work(); !errors.Is(err, errLost) {
			break
		}
	}
	return err
}

// forgetsUpdates acknowledges an update and makes it later, unless the connection is lost.
func forgetsUpdates(s *simulation) {
	var before table[deskauth.Account]
	var since table[int64]
	update := s.update
	s.update = func(ctx context.Context, a deskauth.Account) error {
		old, _ := s.faulty.Store.UserByID(ctx, a.ID)
		now := s.disconnects.Load()
		err := update(ctx, a)
		if err == nil {
			before.set(a.ID, old)
			since.set(a.ID, now)
		}
		return err
	}
	s.seen = func(a *deskauth.Account) {
		if made, ok := since.at(a.ID); ok && made != s.disconnects.Load() {
			*a, _ = before.at(a.ID)
		}
	}
}

// writesHalf writes an account, and its address after it.
func writesHalf(s *simulation) {
	var without table[bool]
	create, find := s.create, s.byEmail
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if errors.Is(err, errLost) {
			without.set(a.Email, true)
		}
		return err
	}
	s.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
		if _, ok := without.at(email); ok {
			return deskauth.Account{}, deskauth.ErrUserNotFound
		}
		return find(ctx, email)
	}
}

// writesFieldsLater writes an account, and its hash after it.
func writesFieldsLater(s *simulation) {
	var without table[bool]
	create := s.create
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if errors.Is(err, errLost) {
			without.set(a.ID, true)
		}
		return err
	}
	s.seen = func(a *deskauth.Account) {
		if _, ok := without.at(a.ID); ok {
			a.PasswordHash = ""
		}
	}
}
