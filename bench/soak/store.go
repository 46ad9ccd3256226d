package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

const (
	maxPassing  = 20_000 // the most passing accounts that a store holds
	generations = 10
)

// passingPrefix starts the address of a sign-up that never signs in.
const passingPrefix = "passing-"

// A forgetfulStore keeps agents and external users, and forgets the oldest guests and
// passing sign-ups. Those are kept in generations. Each generation is a memstore of its own
// and is dropped as a whole.
type forgetfulStore struct {
	lasting *memstore.Store

	mu      sync.RWMutex
	passing []*memstore.Store // the oldest generation first
}

// newForgetfulStore returns a store that is full, as it stays.
func newForgetfulStore(ctx context.Context) (*forgetfulStore, error) {
	s := &forgetfulStore{lasting: memstore.New(), passing: []*memstore.Store{memstore.New()}}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for n := range maxPassing {
		err := s.CreateUser(ctx, deskauth.Account{User: deskauth.User{
			ID:        fmt.Sprintf("01890000-0000-7000-8000-%012d", n),
			Kind:      deskauth.KindGuest,
			Email:     fmt.Sprintf("00000000-0000-4000-8000-%012d@tiledesk.com", n),
			FirstName: "guest#0000",
			ProjectID: projectID,
			CreatedAt: now,
			UpdatedAt: now,
		}})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Len returns the number of accounts.
func (s *forgetfulStore) Len() int {
	n := 0
	for _, g := range s.all() {
		n += g.Len()
	}
	return n
}

// CreateUser implements [deskauth.UserStore]. Passing accounts have IDs and addresses that
// are random or counted, so only the youngest generation checks whether they are taken.
func (s *forgetfulStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	if a.Kind == deskauth.KindGuest || strings.HasPrefix(a.Email, passingPrefix) {
		return s.youngest().CreateUser(ctx, a)
	}
	return s.lasting.CreateUser(ctx, a)
}

// youngest returns the generation that takes new accounts. When it is full, it begins the
// next one, and drops the oldest if there are too many. Concurrent calls may overfill a
// generation by a few accounts.
func (s *forgetfulStore) youngest() *memstore.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.passing[len(s.passing)-1]
	if last.Len() < maxPassing/generations {
		return last
	}
	if len(s.passing) == generations {
		s.passing = append(s.passing[:0:0], s.passing[1:]...)
	}
	last = memstore.New()
	s.passing = append(s.passing, last)
	return last
}

// UserByID implements [deskauth.UserStore].
func (s *forgetfulStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(func(g *memstore.Store) (deskauth.Account, error) { return g.UserByID(ctx, id) })
}

// UserByEmail implements [deskauth.UserStore].
func (s *forgetfulStore) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(func(g *memstore.Store) (deskauth.Account, error) { return g.UserByEmail(ctx, email) })
}

// UpdateUser implements [deskauth.UserStore].
func (s *forgetfulStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	_, err := s.find(func(g *memstore.Store) (deskauth.Account, error) { return a, g.UpdateUser(ctx, a) })
	return err
}

// find calls ask with each memstore until one has the account.
func (s *forgetfulStore) find(ask func(*memstore.Store) (deskauth.Account, error)) (deskauth.Account, error) {
	for _, g := range s.all() {
		if a, err := ask(g); !errors.Is(err, deskauth.ErrUserNotFound) {
			return a, err
		}
	}
	return deskauth.Account{}, fmt.Errorf("soak: %w", deskauth.ErrUserNotFound)
}

// all returns the memstores in the order to ask them: the lasting one, then the youngest
// generation first.
func (s *forgetfulStore) all() []*memstore.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := append(make([]*memstore.Store, 0, generations+1), s.lasting)
	for i := len(s.passing) - 1; i >= 0; i-- {
		all = append(all, s.passing[i])
	}
	return all
}
