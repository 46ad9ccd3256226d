package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A store that cannot be written refuses the new profile, and lets the unchanged one in.
func TestCustomTokenStoreFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	store.BeforeUpdate = func(context.Context, deskauth.Account) error { return broken }

	s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))
	if !errors.Is(err, broken) || errors.Is(err, deskauth.ErrInvalidToken) || s.Token != "" {
		t.Errorf("token %q, error %v; want the store's", s.Token, err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || !errors.Is(e.Err, broken) {
		t.Errorf("event %+v, want it failed with the store's error", e)
	}
	k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
}

// Sixteen other writes come first: the sign-in goes on with the profile that is stored. A
// store that fails with a conflict of its own refuses.
func TestCustomTokenOtherWritesComeFirst(t *testing.T) {
	t.Parallel()
	users := memstore.New()
	broken := fmt.Errorf("replication: %w", deskauth.ErrConflict)
	for name, c := range map[string]struct {
		reread error
		want   error
	}{
		"other sign-ins write":      {},
		"the account is not reread": {reread: broken, want: broken},
	} {
		store := &contendedStore{CountingStore: testkit.CountingStore{UserStore: users}}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.reread = c.reread
			return deskauth.ErrConflict
		}
		s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))
		if c.want == nil && (err != nil || s.User.FirstName != "Andrea") {
			t.Errorf("%s: user %+v, error %v; want the stored user", name, s.User, err)
		}
		if c.want != nil && (!errors.Is(err, c.want) || s.Token != "") {
			t.Errorf("%s: user %+v, error %v; want no token and %v", name, s.User, err, c.want)
		}
		if got := store.Updates.Load(); c.want == nil && got != 16 {
			t.Errorf("%s: %d updates, want 16", name, got)
		}
		if e := k.Events.TakeLast(); c.want != nil && e.Type != deskauth.EventFailed {
			t.Errorf("%s: event %+v, want it failed", name, e)
		}
	}
}

// A contendedStore fails look-ups by ID with an error of the test's.
type contendedStore struct {
	testkit.CountingStore
	reread error
}

func (s *contendedStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if s.reread != nil {
		return deskauth.Account{}, s.reread
	}
	return s.CountingStore.UserByID(ctx, id)
}
