package sqlitestore_test

import (
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// The guests that have been idle longest go first, whatever their IDs.
func TestPurgeIdle_LongestIdleFirst(t *testing.T) {
	t.Parallel()
	s := openStore(t, newPath(t))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, id := range []string{"b", "d", "a", "c"} {
		a := deskauth.Account{User: deskauth.User{
			ID: id, Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at,
		}, LastActiveAt: at.Add(-time.Duration(i) * time.Hour)}
		if err := s.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"c", "a", "d", "b"} {
		n, err := s.PurgeIdle(t.Context(), deskauth.KindGuest, at.Add(time.Hour), 1)
		if n != 1 || err != nil {
			t.Errorf("PurgeIdle: got %d and the error %v, want 1", n, err)
		}
		if _, err := s.UserByID(t.Context(), id); err == nil {
			t.Errorf("PurgeIdle kept guest %s, which had been idle longest", id)
		}
	}
}
