package pgxstore_test

import (
	"context"
	"fmt"
	"testing"

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
		}
	})
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
