package pgxstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

// waits counts the sessions that wait for the table.
func waits(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	return ask(t, pool, `SELECT count(*) FROM pg_locks
		WHERE relation = 'deskauth_accounts'::regclass AND NOT granted`)
}

// A transaction that has read the table is open, such as a dump. While Migrate waits for
// it, look-ups go on.
func TestMigrate_BesideAnOpenTransaction(t *testing.T) {
	t.Parallel()
	pool := firstSchema(t)
	run(t, pool, `INSERT INTO deskauth_accounts (id, kind, created_at, updated_at) VALUES ('a', 'user', now(), now())`)
	lookUp := func(ctx context.Context) error {
		var id string
		return pool.QueryRow(ctx, "SELECT id FROM deskauth_accounts WHERE id = 'a'").Scan(&id)
	}
	dump, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dump.Exec(t.Context(), "SELECT FROM deskauth_accounts"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- pgxstore.Migrate(t.Context(), pool) }()
	for range 2 {
		eventually(t, "Migrate waits", func() bool { return waits(t, pool) > 0 })
		if err := within(t, patience, lookUp); err != nil {
			t.Errorf("a look-up beside Migrate: got the error %v, want nil", err)
		}
	}
	if err := dump.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Migrate when the transaction has ended: got the error %v, want nil", err)
	}
}

// Migrate gives up after a while, or when its context ends, and says what to do.
func TestMigrate_GivesUp(t *testing.T) {
	t.Parallel()
	pool := firstSchema(t)
	dump, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer dump.Rollback(context.Background())
	if _, err := dump.Exec(t.Context(), "SELECT FROM deskauth_accounts"); err != nil {
		t.Fatal(err)
	}
	says := func(err error) bool { return err != nil && strings.Contains(err.Error(), "pg_locks") }
	store := pgxstore.New(pool)
	if err := store.MigrateWithin(t.Context(), 0); !says(err) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Migrate beside an open transaction: got the error %v, want one that says how to find it", err)
	}
	for _, pause := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- store.Migrate(ctx) }()
		eventually(t, "Migrate waits", func() bool { return waits(t, pool) > 0 })
		if pause {
			eventually(t, "Migrate pauses", func() bool { return waits(t, pool) == 0 })
		}
		cancel()
		if err := <-done; !says(err) || !errors.Is(err, context.Canceled) {
			t.Errorf("Migrate beside an open transaction, cancelled, in a pause %t: got the error %v, "+
				"want one that says how to find it, and wraps %v", pause, err, context.Canceled)
		}
		eventually(t, "its session ends", func() bool { return waits(t, pool) == 0 })
	}
}
