package pgxstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TestMigrate_TenAtOnce lets ten programs start at the same moment in an empty schema. Each
// has connections of its own.
func TestMigrate_TenAtOnce(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"read committed", "serializable"} {
		url := withSchema(t, "default_transaction_isolation="+isolation)
		pools := make([]*pgxpool.Pool, 10)
		for i := range pools {
			pools[i] = open(t, url)
		}
		var wg sync.WaitGroup
		errs := make([]error, len(pools))
		start := make(chan struct{})
		for i, pool := range pools {
			wg.Go(func() {
				<-start
				errs[i] = pgxstore.Migrate(t.Context(), pool)
				if errs[i] == nil {
					errs[i] = pgxstore.New(pool).CreateUser(t.Context(), guest(fmt.Sprint("of-", i)))
				}
			})
		}
		close(start)
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("%s: %v", isolation, err)
		}
		var steps, accounts int
		err := pools[0].QueryRow(t.Context(), `SELECT
			(SELECT count(*) FROM deskauth_accounts_migrations),
			(SELECT count(*) FROM deskauth_accounts)`).Scan(&steps, &accounts)
		if err != nil || steps != 2 || accounts != 10 {
			t.Errorf("%s: %d steps and %d accounts, %v; want 2 and 10", isolation, steps, accounts, err)
		}
		for _, pool := range pools {
			pool.Close()
		}
	}
}

// A host may run the files with a tool of its own, and call Migrate too, in either order.
func TestMigrate_AfterTheFiles(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	store := pgxstore.New(pool)
	run(t, pool, pgxstore.Schema)
	works(t, store, "by-schema")
	for range 2 {
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run(t, pool, pgxstore.Schema)
	works(t, store, "by-both")
	if _, err := store.UserByID(t.Context(), "by-schema"); err != nil {
		t.Errorf("an account from before: %v", err)
	}
}

// Schema is the text of all migrations.
func TestSchemaIsAllMigrations(t *testing.T) {
	t.Parallel()
	files, err := pgxstore.Migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		text, err := pgxstore.Migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	if strings.Join(all, "\n") != pgxstore.Schema {
		t.Error("Schema is not what the migrations make together")
	}
}

// Where a newer version of the program has migrated, this one goes on with what it knows.
func TestMigrate_NewerSchema(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	run(t, pool, "ALTER TABLE deskauth_accounts ADD COLUMN phone text NOT NULL DEFAULT ''")
	run(t, pool, "INSERT INTO deskauth_accounts_migrations (version) VALUES (3)")
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	works(t, store, "old-program")
}

// The names of the files are numbered from 0001 on, without a gap: a migration's number is
// its place in the list.
func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	files, err := pgxstore.Migrations.ReadDir("migrations")
	if err != nil || len(files) == 0 {
		t.Fatalf("the files of Migrations: got %v and the error %v, want some", files, err)
	}
	for i, f := range files {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(f.Name(), want) {
			t.Errorf("migration %d: got the name %s, want %s….sql", i+1, f.Name(), want)
		}
	}
}

// A program that may use the tables and make none can call Migrate and the store.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	url := withSchema(t)
	admin := open(t, url)
	if err := pgxstore.Migrate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	schema := currentSchema(t, admin)
	role := schema + "_app"
	run(t, admin, "CREATE ROLE "+role)
	t.Cleanup(func() {
		run(t, open(t, pgtest.URL(t)), "DROP OWNED BY "+role+"; DROP ROLE "+role)
	})
	run(t, admin, fmt.Sprintf(`GRANT USAGE ON SCHEMA %s TO %s;
		GRANT SELECT, INSERT, UPDATE, DELETE ON deskauth_accounts TO %[2]s;
		GRANT SELECT ON deskauth_accounts_migrations TO %[2]s`, schema, role))
	store := pgxstore.New(open(t, withParams(t, url, "role="+role)))
	if err := store.Migrate(t.Context()); err != nil {
		t.Errorf("Migrate, up to date, without the right to create: got the error %v, want nil", err)
	}
	works(t, store, "app")
}

// The store uses a table in a later schema of the search_path. Migrate must not make an
// empty one in an earlier schema.
func TestMigrate_LaterInTheSearchPath(t *testing.T) {
	t.Parallel()
	public := withSchema(t)
	pool := open(t, public)
	run(t, pool, pgxstore.Schema)
	works(t, pgxstore.New(pool), "before")
	first, second := currentSchema(t, open(t, withSchema(t))), currentSchema(t, pool)
	both := open(t, withParams(t, public, "search_path="+first+","+second))
	for range 2 {
		if err := pgxstore.Migrate(t.Context(), both); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pgxstore.New(both).UserByID(t.Context(), "before"); err != nil {
		t.Errorf("an account from before Migrate: %v", err)
	}
}

// Callers may migrate several tables in one new schema, and one table under two names, at
// once.
func TestMigrate_ManyTablesAtOnce(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	own := currentSchema(t, pool)
	defer run(t, pool, "DROP SCHEMA "+own+"_new CASCADE")
	var wg sync.WaitGroup
	for i := range 8 {
		schema, name := own+"_new", fmt.Sprint("table_", i)
		switch i {
		case 6:
			schema, name = "", "deskauth_accounts"
		case 7:
			schema, name = own, "deskauth_accounts"
		}
		store, err := pgxstore.NewTable(pool, schema, name)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := store.Migrate(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Migrate waits for another process until its context ends, whatever the server's timeouts
// are.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	url := withSchema(t)
	pool := open(t, withParams(t, url, "statement_timeout=50", "lock_timeout=50"))
	other := open(t, url)
	tx, err := other.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock($1)", int64(0x6465736b61757468)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := pgxstore.Migrate(ctx, pool); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Migrate while another one migrates: got %v, want the context's error", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := pgxstore.Migrate(t.Context(), pool); err != nil {
		t.Errorf("Migrate after that: %v", err)
	}
}
