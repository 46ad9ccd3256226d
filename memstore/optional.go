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

var _ interface {
	deskauth.IdlePurger
	deskauth.ActivityReporter
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)

// PurgeIdle implements [deskauth.IdlePurger]. The idle accounts go in no particular order.
func (s *Store) PurgeIdle(
	ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int,
) (deleted int, err error) {
	if kind != deskauth.KindGuest && kind != deskauth.KindExternal {
		return 0, fmt.Errorf("memstore: purge accounts of kind %q: %w", kind, errors.ErrUnsupported)
	}
	for deleted < limit {
		if err := ctx.Err(); err != nil {
			return deleted, fmt.Errorf("memstore: %w", err)
		}
		wanted := limit - deleted
		idle := s.idle(kind, idleSince, wanted)
		deleted += s.removeIdle(kind, idle, idleSince)
		if len(idle) < wanted {
			break
		}
	}
	return deleted, nil
}

// LastActivity implements [deskauth.ActivityReporter]. It looks at every account.
func (s *Store) LastActivity(
	ctx context.Context, kind deskauth.Kind, notAfter time.Time,
) (last time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return last, fmt.Errorf("memstore: %w", err)
	}
	if kind != deskauth.KindGuest && kind != deskauth.KindExternal {
		return last, fmt.Errorf("memstore: last activity of kind %q: %w", kind, errors.ErrUnsupported)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, a := range s.byID {
		active := activity(a)
		if a.Kind == kind && !active.After(notAfter) && active.After(last) {
			last = active
		}
	}
	return last, nil
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

// ListUsers implements [deskauth.UserLister]. The first page sorts the IDs. Later pages use
// that order, unless an account was created or deleted since.
func (s *Store) ListUsers(
	ctx context.Context, after string, limit int,
) ([]deskauth.Account, error) {
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

// ImportUsers implements [deskauth.UserImporter]. Other calls wait until all are created.
func (s *Store) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check func(deskauth.Account) error,
) (result deskauth.ImportResult, err error) {
	if err := ctx.Err(); err != nil {
		return result, fmt.Errorf("memstore: %w", err)
	}
	good := result.Screen(accounts, check)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range good {
		if s.create(clone(a)) {
			result.Created++
		}
	}
	return result, nil
}

// idle returns the IDs of at most limit accounts of the kind that are idle. Readers need
// not wait.
func (s *Store) idle(kind deskauth.Kind, since time.Time, limit int) (ids []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, a := range s.byID {
		if len(ids) >= limit {
			break
		}
		if isIdle(a, kind, since) {
			ids = append(ids, id)
		}
	}
	return ids
}

// removeIdle removes those of the accounts that are still idle.
func (s *Store) removeIdle(kind deskauth.Kind, ids []string, since time.Time) (removed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		a := s.byID[id]
		if a != nil && isIdle(a, kind, since) {
			s.remove(a)
			removed++
		}
	}
	return removed
}

func isIdle(a *deskauth.Account, kind deskauth.Kind, since time.Time) bool {
	comesBack := kind == deskauth.KindExternal && a.Disabled // to a new account, if this one were gone
	return a.Kind == kind && !comesBack && activity(a).Before(since)
}

// activity returns when an account was last active.
func activity(a *deskauth.Account) time.Time {
	if a.LastActiveAt.IsZero() {
		return a.CreatedAt
	}
	return a.LastActiveAt
}
