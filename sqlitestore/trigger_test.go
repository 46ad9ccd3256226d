package sqlitestore_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
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

// The statement of the package's documentation ends the sessions of an account at once, and
// lets nobody in. It touches no other account.
func TestS31_StatementOfTheDocsEndsSessions(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, disable, _ := strings.Cut(string(doc), "This disables an account and ends its sessions:\n//\n")
	disable, _, _ = strings.Cut(disable, "\n//\n")
	db := openDB(t, newPath(t))
	k := testkit.NewOn(t, newStore(t, db), testkit.Secrets(), deskauth.Config{Now: time.Now})
	k.MustSignup(t, "ada@example.com", "a long password")
	k.MustSignup(t, "bob@example.com", "a long password")
	ada := k.MustSignin(t, "ada@example.com", "a long password").Token
	bob := k.MustSignin(t, "bob@example.com", "a long password").Token
	mustExec(t, db, strings.ReplaceAll(disable, "//\t", ""))
	if _, err := k.Verify(t.Context(), ada); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("the session goes on: %v, want ErrInvalidToken", err)
	}
	if _, err := k.Verify(t.Context(), bob); err != nil {
		t.Errorf("the session of another account: %v", err)
	}
	in := deskauth.SigninInput{Email: "ada@example.com", Password: deskauth.NewSecret("a long password")}
	if _, err := k.Signin(t.Context(), in); !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("a sign-in afterwards: %v, want ErrInvalidCredentials", err)
	}
}
