package oldsqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest"
	_ "modernc.org/sqlite"
)

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "accounts.db") }

func openDB(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(60000)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newStore(t *testing.T, db *sql.DB) *sqlitestore.Store {
	t.Helper()
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	store := sqlitestore.New(db)
	t.Cleanup(func() { store.Close() })
	return store
}

func mustExec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// The tests are about a SQLite in which json_valid(NULL) is 0, as it was before 3.43.
func TestTheSQLiteIsOld(t *testing.T) {
	var version string
	var valid any
	err := openDB(t, newPath(t)).QueryRow(`SELECT sqlite_version(), json_valid(NULL)`).Scan(&version, &valid)
	if err != nil || !strings.HasPrefix(version, "3.38.") || valid != int64(0) {
		t.Errorf("got SQLite %s, json_valid(NULL) = %v and the error %v, want 3.38 and 0", version, valid, err)
	}
}

func TestRun(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore {
		db := openDB(t, newPath(t))
		mustExec(t, db, `PRAGMA journal_mode = WAL`)
		return newStore(t, db)
	})
}

// A table of the first version refuses accounts without attributes here. Migrate mends it,
// for connections that have read the schema before, too.
func TestMigrateMendsTheCheck(t *testing.T) {
	const oldCheck, newCheck = "CHECK (json_valid(attributes))", "CHECK (attributes IS NULL OR json_valid(attributes))"
	path := newPath(t)
	db := openDB(t, path)
	schema := strings.Replace(sqlitestore.Schema, newCheck, oldCheck, 1)
	mustExec(t, db, schema)
	insert := func(id string) error {
		_, err := db.Exec(`INSERT INTO deskauth_accounts (id, kind, created_at, updated_at)
			VALUES (?, 'user', 1, 1)`, id)
		return err
	}
	if err := insert("refused"); err == nil {
		t.Fatal("the old CHECK takes NULL: the test is about nothing")
	}
	// Another program made this row, with a later SQLite.
	mustExec(t, db, `PRAGMA ignore_check_constraints = ON;
		INSERT INTO deskauth_accounts (id, kind, created_at, updated_at) VALUES ('old', 'user', 1, 1);
		PRAGMA ignore_check_constraints = OFF`)

	// A tool of the host's has made the table, and Migrate leaves it alone.
	err := sqlitestore.Migrate(t.Context(), db)
	if err == nil || !strings.Contains(err.Error(), "refuses accounts without attributes") {
		t.Errorf("Migrate of another tool's table: got the error %v, want one that says what it refuses", err)
	}

	mustExec(t, db, `CREATE TABLE deskauth_accounts_migrations (
		version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
		INSERT INTO deskauth_accounts_migrations VALUES (1, 0)`)
	store := newStore(t, openDB(t, path)) // calls Migrate
	if err := insert("new"); err != nil {
		t.Errorf("an account without attributes after Migrate: got the error %v, want nil", err)
	}
	for _, id := range []string{"old", "new"} {
		a, err := store.UserByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		a.FirstName = "Ada"
		if err := store.UpdateUser(t.Context(), a); err != nil {
			t.Errorf("UpdateUser of account %s after Migrate: got the error %v, want nil", id, err)
		}
	}
	if _, err := db.Exec(`UPDATE deskauth_accounts SET attributes = 'no JSON'`); err == nil {
		t.Error("attributes that are not JSON were stored")
	}
}
