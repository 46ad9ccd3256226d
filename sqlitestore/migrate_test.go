package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// nextStep is a migration that a later version of this package may have.
const nextStep = `ALTER TABLE deskauth_accounts ADD COLUMN nickname TEXT NOT NULL DEFAULT 'none';
CREATE INDEX deskauth_accounts_nickname ON deskauth_accounts (nickname);`

// Migrate does not touch what belongs to the host: PRAGMA user_version and other tables.
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

// A host may run the files with a tool of its own, and call Migrate too. The tool has the
// steps then: Migrate records none.
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
		t.Errorf("Migrate recorded steps that it did not do, so it would do the next ones")
	}
}

// Migrate writes nothing if there is nothing to do, and so works on a read-only database.
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

// Migrate waits for another writer, but no longer than its context.
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
	err = sqlitestore.Migrate(ctx, db)
	if want := context.DeadlineExceeded; !errors.Is(err, want) {
		t.Errorf("Migrate while another connection writes: got the error %v, want one that wraps %v", err, want)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after that: got the error %v, want nil", err)
	}
}

// The names of the files are numbered from 0001 on, without a gap.
func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	files, err := sqlitestore.Migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	all, err := sqlitestore.Steps()
	if err != nil || len(all) != len(files) {
		t.Fatalf("steps: got %d and the error %v, want %d", len(all), err, len(files))
	}
	for i, f := range files {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(f.Name(), want) {
			t.Errorf("migration %d: got the name %s, want %s….sql", i+1, f.Name(), want)
		}
	}
}

// Schema makes what Migrate makes: SQLite keeps the SQL of both.
func TestSchemaIsWhatMigrateMakes(t *testing.T) {
	t.Parallel()
	migrated, written := openDB(t, newPath(t)), openDB(t, newPath(t))
	if err := sqlitestore.Migrate(t.Context(), migrated); err != nil {
		t.Fatal(err)
	}
	if _, err := written.Exec(sqlitestore.Schema); err != nil {
		t.Fatal(err)
	}
	if got, want := schemaOf(t, written), schemaOf(t, migrated); got != want {
		t.Errorf("Schema makes\n%s\nwant what Migrate makes:\n%s", got, want)
	}
}

// An older schema is brought up to date with its accounts, by any number of callers at
// once. Then older code still works.
func TestMigrateFromAnOlderSchema(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	all := mustSteps(t)
	if err := sqlitestore.MigrateSteps(t.Context(), db, all); err != nil {
		t.Fatal(err)
	}
	s := sqlitestore.New(db)
	a := account("old")
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}

	// Sixteen at once, and once more.
	newer := append(all, nextStep)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := sqlitestore.MigrateSteps(t.Context(), db, newer); err != nil {
				t.Errorf("migrate to the next version: got the error %v, want nil", err)
			}
		})
	}
	wg.Wait()
	if err := sqlitestore.MigrateSteps(t.Context(), db, newer); err != nil {
		t.Errorf("migrate again: got the error %v, want nil", err)
	}
	if got, want := versionsOf(t, db), "1 2 3 "; got != want {
		t.Errorf("the recorded versions: got %q, want %q", got, want)
	}

	// Now this code is older than the schema.
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate of a newer schema: got the error %v, want nil", err)
	}
	if got, want := versionsOf(t, db), "1 2 3 "; got != want {
		t.Errorf("the recorded versions after the older code's Migrate: got %q, want %q", got, want)
	}
	got, err := s.UserByEmail(t.Context(), a.Email)
	if err != nil || got.ID != a.ID {
		t.Errorf("UserByEmail after the migration: got %v and the error %v, want account %q", got, err, a.ID)
	}
	var nickname string
	err = db.QueryRow("SELECT nickname FROM deskauth_accounts").Scan(&nickname)
	if err != nil || nickname != "none" {
		t.Errorf("the new column: got %q and the error %v, want %q", nickname, err, "none")
	}
}

// A migration happens as a whole or not at all. Here the last statement of the last step
// fails.
func TestMigrateAllOrNothing(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	broken := append(mustSteps(t), nextStep+"CREATE INDEX broken ON no_such_table (x);")
	err := sqlitestore.MigrateSteps(t.Context(), db, broken)
	if err == nil || !strings.Contains(err.Error(), "to version 3") {
		t.Errorf("migrate with a broken step: got the error %v, want one that names version 3", err)
	}
	if got := schemaOf(t, db); got != "" {
		t.Errorf("after a migration that failed: got the schema %q, want none", got)
	}
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after one that failed: got the error %v, want nil", err)
	}
}

func mustSteps(t *testing.T) []string {
	t.Helper()
	all, err := sqlitestore.Steps()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// schemaOf returns the SQL of the table of accounts and of its indexes.
func schemaOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	return lines(t, db, `SELECT sql FROM sqlite_master
		WHERE tbl_name = 'deskauth_accounts' AND sql <> '' ORDER BY name`, "\n")
}

func versionsOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	return lines(t, db, `SELECT version FROM deskauth_accounts_migrations ORDER BY version`, " ")
}

func lines(t *testing.T, db *sql.DB, query, end string) (all string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		err = errors.Join(err, rows.Scan(&line))
		all += line + end
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	return all
}
