package sqlitestore_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// Migrate refuses a table that lacks something, says what, and changes nothing.
func TestMigrateRefusesAnotherTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, missing string }{
		"column":     {`CREATE TABLE deskauth_accounts (id TEXT, mail TEXT)`, "kind"},
		"a view":     {`CREATE VIEW deskauth_accounts AS SELECT 1 AS id`, "kind"},
		"other case": {`CREATE TABLE DeskAuth_Accounts (id TEXT)`, "kind"},
		"email index": {
			sqlitestore.Schema + `; DROP INDEX deskauth_accounts_email`,
			"deskauth_accounts_email",
		},
		"idle index": {
			sqlitestore.Schema + `; DROP INDEX deskauth_accounts_idle_guests`,
			"deskauth_accounts_idle_guests",
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := openDB(t, newPath(t))
			mustExec(t, db, c.sql)
			before := number(t, db, `PRAGMA schema_version`)
			err := sqlitestore.Migrate(t.Context(), db)
			if err == nil || !strings.Contains(err.Error(), c.missing) ||
				!strings.Contains(err.Error(), "Migrations") {
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
	err := sqlitestore.Migrate(t.Context(), db)
	if err == nil || !strings.Contains(err.Error(), "UTF-16le") {
		t.Errorf("Migrate of a database in UTF-16: got the error %v, want one that says so", err)
	}
}

// Migrate refuses a table that could hold two accounts with one ID or address, or values
// that are not of an account. Another table may have the names of its indexes, or it may
// have been copied without them.
func TestMigrateWithoutUniqueIndexes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, want string }{
		"a renamed table has the index": {
			sqlitestore.Schema + `; ALTER TABLE deskauth_accounts RENAME TO old_accounts`,
			"old table that was renamed",
		},
		"copied without its keys": {
			sqlitestore.Schema + `; CREATE TABLE copied AS SELECT * FROM deskauth_accounts;
				DROP TABLE deskauth_accounts;
				ALTER TABLE copied RENAME TO deskauth_accounts;
				CREATE UNIQUE INDEX deskauth_accounts_email
					ON deskauth_accounts (email) WHERE email <> '';
				CREATE INDEX deskauth_accounts_idle_guests
					ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest';
				CREATE INDEX deskauth_accounts_idle_externals
					ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'userexternal'`,
			"unique index on id",
		},
		"an index that is not unique": {
			sqlitestore.Schema + `; DROP INDEX deskauth_accounts_email;
				CREATE INDEX deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> ''`,
			"unique index on email",
		},
		"an ID that ignores case": {
			replaceOnce(t, sqlitestore.Schema, "id             TEXT ", "id TEXT COLLATE NOCASE "),
			"unique index on id",
		},
		"a table that is not strict": {
			replaceOnce(t, sqlitestore.Schema, ") STRICT", ")"),
			"STRICT",
		},
		"a table without rowid": {
			replaceOnce(t, sqlitestore.Schema, ") STRICT", ") STRICT, WITHOUT ROWID"),
			"rowid",
		},
	} {
		db := openDB(t, newPath(t))
		if _, err := db.Exec(c.before); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		err := sqlitestore.Migrate(t.Context(), db)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Migrate, %s: got the error %v, want one with %q", name, err, c.want)
		}
	}
}

// A column state of the host's own is refused before anything is changed. One that another
// tool made by running the step is taken.
func TestMigrateRefusesAStateOfTheHosts(t *testing.T) {
	t.Parallel()
	const add, set = `ALTER TABLE deskauth_accounts ADD COLUMN `, `state TEXT; UPDATE deskauth_accounts SET state = `
	for name, c := range map[string]struct{ sql, says string }{
		"a default":              {add + `state TEXT DEFAULT 'CA'`, "a default"},
		"not NULL":               {add + `state TEXT NOT NULL DEFAULT 'CA'`, "NOT NULL"},
		"another type":           {add + `state INTEGER`, "INTEGER"},
		"upper case":             {add + `STATE INTEGER`, "INTEGER"},
		"a text":                 {add + set + `'CA' WHERE id = 'guest'`, `"guest"`},
		"an empty text":          {add + set + `'' WHERE id = 'guest'`, `"guest"`},
		"JSON":                   {add + set + `'{"open":true}'`, `"`},
		"JSON that is no object": {add + set + `'[1]'`, `"`},
		"what deskauth writes":   {add + set + `'{"v":1}'`, ""},
		"nothing":                {add + `state TEXT`, ""},
	} {
		db := firstSchema(t)
		mustExec(t, db, c.sql)
		before := number(t, db, `PRAGMA schema_version`)
		err := sqlitestore.Migrate(t.Context(), db)
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: got the error %v, want nil", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "RENAME COLUMN state TO") {
			t.Errorf("%s: got the error %v, want one that says %s, and to rename the column", name, err, c.says)
		}
		if after := number(t, db, `PRAGMA schema_version`); after != before || versionsOf(t, db) != "1 " {
			t.Errorf("%s: Migrate changed the schema that it refused", name)
		}
		mustExec(t, db, `ALTER TABLE deskauth_accounts RENAME COLUMN state TO my_state`)
		if err := sqlitestore.Migrate(t.Context(), db); err != nil {
			t.Errorf("%s: Migrate when the column has another name: got the error %v, want nil", name, err)
		}
	}
	// Also in a table of the newest schema that another tool made.
	db := openDB(t, newPath(t))
	mustExec(t, db, replaceOnce(t, sqlitestore.Schema, "ADD COLUMN state TEXT", "ADD COLUMN state TEXT DEFAULT 'CA'"))
	if err := sqlitestore.Migrate(t.Context(), db); err == nil || !strings.Contains(err.Error(), "a default") {
		t.Errorf("a table of another tool's: got the error %v, want one that names the default", err)
	}
}

// replaceOnce replaces a text that must be there.
func replaceOnce(t *testing.T, s, old, new string) string {
	t.Helper()
	if !strings.Contains(s, old) {
		t.Fatalf("%q is not in\n%s", old, s)
	}
	return strings.Replace(s, old, new, 1)
}
