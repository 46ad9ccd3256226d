package sqlitestore_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// Accounts outlive the store, all in one file.
func TestOpenKeepsAccounts(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for i := range 3 {
		store, err := sqlitestore.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = store.CreateUser(t.Context(), account("kept"))
		} else {
			_, err = store.UserByEmail(t.Context(), account("kept").Email)
		}
		if err := errors.Join(err, store.Close()); err != nil {
			t.Fatalf("opened %d times: %v", i+1, err)
		}
		// The last connection has put everything into the one file.
		if names := filesIn(t, filepath.Dir(path)); names != "accounts.db" {
			t.Errorf("files after Close: got %s, want accounts.db alone", names)
		}
	}
}

// Open refuses what it cannot use, says what to do, and leaves no file open or changed.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	long := strings.Repeat("not a database, but as long as one. ", 100)
	if err := os.WriteFile(text, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	mustExec(t, openDB(t, other), `CREATE TABLE deskauth_accounts (id)`)
	before := openFiles(t, dir)
	for name, c := range map[string]struct{ path, want string }{
		"another table":     {other, "lacks a column"},
		"empty":             {"", "memstore"},
		"memory":            {":memory:", "memstore"},
		"URI":               {"file:accounts.db?mode=memory", "use New"},
		"missing directory": {filepath.Join(dir, "missing", "accounts.db"), "does not exist; make"},
		"directory":         {dir, "name a file in it"},
		"a file above":      {filepath.Join(text, "accounts.db"), "not a directory"},
		"another file":      {text, "not a SQLite database"},
		"device":            {os.DevNull, "not a regular file"},
		"NUL":               {filepath.Join(dir, "a\x00b"), "invalid argument"},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := sqlitestore.Open(c.path)
			if err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.HasPrefix(err.Error(), "sqlitestore: open ") || store != nil {
				t.Errorf("Open(%q): got %v and the error %v, want no store and an error with %q",
					c.path, store, err, c.want)
			}
			if after := openFiles(t, dir); after != before {
				t.Errorf("files open after Open failed: got %s, want %s", after, before)
			}
		})
	}
	var mode string
	err := openDB(t, other).QueryRow(`PRAGMA journal_mode`).Scan(&mode)
	if err != nil || mode != "delete" {
		t.Errorf("journal mode of the file with another table: got %q and the error %v, want delete",
			mode, err)
	}
	if names := filesIn(t, dir); names != "notes.txt other.db" {
		t.Errorf("files after Open failed: got %s, want notes.txt and other.db alone", names)
	}
}

// TestOpenSettings asks the connections of Open for their settings.
func TestOpenSettings(t *testing.T) {
	t.Parallel()
	s := openStore(t, newPath(t))
	for _, c := range []struct {
		db     *sql.DB
		pragma string
		want   string
	}{
		{s.Writer(), "journal_mode", "wal"},
		{s.Writer(), "synchronous", "2"}, // FULL
		{s.Writer(), "busy_timeout", "5000"},
		{s.Writer(), "cache_size", "-8000"},
		{s.Readers(), "query_only", "1"},
		{s.Readers(), "busy_timeout", "5000"},
		{s.Readers(), "cache_size", "-8000"},
	} {
		var got string
		err := c.db.QueryRow("PRAGMA " + c.pragma).Scan(&got)
		if err != nil || got != c.want {
			t.Errorf("PRAGMA %s: got %q and the error %v, want %q", c.pragma, got, err, c.want)
		}
	}
	if got := s.Writer().Stats().MaxOpenConnections; got != 1 {
		t.Errorf("connections that write: got %d, want 1", got)
	}
	if got := s.Readers().Stats().MaxOpenConnections; got < 4 {
		t.Errorf("connections that read: got %d, want 4 or more", got)
	}
}
