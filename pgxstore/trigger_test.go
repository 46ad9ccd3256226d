package pgxstore_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
)

// What an operator changes by hand raises the version, so that no write that is under way
// takes it back. A statement that raises the version itself raises it by no more.
func TestUpdatesByHandRaiseTheVersion(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	a := guest("ada")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		statement string
		version   int64
	}{
		{"UPDATE deskauth_accounts SET disabled = true", 1},
		{"UPDATE deskauth_accounts SET disabled = true, version = version + 1", 2},
		{"UPDATE deskauth_accounts SET session_epoch = session_epoch + 1 WHERE id = 'ada'", 3},
		{"UPDATE deskauth_accounts SET version = version", 4},
	} {
		before, err := store.UserByID(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		run(t, pool, c.statement)
		if after, err := store.UserByID(t.Context(), a.ID); err != nil || after.Version != c.version {
			t.Errorf("%s: Version %d, %v; want %d", c.statement, after.Version, err, c.version)
		}
		if err := store.UpdateUser(t.Context(), before); !errors.Is(err, deskauth.ErrConflict) {
			t.Errorf("UpdateUser of what was read before %q: %v, want ErrConflict", c.statement, err)
		}
	}
}

// Migrate makes the trigger that raises version where it is missing: a dump of the table
// alone loses it.
func TestMigrate_RestoresTheTrigger(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"deskauth_accounts", `Odd "Name"`} {
		for what, lose := range map[string]string{
			"dropped":          "DROP TRIGGER %[2]s ON %[1]s",
			"with no function": "DROP FUNCTION %[3]s CASCADE",
			"disabled":         "ALTER TABLE %[1]s DISABLE TRIGGER %[2]s",
			"for replicas":     "ALTER TABLE %[1]s ENABLE REPLICA TRIGGER %[2]s",
		} {
			pool := open(t, withSchema(t))
			store, err := pgxstore.NewTable(pool, "", name)
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			a := guest("a")
			if err := store.CreateUser(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			quoted := pgx.Identifier{name}.Sanitize()
			run(t, pool, fmt.Sprintf(lose, quoted, pgx.Identifier{name + "_version"}.Sanitize(),
				pgx.Identifier{name + "_raise_version"}.Sanitize()))
			for range 2 {
				if err := store.Migrate(t.Context()); err != nil {
					t.Fatalf("%s, %s: %v", name, what, err)
				}
			}
			run(t, pool, "UPDATE "+quoted+" SET disabled = true")
			if err := store.UpdateUser(t.Context(), a); !errors.Is(err, deskauth.ErrConflict) {
				t.Errorf("%s, %s: UpdateUser of what was read before: got the error %v, want ErrConflict",
					name, what, err)
			}
		}
	}
}

// What Migrate restores is what the step makes.
func TestTriggerIsThatOfTheSchema(t *testing.T) {
	t.Parallel()
	if !strings.Contains(pgxstore.Schema, pgxstore.TriggerSQL) {
		t.Errorf("the schema does not contain\n%s", pgxstore.TriggerSQL)
	}
}

// The statement of docs/stores.md that ends every session of an account.
const endSessions = `
UPDATE deskauth_accounts
SET session_epoch = session_epoch + 1, updated_at = now()
WHERE email = 'ada@example.com';
`

// An operator's statements end the sessions at once, and those of no other account.
func TestS31_StatementsOfTheDocsEndSessions(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, disable, _ := strings.Cut(string(doc), "This disables an account and ends its sessions:\n//\n")
	disable, _, _ = strings.Cut(disable, "\n//\n")
	for name, statement := range map[string]string{
		"end": endSessions, "disable": strings.ReplaceAll(disable, "//\t", ""),
	} {
		store, pool := newStore(t)
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{Now: time.Now})
		k.MustSignup(t, "ada@example.com", "a long password")
		k.MustSignup(t, "bob@example.com", "a long password")
		ada := k.MustSignin(t, "ada@example.com", "a long password").Token
		bob := k.MustSignin(t, "bob@example.com", "a long password").Token
		run(t, pool, statement)
		if _, err := k.Verify(t.Context(), ada); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("%s: the session goes on: %v, want ErrInvalidToken", name, err)
		}
		if _, err := k.Verify(t.Context(), bob); err != nil {
			t.Errorf("%s: the session of another account: %v", name, err)
		}
		in := deskauth.SigninInput{Email: "ada@example.com", Password: deskauth.NewSecret("a long password")}
		if _, err := k.Signin(t.Context(), in); (err == nil) != (name == "end") {
			t.Errorf("%s: a sign-in afterwards: %v", name, err)
		}
	}
}
