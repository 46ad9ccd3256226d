package memstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// PurgeIdle implements [deskauth.IdlePurger].
func (s *Store) PurgeIdle(ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int) (deleted int, err error) {
	if kind != deskauth.KindGuest {
		return 0, fmt.Errorf("memstore: purge accounts of kind %q: %w", kind, errors.ErrUnsupported)
	}
	for deleted < limit {
		if err := ctx.Err(); err != nil {
			return deleted, fmt.Errorf("memstore: %w", err)
		}
		wanted := limit - deleted
		idle := s.idleGuests(idleSince, wanted)
		deleted += s.removeIdle(idle, idleSince)
		if len(idle) < wanted {
			break
		}
	}
	return deleted, nil
}

// removeIdle removes those who are idle still.
func (s *Store) removeIdle(ids []string, since time.Time) (removed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if a := s.byID[id]; a != nil && isIdle(a, since) {
			s.remove(a)
			removed++
		}
	}
	return removed
}

// idleGuests looks for them without holding up readers.
func (s *Store) idleGuests(since time.Time, limit int) (ids []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, a := range s.byID {
		if len(ids) >= limit {
			break
		}
		if isIdle(a, since) {
			ids = append(ids, id)
		}
	}
	return ids
}

func isIdle(a *deskauth.Account, since time.Time) bool {
	active := a.LastActiveAt
	if active.IsZero() {
		active = a.CreatedAt
	}
	return a.Kind == deskauth.KindGuest && active.Before(since)
}

// DeleteUser implements [deskauth.UserDeleter].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memstore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[id]
	if a == nil {
		return fmt.Errorf("memstore: %w", deskauth.ErrUserNotFound)
	}
	s.remove(a)
	return nil
}

func (s *Store) remove(a *deskauth.Account) {
	delete(s.byID, a.ID)
	delete(s.byEmail, a.Email)
	s.sorted = nil
}

// ListUsers implements [deskauth.UserLister]. The order of the IDs is kept from one page to
// the next, unless an account came or went.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memstore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sorted == nil {
		s.sorted = slices.Sorted(maps.Keys(s.byID))
	}
	from, found := slices.BinarySearch(s.sorted, after)
	if found {
		from++
	}
	ids := s.sorted[from:]
	ids = ids[:min(len(ids), max(limit, 0))]
	page := make([]deskauth.Account, len(ids))
	for i, id := range ids {
		page[i] = handOut(s.byID[id])
	}
	if from+len(ids) == len(s.sorted) {
		s.sorted = nil // the last page
	}
	return page, nil
}

// ImportUsers implements [deskauth.UserImporter].
func (s *Store) ImportUsers(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("memstore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range accounts {
		if s.create(clone(a)) {
			created++
		}
	}
	return created, nil
}

var _ interface {
	deskauth.UserStore
	deskauth.IdlePurger
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)
