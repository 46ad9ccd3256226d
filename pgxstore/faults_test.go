package pgxstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest"
	"github.com/jackc/pgx/v5"
)

// TestRunFaults lets the server end the connections of the store. Triggers make writes fail
// with the errors of a standby server and of a full disk.
func TestRunFaults(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
		url := withSchema(t)
		admin := open(t, url)
		schema := currentSchema(t, admin)
		pool := open(t, withParams(t, url, "application_name="+schema))
		store := pgxstore.New(pool)
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		do := func(sql string, args ...any) error {
			_, err := admin.Exec(context.Background(), sql, args...)
			return err
		}
		// fails returns a switch that makes every write fail with the error.
		fails := func(name, condition string) func(on bool) error {
			return func(on bool) error {
				if !on {
					return do("DROP TRIGGER IF EXISTS " + name + " ON deskauth_accounts")
				}
				return do(fmt.Sprintf(`
					CREATE OR REPLACE FUNCTION %[1]s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
						RAISE EXCEPTION USING ERRCODE = '%[2]s', MESSAGE = '%[2]s';
					END $$;
					CREATE TRIGGER %[1]s BEFORE INSERT OR UPDATE OR DELETE ON deskauth_accounts
						EXECUTE FUNCTION %[1]s()`, name, condition))
			}
		}
		return store, storetest.Backdoor{
			Disconnect: func() error {
				return do(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE application_name = $1`, schema)
			},
			ReadOnly: fails("read_only", "read_only_sql_transaction"),
			Full:     fails("full_disk", "disk_full"),
			BreakRow: breaksRows(do),
		}
	})
}

// breaksRows returns a function that breaks each row in another way.
func breaksRows(do func(sql string, args ...any) error) func(id string) error {
	broken := 0
	return func(id string) error {
		set := []string{
			"last_active_at = 'infinity'", "created_at = '-infinity'", "updated_at = 'infinity'",
			"first_name = NULL", "session_epoch = NULL", "created_at = NULL",
		}[broken%6]
		broken++
		for _, column := range []string{"first_name", "session_epoch", "created_at"} {
			if err := do("ALTER TABLE deskauth_accounts ALTER COLUMN " + column + " DROP NOT NULL"); err != nil {
				return err
			}
		}
		return do("UPDATE deskauth_accounts SET "+set+" WHERE id = $1", id)
	}
}

// The error of a broken row names the account and the column, and no value of the account.
func TestBrokenRowIsNamed(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	a := guest("broken")
	a.PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2VjcmV0$c2VjcmV0aGFzaA"
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	run(t, pool, "UPDATE deskauth_accounts SET last_active_at = 'infinity'")
	_, byID := store.UserByID(t.Context(), a.ID)
	_, byEmail := store.UserByEmail(t.Context(), a.Email)
	_, listed := store.ListUsers(t.Context(), "", 10)
	for _, err := range []error{byID, byEmail, listed} {
		if err == nil || !strings.Contains(err.Error(), `account "broken"`) ||
			!strings.Contains(err.Error(), "last_active_at") || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("got the error %v, want one that names the account and the column", err)
		}
	}
}

// A timestamp of infinity is no activity: a purge would take everyone else for idle.
func TestInfinityIsNoActivity(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	for _, id := range []string{"sound", "ahead", "before"} {
		if err := store.CreateUser(t.Context(), guest(id)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want time.Time) {
		t.Helper()
		got, err := store.LastActivity(t.Context(), deskauth.KindGuest, time.Now())
		if err != nil || !got.Equal(want) {
			t.Errorf("LastActivity: got %v and the error %v, want %v", got, err, want)
		}
	}
	run(t, pool, "UPDATE deskauth_accounts SET last_active_at = 'infinity' WHERE id = 'ahead'")
	run(t, pool, "UPDATE deskauth_accounts SET last_active_at = '-infinity' WHERE id = 'before'")
	check(guest("sound").LastActiveAt)
	if err := store.DeleteUser(t.Context(), "sound"); err != nil {
		t.Fatal(err)
	}
	check(time.Time{})
}

// When all idle connections of the pool have ended, a few calls fail, and then the store
// works.
func TestConnectionsEndWhileIdle(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t, "application_name=idle_test")
	run(t, open(t, pool.Config().ConnString()), `SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE application_name = 'idle_test'
		AND pid <> pg_backend_pid() AND datname = current_database()`)
	var err error
	for range pool.Config().MaxConns + 1 {
		if err = store.CreateUser(t.Context(), guest("late")); err == nil {
			break
		}
		if isAnswer(err) {
			t.Errorf("CreateUser on a broken connection: got %v, want a failure", err)
		}
	}
	if err != nil {
		t.Errorf("the store does not recover: %v", err)
	}
	var alive int
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT 1").Scan(&alive)
	})
	if err != nil || alive != 1 {
		t.Errorf("the pool: %v", err)
	}
}
