package pgxstore_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
)

// Migrate refuses a table that could hold two accounts with one ID or address. Another
// table may have the names of its indexes, or it may have been restored without them.
func TestMigrate_WithoutUniqueIndexes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before string
		want   string
	}{
		"a renamed table has the index": {
			"ALTER TABLE deskauth_accounts RENAME TO old_accounts",
			"one email",
		},
		"restored without constraints": {
			`CREATE TABLE copied AS TABLE deskauth_accounts; DROP TABLE deskauth_accounts;
				ALTER TABLE copied RENAME TO deskauth_accounts`,
			"one id",
		},
		"an index that sorts by another collation": {
			`DROP INDEX deskauth_accounts_email;
				CREATE UNIQUE INDEX deskauth_accounts_email
					ON deskauth_accounts (email COLLATE "default") WHERE email <> ''`,
			"one email",
		},
		"an index that is not unique": {
			`DROP INDEX deskauth_accounts_email;
				CREATE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> ''`,
			"one email",
		},
		"an index with another condition": {
			`DROP INDEX deskauth_accounts_email;
				CREATE UNIQUE INDEX deskauth_accounts_email
					ON deskauth_accounts (email) WHERE kind = 'user'`,
			"one email",
		},
	} {
		pool := open(t, withSchema(t))
		run(t, pool, pgxstore.Schema+"; "+c.before)
		err := pgxstore.Migrate(t.Context(), pool)
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "unique index") {
			t.Errorf("Migrate, %s: got %v, want an error that says that two could have %s", name, err, c.want)
		}
	}
}

// Migrate refuses a table whose IDs or addresses compare by the database's collation, which
// may take two spellings for one. It refuses a table without the index for idle guests.
func TestMigrate_TableThatDoesNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, want string }{
		"IDs as the database sorts": {
			`ALTER TABLE deskauth_accounts ALTER COLUMN id TYPE text COLLATE "default"`,
			"compare by its bytes",
		},
		"addresses as the database sorts": {
			`DROP INDEX deskauth_accounts_email;
				ALTER TABLE deskauth_accounts ALTER COLUMN email TYPE text COLLATE "default";
				CREATE UNIQUE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> ''`,
			"compare by its bytes",
		},
		"no index for idle guests": { // the first migration is recorded, or it would make the index
			`DROP INDEX deskauth_accounts_idle_guests;
				CREATE TABLE deskauth_accounts_migrations (
					version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
				INSERT INTO deskauth_accounts_migrations (version) VALUES (1)`,
			"idle guests",
		},
	} {
		pool := open(t, withSchema(t))
		run(t, pool, pgxstore.Schema+"; "+c.before)
		err := pgxstore.Migrate(t.Context(), pool)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Migrate, %s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// Migrate finds the indexes where PostgreSQL quotes all names.
func TestMigrate_QuotedNames(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t, "quote_all_identifiers=on"))
	for range 2 {
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Errorf("Migrate where all names are quoted: %v", err)
		}
	}
}

// Migrate refuses a table of the host's that has the name, and does not touch it.
func TestMigrate_AnotherTable(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	run(t, pool, `CREATE TABLE deskauth_accounts (id text PRIMARY KEY, kind text, email text,
		created_at timestamptz, last_active_at timestamptz, balance numeric)`)
	run(t, pool, "INSERT INTO deskauth_accounts (id, balance) VALUES ('savings', 100)")
	err := pgxstore.Migrate(t.Context(), pool)
	if err == nil || !strings.Contains(err.Error(), "NewTable") {
		t.Errorf("got %v, want an error that says to choose another name", err)
	}
	var columns, balance int
	err = pool.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM pg_attribute
			WHERE attrelid = 'deskauth_accounts'::regclass AND attnum > 0),
		(SELECT balance FROM deskauth_accounts)`).Scan(&columns, &balance)
	if err != nil || columns != 6 || balance != 100 {
		t.Errorf("the table has %d columns and the balance %d, %v; want 6 and 100", columns, balance, err)
	}
	if _, err := pool.Exec(t.Context(), "SELECT FROM deskauth_accounts_migrations"); err == nil {
		t.Error("a migration that failed left its table behind")
	}
}
