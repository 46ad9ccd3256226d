package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// TestMigrateLeavesTheHostAlone looks at what belongs to the program around.
func TestMigrateLeavesTheHostAlone(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	mustExec(t, db, `PRAGMA user_version = 42; CREATE TABLE accounts (id); INSERT INTO accounts VALUES (1)`)
	for range 2 {
		if err := sqlitestore.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	if got := number(t, db, `PRAGMA user_version`); got != 42 {
		t.Errorf("PRAGMA user_version after Migrate: got %d, want 42", got)
	}
	if got := number(t, db, `SELECT count(*) FROM accounts`); got != 1 {
		t.Errorf("rows of the host's table after Migrate: got %d, want 1", got)
	}
	if got := number(t, db, `SELECT count(*) FROM sqlite_master WHERE type = 'table'`); got != 3 {
		t.Errorf("tables after Migrate: got %d, want the host's and 2", got)
	}
}

// TestMigrateAfterAToolOfTheHosts runs the files by hand first.
func TestMigrateAfterAToolOfTheHosts(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	files, err := fs.Glob(sqlitestore.Migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("the files of Migrations: got %v and the error %v, want some", files, err)
	}
	for _, name := range files {
		text, err := sqlitestore.Migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, string(text))
	}
	mustExec(t, db, `ALTER TABLE deskauth_accounts ADD COLUMN of_the_host TEXT`)
	store := newStore(t, db) // calls Migrate
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Errorf("CreateUser: got the error %v, want nil", err)
	}
	if got := number(t, db, `SELECT count(*) FROM sqlite_master WHERE name = 'deskauth_accounts_migrations'`); got != 0 {
		t.Errorf("Migrate noted steps that it did not do, so that it would do the next ones")
	}
}

func TestMigrateRefusesAnotherTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, missing string }{
		"column":      {`CREATE TABLE deskauth_accounts (id TEXT, mail TEXT)`, "kind"},
		"email index": {sqlitestore.Schema + `; DROP INDEX deskauth_accounts_email`, "deskauth_accounts_email"},
		"idle index":  {sqlitestore.Schema + `; DROP INDEX deskauth_accounts_idle_guests`, "deskauth_accounts_idle_guests"},
		"a view":      {`CREATE VIEW deskauth_accounts AS SELECT 1 AS id`, "kind"},
		"other case":  {`CREATE TABLE DeskAuth_Accounts (id TEXT)`, "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openDB(t, newPath(t))
			mustExec(t, db, c.sql)
			before := number(t, db, `PRAGMA schema_version`)
			err := sqlitestore.Migrate(t.Context(), db)
			if err == nil || !strings.Contains(err.Error(), c.missing) || !strings.Contains(err.Error(), "Migrations") {
				t.Errorf("Migrate: got the error %v, want one that names %s and Migrations", err, c.missing)
			}
			if after := number(t, db, `PRAGMA schema_version`); after != before {
				t.Errorf("Migrate changed the schema that it refused")
			}
			mustExec(t, db, `CREATE TABLE another (id)`) // no transaction is left open
		})
	}
}

func TestMigrateRefusesUTF16(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	db.SetMaxOpenConns(1)
	mustExec(t, db, `PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (x)`)
	if err := sqlitestore.Migrate(t.Context(), db); err == nil || !strings.Contains(err.Error(), "UTF-16le") {
		t.Errorf("Migrate of a database in UTF-16: got the error %v, want one that says so", err)
	}
}

// TestMigrateReadOnly finds nothing to do, and so writes nothing.
func TestMigrateReadOnly(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	db.SetMaxOpenConns(1)
	mustExec(t, db, `PRAGMA query_only = ON`)
	if err := sqlitestore.Migrate(t.Context(), db); err == nil {
		t.Error("Migrate of a new database that is read-only: got no error, want one")
	}
	mustExec(t, db, `PRAGMA query_only = OFF`)
	newStore(t, db)
	mustExec(t, db, `PRAGMA query_only = ON`)
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate of a migrated database that is read-only: got the error %v, want nil", err)
	}
}

// TestMigrateWaits for a writer, and no longer than its context.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db, other := openDB(t, path), openDB(t, path)
	tx, err := other.BeginTx(t.Context(), nil) // immediate, by this driver's default
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), momentary)
	defer cancel()
	if err := sqlitestore.Migrate(ctx, db); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Migrate while another connection writes: got the error %v, want one that wraps %v", err, context.DeadlineExceeded)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after that: got the error %v, want nil", err)
	}
}

func mustExec(t testing.TB, db *sql.DB, query string, values ...any) {
	t.Helper()
	if _, err := db.Exec(query, values...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func number(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// A table that could keep two accounts of one ID or address is refused: without its unique
// indexes, because others have their names or because it was copied without them.
func TestMigrateWithoutUniqueIndexes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, want string }{
		"a renamed table has the index": {sqlitestore.Schema + `; ALTER TABLE deskauth_accounts RENAME TO old_accounts`, "old table that was renamed"},
		"copied without its keys": {sqlitestore.Schema + `; CREATE TABLE copied AS SELECT * FROM deskauth_accounts; DROP TABLE deskauth_accounts;
			ALTER TABLE copied RENAME TO deskauth_accounts; CREATE UNIQUE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> '';
			CREATE INDEX deskauth_accounts_idle_guests ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest'`, "unique index on id"},
		"an ID that ignores case":    {strings.Replace(sqlitestore.Schema, "id             TEXT ", "id TEXT COLLATE NOCASE ", 1), "unique index on id"},
		"a table that is not strict": {strings.Replace(sqlitestore.Schema, ") STRICT", ")", 1), "STRICT"},
		"a table without rowid":      {strings.Replace(sqlitestore.Schema, ") STRICT", ") STRICT, WITHOUT ROWID", 1), "rowid"},
		"an index that is not unique": {sqlitestore.Schema + `; DROP INDEX deskauth_accounts_email; CREATE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> ''`,
			"unique index on email"},
	} {
		db := openDB(t, newPath(t))
		if _, err := db.Exec(c.before); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := sqlitestore.Migrate(t.Context(), db); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
