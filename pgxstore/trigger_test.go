package pgxstore_test

import (
	"errors"
	"testing"

	"github.com/deskauth/deskauth"
)

// What an operator changes by hand raises the version, so that no write that is under way
// takes it back. A statement that raises the version itself raises it by no more.
func TestUpdatesByHandRaiseTheVersion(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	a := guest("ada")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		statement string
		version   int64
	}{
		{"UPDATE deskauth_accounts SET disabled = true", 1},
		{"UPDATE deskauth_accounts SET disabled = true, version = version + 1", 2},
		{"UPDATE deskauth_accounts SET session_epoch = session_epoch + 1 WHERE id = 'ada'", 3},
		{"UPDATE deskauth_accounts SET version = version", 4},
	} {
		before, err := store.UserByID(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		run(t, pool, c.statement)
		if after, err := store.UserByID(t.Context(), a.ID); err != nil || after.Version != c.version {
			t.Errorf("%s: Version %d, %v; want %d", c.statement, after.Version, err, c.version)
		}
		if err := store.UpdateUser(t.Context(), before); !errors.Is(err, deskauth.ErrConflict) {
			t.Errorf("UpdateUser of what was read before %q: %v, want ErrConflict", c.statement, err)
		}
	}
}
