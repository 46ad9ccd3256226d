package pgxstore_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
)

// A table that could keep two accounts of one ID or address is refused: without its unique
// indexes, because others have their names or because it was restored without them.
func TestMigrate_WithoutUniqueIndexes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before string
		want   string
	}{
		"a renamed table has the index": {pgxstore.Schema + "; ALTER TABLE deskauth_accounts RENAME TO old_accounts", "one email"},
		"restored without constraints":  {pgxstore.Schema + "; CREATE TABLE copied AS TABLE deskauth_accounts; DROP TABLE deskauth_accounts; ALTER TABLE copied RENAME TO deskauth_accounts", "one id"},
		"an index that sorts otherwise": {pgxstore.Schema + `; DROP INDEX deskauth_accounts_email; CREATE UNIQUE INDEX deskauth_accounts_email ON deskauth_accounts (email COLLATE "default") WHERE email <> ''`, "one email"},
		"an index that is not unique": {pgxstore.Schema + "; DROP INDEX deskauth_accounts_email; CREATE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> ''",
			"one email"},
		"an index with another condition": {pgxstore.Schema + "; DROP INDEX deskauth_accounts_email; CREATE UNIQUE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE kind = 'user'",
			"one email"},
	} {
		pool := open(t, withSchema(t))
		run(t, pool, c.before)
		if err := pgxstore.Migrate(t.Context(), pool); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "unique index") {
			t.Errorf("%s: got %v, want an error that says that two could have %s", name, err, c.want)
		}
	}
}

// So is one whose IDs or addresses sort by a collation, which may take two spellings for one,
// and one without the index for idle guests.
func TestMigrate_TableThatDoesNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, want string }{
		"IDs as the database sorts":       {strings.Replace(pgxstore.Schema, `id             text COLLATE "C"`, `id text`, 1), "compare by their bytes"},
		"addresses as the database sorts": {strings.Replace(pgxstore.Schema, `email          text COLLATE "C"`, `email text`, 1), "compare by their bytes"},
		"no index for idle guests":        {pgxstore.Schema + "; DROP INDEX deskauth_accounts_idle_guests", "idle guests"},
	} {
		pool := open(t, withSchema(t))
		run(t, pool, c.before)
		if c.want == "idle guests" { // its own files would make the index
			run(t, pool, "CREATE TABLE deskauth_accounts_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()); INSERT INTO deskauth_accounts_migrations (version) VALUES (1)")
		}
		if err := pgxstore.Migrate(t.Context(), pool); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// Names that PostgreSQL puts in quotation marks are the same.
func TestMigrate_QuotedNames(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t, "quote_all_identifiers=on"))
	for range 2 {
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Errorf("Migrate where all names are quoted: %v", err)
		}
	}
}
