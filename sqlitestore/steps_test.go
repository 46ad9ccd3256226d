package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/driver"

	"github.com/deskauth/deskauth"
)

// What a later version of this package might do.
const secondStep = `ALTER TABLE deskauth_accounts ADD COLUMN nickname TEXT NOT NULL DEFAULT 'none';
CREATE INDEX deskauth_accounts_nickname ON deskauth_accounts (nickname);`

func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	files, err := Migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	all, err := steps()
	if err != nil || len(all) != len(files) {
		t.Fatalf("steps: got %d and the error %v, want %d", len(all), err, len(files))
	}
	for i, f := range files {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(f.Name(), want) {
			t.Errorf("migration %d: got the name %s, want %s….sql", i+1, f.Name(), want)
		}
	}
}

// TestSchemaIsWhatMigrateMakes compares what SQLite keeps of the two.
func TestSchemaIsWhatMigrateMakes(t *testing.T) {
	t.Parallel()
	migrated, written := openDB(t), openDB(t)
	if err := Migrate(t.Context(), migrated); err != nil {
		t.Fatal(err)
	}
	if _, err := written.Exec(Schema); err != nil {
		t.Fatal(err)
	}
	if got, want := schemaOf(t, written), schemaOf(t, migrated); got != want {
		t.Errorf("Schema makes\n%s\nwant what Migrate makes:\n%s", got, want)
	}
}

func TestMigrateFromAnOlderSchema(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	all := mustSteps(t)
	if err := migrate(t.Context(), db, all); err != nil {
		t.Fatal(err)
	}
	s := New(db)
	a := deskauth.Account{User: deskauth.User{ID: "old", Kind: deskauth.KindUser, Email: "old@example.com"}}
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}

	// Sixteen at once, and once more.
	newer := append(all, secondStep)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := migrate(t.Context(), db, newer); err != nil {
				t.Errorf("migrate to version 2: got the error %v, want nil", err)
			}
		})
	}
	wg.Wait()
	if err := migrate(t.Context(), db, newer); err != nil {
		t.Errorf("migrate again: got the error %v, want nil", err)
	}
	if got, want := versionsOf(t, db), "1 2 "; got != want {
		t.Errorf("the versions noted: got %q, want %q", got, want)
	}

	// This code is older than the schema now.
	if err := Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate of a newer schema: got the error %v, want nil", err)
	}
	if got, want := versionsOf(t, db), "1 2 "; got != want {
		t.Errorf("the versions noted after the older code's Migrate: got %q, want %q", got, want)
	}
	if got, err := s.UserByEmail(t.Context(), a.Email); err != nil || got.ID != a.ID {
		t.Errorf("UserByEmail after the migration: got %v and the error %v, want account %q", got, err, a.ID)
	}
	var nickname string
	if err := db.QueryRow("SELECT nickname FROM deskauth_accounts").Scan(&nickname); err != nil || nickname != "none" {
		t.Errorf("the new column: got %q and the error %v, want %q", nickname, err, "none")
	}
}

// TestMigrateAllOrNothing breaks the last step in its second statement.
func TestMigrateAllOrNothing(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	broken := append(mustSteps(t), secondStep+"CREATE INDEX broken ON no_such_table (x);")
	err := migrate(t.Context(), db, broken)
	if err == nil || !strings.Contains(err.Error(), "to version 2") {
		t.Errorf("migrate with a broken step: got the error %v, want one that names version 2", err)
	}
	if got := schemaOf(t, db); got != "" {
		t.Errorf("after a migration that failed: got the schema %q, want none", got)
	}
	if err := Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after one that failed: got the error %v, want nil", err)
	}
}

// openDB opens a new database without setting anything.
func openDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := driver.Open(t.TempDir() + "/accounts.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func mustSteps(t *testing.T) []string {
	t.Helper()
	all, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// schemaOf returns the SQL of all that is named after the table of accounts.
func schemaOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	return lines(t, db, `SELECT sql FROM sqlite_master WHERE tbl_name = 'deskauth_accounts' AND sql <> '' ORDER BY name`, "\n")
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
