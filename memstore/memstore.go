// Package memstore keeps accounts in memory: for tests, for trying things, and for
// services whose accounts may be gone after a restart.
package memstore

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
)

// Store is a [deskauth.UserStore] in memory. It is safe for concurrent use. The methods of a
// UserStore take the same short time however many accounts there are; PurgeGuests and the
// first page of ListUsers look at all of them.
type Store struct {
	mu      sync.RWMutex
	byID    map[string]*deskauth.Account // what is pointed at never changes
	byEmail map[string]*deskauth.Account
	sorted  []string // the IDs in order, while somebody lists them; nil if it has to be made
}

// New returns an empty store.
func New() *Store {
	return &Store{
		byID:    make(map[string]*deskauth.Account),
		byEmail: make(map[string]*deskauth.Account),
	}
}

// Len returns the number of accounts.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.byID)
}

// CreateUser implements [deskauth.UserStore].
func (s *Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memstore: %w", err)
	}
	stored := clone(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.create(stored) {
		return fmt.Errorf("memstore: %w", deskauth.ErrUserExists)
	}
	return nil
}

func (s *Store) create(a *deskauth.Account) bool {
	if s.byID[a.ID] != nil || s.byEmail[a.Email] != nil {
		return false
	}
	s.put(a)
	return true
}

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.byID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.byEmail, email)
}

func (s *Store) find(ctx context.Context, index map[string]*deskauth.Account, key string) (deskauth.Account, error) {
	if err := ctx.Err(); err != nil {
		return deskauth.Account{}, fmt.Errorf("memstore: %w", err)
	}
	s.mu.RLock()
	found := index[key]
	s.mu.RUnlock()
	if found == nil {
		return deskauth.Account{}, fmt.Errorf("memstore: %w", deskauth.ErrUserNotFound)
	}
	return handOut(found), nil
}

// handOut copies what a reader could change.
func handOut(stored *deskauth.Account) deskauth.Account {
	a := *stored
	a.Attributes = append(a.Attributes[:0:0], a.Attributes...)
	return a
}

// UpdateUser implements [deskauth.UserStore].
func (s *Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memstore: %w", err)
	}
	stored := clone(a)
	stored.Version++
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[a.ID]
	switch {
	case old == nil:
		return fmt.Errorf("memstore: %w", deskauth.ErrUserNotFound)
	case old.Version != a.Version:
		return fmt.Errorf("memstore: %w", deskauth.ErrConflict)
	case a.Version == math.MaxInt64:
		return fmt.Errorf("memstore: account %s has the last Version there is", a.ID)
	}
	if holder := s.byEmail[a.Email]; holder != nil && holder != old {
		return fmt.Errorf("memstore: %w", deskauth.ErrUserExists)
	}
	delete(s.byEmail, old.Email)
	s.put(stored)
	return nil
}

// put enters an account into both maps. The empty address is nobody's.
func (s *Store) put(a *deskauth.Account) {
	if s.byID[a.ID] == nil {
		s.sorted = nil
	}
	s.byID[a.ID] = a
	if a.Email != "" {
		s.byEmail[a.Email] = a
	}
}

// clone copies what a caller could change later, or would keep alive: a short string may
// be a piece of a long request.
func clone(a deskauth.Account) *deskauth.Account {
	for _, s := range []*string{&a.ID, &a.Email, &a.FirstName, &a.LastName, &a.ProjectID, &a.ExternalID, &a.PasswordHash} {
		*s = strings.Clone(*s)
	}
	a.Attributes = append(a.Attributes[:0:0], a.Attributes...)
	return &a
}

// Format implements [fmt.Formatter]: accounts are not printed.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "memstore.Store(%d accounts)", s.Len()) }
