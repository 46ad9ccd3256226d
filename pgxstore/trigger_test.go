package pgxstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
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
