package memstore

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
)

// Store is a [deskauth.UserStore] in memory, with all the optional abilities. Make one with
// [New]. It is safe for concurrent use.
//
// The four methods of UserStore take the same time for any number of accounts. PurgeIdle
// and the first page of ListUsers look at all of them. Errors begin with "memstore:".
type Store struct {
	mu      sync.RWMutex
	byID    map[string]*deskauth.Account // an account in the maps never changes, it is replaced
	byEmail map[string]*deskauth.Account
	sorted  []string // the IDs in order, for ListUsers; nil until the next first page
}

var _ deskauth.UserStore = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{
		byID:    make(map[string]*deskauth.Account),
		byEmail: make(map[string]*deskauth.Account),
	}
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

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.byID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.byEmail, email)
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
		return fmt.Errorf("memstore: account %q has the last Version, %d", a.ID, a.Version)
	}
	holder := s.byEmail[a.Email]
	if holder != nil && holder != old {
		return fmt.Errorf("memstore: %w", deskauth.ErrUserExists)
	}
	delete(s.byEmail, old.Email)
	s.put(stored)
	return nil
}

// InMemory implements [deskauth.InMemory].
func (s *Store) InMemory() any { return s }

// Len returns the number of accounts.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.byID)
}

// Format implements [fmt.Formatter]. It prints the number of accounts and no account.
func (s *Store) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "memstore.Store(%d accounts)", s.Len())
}

// find returns the account that the index has under the key.
func (s *Store) find(
	ctx context.Context, index map[string]*deskauth.Account, key string,
) (deskauth.Account, error) {
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

// create stores a new account, unless its ID or its Email is taken. The caller holds mu.
func (s *Store) create(a *deskauth.Account) (created bool) {
	if s.byID[a.ID] != nil || s.byEmail[a.Email] != nil {
		return false
	}
	s.put(a)
	return true
}

// put enters an account into both maps. The empty Email is no key. The caller holds mu.
func (s *Store) put(a *deskauth.Account) {
	if s.byID[a.ID] == nil {
		s.sorted = nil
	}
	s.byID[a.ID] = a
	if a.Email != "" {
		s.byEmail[a.Email] = a
	}
}

// remove takes an account out of both maps. The caller holds mu.
func (s *Store) remove(a *deskauth.Account) {
	delete(s.byID, a.ID)
	delete(s.byEmail, a.Email)
	s.sorted = nil
}

// clone copies an account on its way in. The caller may change Attributes later, and a
// short string may be a piece of a long request, which it would keep in memory.
func clone(a deskauth.Account) *deskauth.Account {
	for _, s := range []*string{
		&a.ID, &a.Email, &a.FirstName, &a.LastName, &a.ProjectID, &a.ExternalID, &a.PasswordHash, &a.State,
	} {
		*s = strings.Clone(*s)
	}
	a.Attributes = append(a.Attributes[:0:0], a.Attributes...)
	return &a
}

// handOut copies an account on its way out. The reader may change Attributes.
func handOut(stored *deskauth.Account) deskauth.Account {
	a := *stored
	a.Attributes = append(a.Attributes[:0:0], a.Attributes...)
	return a
}
