package sqlitestore

import (
	"database/sql"
	"testing"
)

// TestOpenSettings asks the connections of Open how they are set up.
func TestOpenSettings(t *testing.T) {
	t.Parallel()
	s := opened(t)
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
