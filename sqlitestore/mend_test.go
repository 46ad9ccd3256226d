package sqlitestore_test

import (
	"database/sql"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// The CHECK of attributes before and after. Before SQLite 3.43 the old one refuses NULL.
const (
	oldCheck = "CHECK (json_valid(attributes))"
	newCheck = "CHECK (attributes IS NULL OR json_valid(attributes))"
)

// oldDatabase is one as the first Migrate made it, with two accounts and with what a host
// may have added to it.
func oldDatabase(t *testing.T, path string) *sql.DB {
	t.Helper()
	db := openDB(t, "file:"+path+"?_pragma=busy_timeout(60000)&_pragma=foreign_keys(on)")
	mustExec(t, db, replaceOnce(t, mustSteps(t)[0], newCheck, oldCheck))
	mustExec(t, db, `
		CREATE TABLE deskauth_accounts_migrations (
			version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
		INSERT INTO deskauth_accounts_migrations VALUES (1, 0);
		INSERT INTO deskauth_accounts (id, kind, attributes, created_at, updated_at) VALUES
			('none', 'user', NULL, 1, 2), ('some', 'guest', '{"plan":"gold"}', 3, 4);
		ALTER TABLE deskauth_accounts ADD COLUMN of_the_host TEXT NOT NULL DEFAULT 'kept';
		CREATE INDEX by_plan ON deskauth_accounts (attributes->>'plan');
		CREATE VIEW plans AS SELECT id, attributes->>'plan' AS plan FROM deskauth_accounts;
		CREATE TABLE orders (account TEXT REFERENCES deskauth_accounts (id) ON DELETE CASCADE);
		INSERT INTO orders VALUES ('none'), ('some');
		CREATE TABLE log (id TEXT);
		CREATE TRIGGER created AFTER INSERT ON deskauth_accounts BEGIN
			INSERT INTO log VALUES (new.id); END`)
	return db
}

// A table of the first version gets the CHECK that every SQLite understands. Nothing else
// changes, and nothing of the host's is lost.
func TestMigrateMendsTheCheck(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db := oldDatabase(t, path)
	before := lines(t, db, `SELECT sql FROM sqlite_master WHERE sql <> '' ORDER BY name`, "\n")
	reader := openDB(t, path) // has read the schema
	if got := number(t, reader, `SELECT count(*) FROM plans`); got != 2 {
		t.Fatalf("accounts before: got %d, want 2", got)
	}

	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := sqlitestore.Migrate(t.Context(), db); err != nil {
				t.Errorf("Migrate: got the error %v, want nil", err)
			}
		})
	}
	wg.Wait()
	after := lines(t, db, `SELECT sql FROM sqlite_master WHERE sql <> ''
		AND name NOT IN ('deskauth_accounts_version', 'deskauth_accounts_idle_externals') ORDER BY name`, "\n")
	want := strings.Replace(before, oldCheck, newCheck, 1)
	want = strings.Replace(want, "DEFAULT 'kept')", "DEFAULT 'kept', state TEXT)", 1) // the next step
	if after != want {
		t.Errorf("the schema after Migrate:\n%s\nwant\n%s", after, want)
	}
	for query, want := range map[string]string{
		`SELECT id || attributes || of_the_host FROM deskauth_accounts WHERE id = 'some'`: `some{"plan":"gold"}kept|`,
		`SELECT count(*) FROM deskauth_accounts WHERE attributes IS NULL`:                 "1|",
		`SELECT account FROM orders ORDER BY account`:                                     "none|some|",
		`PRAGMA integrity_check`: "ok|",
	} {
		if got := lines(t, db, query, "|"); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if got := number(t, db, `PRAGMA writable_schema`); got != 0 {
		t.Errorf("PRAGMA writable_schema after Migrate: got %d, want 0", got)
	}

	// The triggers and keys still work, also for a connection that knew the old schema.
	mustExec(t, reader, `INSERT INTO deskauth_accounts (id, kind, created_at, updated_at)
		VALUES ('new', 'user', 1, 1)`)
	mustExec(t, db, `DELETE FROM deskauth_accounts WHERE id = 'none'`)
	if got := lines(t, db, `SELECT id FROM log UNION ALL SELECT account FROM orders`, " "); got != "new some " {
		t.Errorf("the host's trigger and key: got %q, want %q", got, "new some ")
	}
	if _, err := db.Exec(`UPDATE deskauth_accounts SET attributes = 'no JSON'`); err == nil {
		t.Error("attributes that are not JSON were stored")
	}
}

// A step after the mended table finds it in order.
func TestMigrateMendsTheCheckBeforeItsSteps(t *testing.T) {
	t.Parallel()
	db := oldDatabase(t, newPath(t))
	const writes = `UPDATE deskauth_accounts SET version = version + 1;`
	all := append(mustSteps(t), nextStep+writes)
	if err := sqlitestore.MigrateSteps(t.Context(), db, all); err != nil {
		t.Fatal(err)
	}
	got := lines(t, db, `SELECT id || nickname || of_the_host FROM deskauth_accounts ORDER BY id`, "|")
	if want := "nonenonekept|somenonekept|"; got != want {
		t.Errorf("the accounts after a step that adds a column: got %s, want %s", got, want)
	}
	checkNoOldCheck(t, db)
}

func checkNoOldCheck(t *testing.T, db *sql.DB) {
	t.Helper()
	if schema := schemaOf(t, db); strings.Contains(schema, oldCheck) || !strings.Contains(schema, newCheck) {
		t.Errorf("the CHECK of attributes refuses NULL before SQLite 3.43:\n%s", schema)
	}
}

// When a step fails, the schema is as it was and cannot be written.
func TestMigrateMendsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := oldDatabase(t, newPath(t))
	db.SetMaxOpenConns(1)
	before := schemaOf(t, db)
	broken := append(mustSteps(t), "CREATE INDEX broken ON no_such_table (x);")
	if err := sqlitestore.MigrateSteps(t.Context(), db, broken); err == nil {
		t.Error("a broken step: got no error, want one")
	}
	if got := schemaOf(t, db); got != before {
		t.Errorf("the schema after a broken step:\n%s\nwant\n%s", got, before)
	}
	if got := number(t, db, `PRAGMA writable_schema`); got != 0 {
		t.Errorf("PRAGMA writable_schema after a broken step: got %d, want 0", got)
	}
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after that: got the error %v, want nil", err)
	}
	checkNoOldCheck(t, db)
}
