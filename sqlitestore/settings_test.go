package sqlitestore

import (
	"database/sql"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestOpenSettings asks the connections of Open how they are set up.
func TestOpenSettings(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir() + "/accounts.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, c := range []struct {
		db     *sql.DB
		pragma string
		want   string
	}{
		{s.writer, "journal_mode", "wal"},
		{s.writer, "synchronous", "2"}, // FULL
		{s.writer, "busy_timeout", "5000"},
		{s.writer, "cache_size", "-8000"},
		{s.byID.db, "query_only", "1"},
		{s.byID.db, "busy_timeout", "5000"},
		{s.byID.db, "cache_size", "-8000"},
	} {
		var got string
		if err := c.db.QueryRow("PRAGMA " + c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("PRAGMA %s: got %q and the error %v, want %q", c.pragma, got, err, c.want)
		}
	}
	if got := s.writer.Stats().MaxOpenConnections; got != 1 {
		t.Errorf("connections that write: got %d, want 1", got)
	}
	if got := s.byID.db.Stats().MaxOpenConnections; got < 4 {
		t.Errorf("connections that read: got %d, want 4 or more", got)
	}
}

func TestTimesToTheMicrosecond(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir() + "/accounts.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	a := deskauth.Account{User: deskauth.User{ID: "a", Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at.Add(time.Microsecond)}, LastActiveAt: at.Add(2 * time.Microsecond)}
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := s.UserByID(t.Context(), "a")
	if err != nil || !got.CreatedAt.Equal(a.CreatedAt) || !got.UpdatedAt.Equal(a.UpdatedAt) || !got.LastActiveAt.Equal(a.LastActiveAt) {
		t.Errorf("got %v, %v, %v and the error %v; want %v, %v, %v", got.CreatedAt, got.UpdatedAt, got.LastActiveAt, err, a.CreatedAt, a.UpdatedAt, a.LastActiveAt)
	}
}

// Those who have been idle for longest are deleted first, whatever their IDs.
func TestPurgeGuests_LongestIdleFirst(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir() + "/accounts.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, id := range []string{"b", "d", "a", "c"} {
		a := deskauth.Account{User: deskauth.User{ID: id, Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at}, LastActiveAt: at.Add(-time.Duration(i) * time.Hour)}
		if err := s.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"c", "a", "d", "b"} {
		if n, err := s.PurgeGuests(t.Context(), at.Add(time.Hour), 1); n != 1 || err != nil {
			t.Errorf("PurgeGuests: got %d and the error %v, want 1", n, err)
		}
		if _, err := s.UserByID(t.Context(), id); err == nil {
			t.Errorf("guest %s is there, and should have been the next to go", id)
		}
	}
}
