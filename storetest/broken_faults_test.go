package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// A brokenFault breaks the clauses that it lists when its database fails.
type brokenFault struct {
	name     string
	clauses  []string
	simulate func() *simulation
}

func (b brokenFault) listing() bite.Listing { return bite.Listing{Name: b.name, Clauses: b.clauses} }

// brokenFaults is every store that RunFaults must refuse.
var brokenFaults = slices.Concat(brokenDisconnects, brokenReadOnly, brokenFull, brokenRows)

// breaks makes simulations that are broken in some way.
func breaks(how func(*simulation)) func() *simulation {
	return func() *simulation {
		s := simulate()
		how(s)
		return s
	}
}

// swap returns other in the place of one, and any other error as it is.
func swap(err, one, other error) error {
	if !errors.Is(err, one) {
		return err
	}
	if other == nil {
		return nil
	}
	return fmt.Errorf("%w: %v", other, err)
}

// onWriteErrors breaks CreateUser and UpdateUser: they return other in the place of one.
func onWriteErrors(one, other error) func() *simulation {
	return breaks(func(s *simulation) {
		create, update := s.create, s.update
		s.create = func(ctx context.Context, a deskauth.Account) error { return swap(create(ctx, a), one, other) }
		s.update = func(ctx context.Context, a deskauth.Account) error { return swap(update(ctx, a), one, other) }
	})
}

// staysBroken fails for good once its database has failed.
func staysBroken(fault error) func() *simulation {
	return breaks(func(s *simulation) {
		var failed atomic.Bool
		create := s.create
		s.create = func(ctx context.Context, a deskauth.Account) error {
			if failed.Load() {
				return fault
			}
			err := create(ctx, a)
			if errors.Is(err, fault) {
				failed.Store(true)
			}
			return err
		}
	})
}

// keepsTheRest refuses to create an account, and keeps all of it but its Attributes.
func keepsTheRest(fault error) func() *simulation {
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
