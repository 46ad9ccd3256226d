package testkit

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth"
	"golang.org/x/crypto/bcrypt"
)

// A CountingStore counts the calls, and runs a test's code before some of them.
type CountingStore struct {
	deskauth.UserStore
	Creates, Finds, Updates atomic.Int64

	BeforeFind   func() // by address; may be nil
	BeforeUpdate func(context.Context, deskauth.Account) error
}

// Calls returns how often any method was called.
func (s *CountingStore) Calls() int64 {
	return s.Creates.Load() + s.Finds.Load() + s.Updates.Load()
}

// CreateUser implements [deskauth.UserStore].
func (s *CountingStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	s.Creates.Add(1)
	return s.UserStore.CreateUser(ctx, a)
}

// UserByID implements [deskauth.UserStore].
func (s *CountingStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	s.Finds.Add(1)
	return s.UserStore.UserByID(ctx, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *CountingStore) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	s.Finds.Add(1)
	if s.BeforeFind != nil {
		s.BeforeFind()
	}
	return s.UserStore.UserByEmail(ctx, email)
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

// Disable is an edit for [Change].
func Disable(a *deskauth.Account) { a.Disabled = true }

// RaiseEpoch is an edit for [Change]: it ends the sessions of the account.
func RaiseEpoch(a *deskauth.Account) { a.SessionEpoch++ }

// Put stores an agent's account as an import would, with a hash that another system made.
// The agent was active a moment ago.
func Put(
	t testing.TB, store deskauth.UserStore, email, hash string, edits ...func(*deskauth.Account),
) deskauth.Account {
	t.Helper()
	acc := deskauth.Account{
		User: deskauth.User{
			ID:        "imported " + email,
			Kind:      deskauth.KindUser,
			Email:     email,
			FirstName: "Andrea",
			LastName:  "Leo",
			CreatedAt: Start,
			UpdatedAt: Start,
		},
		PasswordHash: hash,
		LastActiveAt: Start,
	}
	for _, edit := range edits {
		edit(&acc)
	}
	if err := store.CreateUser(t.Context(), acc); err != nil {
		t.Fatal(err)
	}
	return acc
}

// CheapArgon2 is the cost of a hash that takes microseconds.
var CheapArgon2 = deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}

// WeakHash is a hash of [AndreasPassword] below the cost of [CheapArgon2]: a sign-in
// replaces it.
const WeakHash = "$argon2id$v=19$m=32,t=1,p=1" +
	"$FF5fRgK0zDSovs6IrhvcOA$tnRRZ0AFblLAuhQZUmYGLmo5uvE/b5qyCIpvRce1MQU"

// Bcrypt returns a hash of the least cost, with a prefix like $2y$ if it is not empty.
func Bcrypt(t testing.TB, password, prefix string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return prefix + string(hash[len(prefix):])
}
