package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// A brokenFault breaks the clauses it is listed with, once its database fails.
type brokenFault struct {
	name    string
	clauses []string
	store   func() *simulation
}

var brokenFaults = slices.Concat(brokenDisconnects, brokenWritings)

// brokenWritings go wrong where nothing can be written.
var brokenWritings = []brokenFault{
	{"acknowledges what cannot be written", []string{"ReadOnly/WritesFail"}, onWriteErrors(errReadOnly, nil)},
	{"takes read-only for a taken key", []string{"ReadOnly/WritesFail"}, onWriteErrors(errReadOnly, deskauth.ErrUserExists)},
	{"takes read-only for nobody", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		remove := s.deleteByID
		s.deleteByID = func(ctx context.Context, id string) error {
			return swap(remove(ctx, id), errReadOnly, deskauth.ErrUserNotFound)
		}
	})},
	{"purges nobody when it cannot write", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		purge := s.purge
		s.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
			n, err := purge(ctx, kind, since, limit)
			return n, swap(err, errReadOnly, nil)
		}
	})},
	{"imports nobody when it cannot write", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		importAll := s.importAll
		s.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
			n, err := importAll(ctx, accounts)
			return n, swap(err, errReadOnly, nil)
		}
	})},
	{"keeps what it could not write", []string{"ReadOnly/WritesFail"}, keeps(errReadOnly)},
	{"writes when it reads", []string{"ReadOnly/ReadsGoOn"}, breaks(func(s *simulation) {
		find := s.byEmail
		s.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			if s.readOnly.Load() {
				return deskauth.Account{}, errReadOnly
			}
			return find(ctx, email)
		}
	})},
	{"stays read-only", []string{"ReadOnly/WritesAgain"}, staysBroken(errReadOnly)},

	{"takes no room for a taken key", []string{"Full/CreateFails"}, onWriteErrors(errNoRoom, deskauth.ErrUserExists)},
	{"acknowledges what has no room", []string{"Full/CreateFails"}, onWriteErrors(errNoRoom, nil)},
	{"throws old accounts away", []string{"Full/CreateFails", "Full/KeepsWhatItHas"}, breaks(throwsAway)},
	{"writes half of what has no room", []string{"Full/KeepsWhatItHas"}, keeps(errNoRoom)},
	{"stays full", []string{"Full/WorksAgain"}, staysBroken(errNoRoom)},
}

// breaks is a simulated store that is broken in some way.
func breaks(how func(*simulation)) func() *simulation {
	return func() *simulation {
		s := simulate()
		how(s)
		return s
	}
}

// swap gives another error, or none, in the place of one.
func swap(err, one, other error) error {
	if !errors.Is(err, one) {
		return err
	}
	if other == nil {
		return nil
	}
	return fmt.Errorf("%w: %v", other, err)
}

// onWriteErrors is a store whose CreateUser and UpdateUser give another error in the place
// of one.
func onWriteErrors(one, other error) func() *simulation {
	return breaks(func(s *simulation) {
		create, update := s.create, s.update
		s.create = func(ctx context.Context, a deskauth.Account) error { return swap(create(ctx, a), one, other) }
		s.update = func(ctx context.Context, a deskauth.Account) error { return swap(update(ctx, a), one, other) }
	})
}

// staysBroken is a store that fails for good once its database has.
func staysBroken(fault error) func() *simulation { return staysBrokenAfter(fault, 1) }

// staysBrokenAfter is a store that fails for good once its database has failed so often.
func staysBrokenAfter(fault error, times int64) func() *simulation {
	return breaks(func(s *simulation) {
		var seen atomic.Int64
		create := s.create
		s.create = func(ctx context.Context, a deskauth.Account) error {
			if seen.Load() >= times {
				return fault
			}
			err := create(ctx, a)
			if errors.Is(err, fault) {
				seen.Add(1)
			}
			return err
		}
	})
}

// throwsAway makes room.
func throwsAway(s *simulation) {
	create := s.create
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if !errors.Is(err, errNoRoom) {
			return err
		}
		all, _ := s.faulty.Store.ListUsers(ctx, "", 1)
		for _, old := range all {
			_ = s.faulty.Store.DeleteUser(ctx, old.ID)
		}
		return s.faulty.Store.CreateUser(ctx, a)
	}
}

// keeps is a store that refuses to create an account and keeps the rest of it.
func keeps(fault error) func() *simulation {
	return breaks(func(s *simulation) {
		create := s.create
		s.create = func(ctx context.Context, a deskauth.Account) error {
			err := create(ctx, a)
			if errors.Is(err, fault) {
				a.Attributes = nil
				_ = s.faulty.Store.CreateUser(ctx, a)
			}
			return err
		}
	})
}
