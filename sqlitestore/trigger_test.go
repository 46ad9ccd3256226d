package sqlitestore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// Migrate restores the trigger without which a sign-in may take back what an operator
// changes at that moment. A dump of the table alone does not have it.
func TestMigrateRestoresTheTrigger(t *testing.T) {
	t.Parallel()
	const drop = `DROP TRIGGER deskauth_accounts_version;`
	for name, change := range map[string]string{
		"missing": drop,
		"another one": drop + `CREATE TRIGGER deskauth_accounts_version AFTER UPDATE ON deskauth_accounts
			WHEN new.version < old.version BEGIN SELECT 1; END`,
		"missing, and another tool made the table": drop + `DROP TABLE deskauth_accounts_migrations`,
		"as it was, after the table was renamed for a while": `ALTER TABLE deskauth_accounts RENAME TO away;
			ALTER TABLE away RENAME TO deskauth_accounts`,
	} {
		db := openDB(t, newPath(t))
		if err := sqlitestore.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, change)
		before := number(t, db, `PRAGMA schema_version`)
		s := newStore(t, db) // calls Migrate
		if kept := number(t, db, `PRAGMA schema_version`) == before; kept != strings.HasPrefix(name, "as it was") {
			t.Errorf("%s: Migrate left the schema: %t", name, kept)
		}
		a := account("ada")
		if err := s.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, `UPDATE deskauth_accounts SET disabled = 1`)
		if err := s.UpdateUser(t.Context(), a); !errors.Is(err, deskauth.ErrConflict) {
			t.Errorf("%s: UpdateUser of what was read before an update by hand: got the error %v, want ErrConflict", name, err)
		}
		if err := sqlitestore.Migrate(t.Context(), db); err != nil {
			t.Errorf("%s: Migrate again: got the error %v, want nil", name, err)
		}
	}
}

// While an old table that was renamed has the trigger, Migrate can make none, and says what
// to do.
func TestMigrateWhereAnOldTableHasTheTrigger(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	mustExec(t, db, `ALTER TABLE deskauth_accounts RENAME TO old_accounts;
		DROP TABLE deskauth_accounts_migrations;
		DROP INDEX deskauth_accounts_email;
		DROP INDEX deskauth_accounts_idle_guests;
		DROP INDEX deskauth_accounts_idle_externals`)
	err := sqlitestore.Migrate(t.Context(), db)
	const advice = "DROP TRIGGER deskauth_accounts_version"
	if err == nil || !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), `"old_accounts"`) {
		t.Errorf("Migrate: got the error %v, want one that names old_accounts and says %s", err, advice)
	}
	mustExec(t, db, advice)
	if err := sqlitestore.Migrate(t.Context(), db); err != nil {
		t.Errorf("Migrate after that: got the error %v, want nil", err)
	}
}
