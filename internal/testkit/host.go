package testkit

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth"
)

// A Provider is a [deskauth.SecretProvider] whose answers a test may change between two
// calls.
type Provider struct {
	Session func() ([]deskauth.Key, error)
	Project func(projectID string) ([]deskauth.Key, error)
}

// SessionKeys implements [deskauth.SecretProvider].
func (p *Provider) SessionKeys(context.Context) ([]deskauth.Key, error) { return p.Session() }

// ProjectKeys implements [deskauth.SecretProvider].
func (p *Provider) ProjectKeys(_ context.Context, projectID string) ([]deskauth.Key, error) {
	return p.Project(projectID)
}

// A CountingStore counts the writes, and calls a test's code before an update.
type CountingStore struct {
	deskauth.UserStore
	Creates, Updates atomic.Int64
	BeforeUpdate     func(context.Context, deskauth.Account) error
}

// CreateUser implements [deskauth.UserStore].
func (s *CountingStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	s.Creates.Add(1)
	return s.UserStore.CreateUser(ctx, a)
}

// UpdateUser implements [deskauth.UserStore].
func (s *CountingStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	s.Updates.Add(1)
	if s.BeforeUpdate != nil {
		if err := s.BeforeUpdate(ctx, a); err != nil {
			return err
		}
	}
	return s.UserStore.UpdateUser(ctx, a)
}

// Change edits a stored account in place, as the host's own code would.
func Change(t testing.TB, store deskauth.UserStore, id string, edit func(*deskauth.Account)) {
	t.Helper()
	acc, err := store.UserByID(t.Context(), id)
	if err != nil {
		t.Fatalf("UserByID(%q): %v", id, err)
	}
	edit(&acc)
	if err := store.UpdateUser(t.Context(), acc); err != nil {
		t.Fatalf("UpdateUser(%q): %v", id, err)
	}
}
