package pgxstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
)

// works fails the test unless an account can be stored and found.
func works(t *testing.T, store *pgxstore.Store, id string) {
	t.Helper()
	a := guest(id)
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if got, err := store.UserByEmail(t.Context(), a.Email); err != nil || got.ID != id {
		t.Fatalf("UserByEmail = %q, %v; want %q", got.ID, err, id)
	}
}

// TestMigrate_TenAtOnce lets ten programs start at the same moment on an empty schema, each
// with connections of its own.
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
				if errs[i] = pgxstore.Migrate(context.Background(), pool); errs[i] == nil {
					errs[i] = pgxstore.New(pool).CreateUser(context.Background(), guest(fmt.Sprint("of-", i)))
				}
			})
		}
		close(start)
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("%s: %v", isolation, err)
		}
		var steps, accounts int
		if err := pools[0].QueryRow(t.Context(), "SELECT (SELECT count(*) FROM deskauth_accounts_migrations), (SELECT count(*) FROM deskauth_accounts)").Scan(&steps, &accounts); err != nil || steps != 1 || accounts != 10 {
			t.Errorf("%s: %d steps and %d accounts, %v; want 1 and 10", isolation, steps, accounts, err)
		}
		for _, pool := range pools {
			pool.Close()
		}
	}
}

// Whoever applies the files with a tool of their own may call Migrate too, and the other
// way round.
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

func TestSchemaIsAllMigrations(t *testing.T) {
	t.Parallel()
	files, err := pgxstore.Migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := pgxstore.Migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	if all.String() != pgxstore.Schema {
		t.Error("Schema is not what the migrations make together")
	}
}

// Names that have to be quoted, in a schema that is not there yet.
func TestNewTable(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	var own string
	if err := pool.QueryRow(t.Context(), "SELECT current_schema()").Scan(&own); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ schema, name string }{
		{"", "people"}, {own, "accounts"}, {own, `Odd "Name"; DROP`}, {own, "deskauth_accounts"}, {own, strings.Repeat("é", 25)},
		{own + "_2", "people"}, {own + `_"3"`, "order"},
	} {
		store, err := pgxstore.NewTable(pool, c.schema, c.name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(c.schema, own+"_") {
			defer run(t, pool, "DROP SCHEMA "+strings.SplitAfter(fmt.Sprint(store), "(")[1][:strings.Index(strings.SplitAfter(fmt.Sprint(store), "(")[1], ".")]+" CASCADE")
		}
		for range 2 {
			if err := store.Migrate(t.Context()); err != nil {
				t.Fatalf("%v: %v", c, err)
			}
		}
		works(t, store, fmt.Sprint("id-", i))
		if _, err := store.ImportUsers(t.Context(), []deskauth.Account{guest(fmt.Sprint("imported-", i))}); err != nil {
			t.Errorf("%v: %v", c, err)
		}
		if n, err := store.PurgeIdle(t.Context(), deskauth.KindGuest, guest("").CreatedAt.AddDate(1, 0, 0), 10); err != nil || n != 2 {
			t.Errorf("%v: PurgeIdle = %d, %v; want 2", c, n, err)
		}
	}
	for _, c := range []struct{ schema, name string }{
		{"", ""}, {"", strings.Repeat("x", 52)}, {"", "a\x00b"}, {"", "a\xff"}, {strings.Repeat("x", 64), "a"}, {"a\x00", "a"},
	} {
		if _, err := pgxstore.NewTable(pool, c.schema, c.name); err == nil {
			t.Errorf("NewTable(%q, %q): no error", c.schema, c.name)
		}
	}
}

func TestMigrate_SomebodyElsesTable(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	run(t, pool, "CREATE TABLE deskauth_accounts (id text PRIMARY KEY, kind text, email text, created_at timestamptz, last_active_at timestamptz, balance numeric)")
	run(t, pool, "INSERT INTO deskauth_accounts (id, balance) VALUES ('savings', 100)")
	err := pgxstore.Migrate(t.Context(), pool)
	if err == nil || !strings.Contains(err.Error(), "NewTable") {
		t.Errorf("got %v, want an error that says to choose another name", err)
	}
	var columns, balance int
	if err := pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = 'deskauth_accounts'::regclass AND attnum > 0), (SELECT balance FROM deskauth_accounts)").Scan(&columns, &balance); err != nil || columns != 6 || balance != 100 {
		t.Errorf("the table has %d columns and the balance %d, %v; want it as it was", columns, balance, err)
	}
	if _, err := pool.Exec(t.Context(), "SELECT FROM deskauth_accounts_migrations"); err == nil {
		t.Error("a migration that failed left its table behind")
	}
}

// A newer version of the program has been here: this one goes on with what it knows.
func TestMigrate_NewerSchema(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	run(t, pool, "ALTER TABLE deskauth_accounts ADD COLUMN phone text NOT NULL DEFAULT ''")
	run(t, pool, "INSERT INTO deskauth_accounts_migrations (version) VALUES (2)")
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	works(t, store, "old-program")
}

func TestWithoutMigrate(t *testing.T) {
	t.Parallel()
	store := pgxstore.New(open(t, withSchema(t)))
	if _, err := store.UserByID(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "call Migrate") || errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("got %v, want an error that says to call Migrate", err)
	}
}

// TestLeastRights is a program that may use the tables and make none.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	url := withSchema(t)
	admin := open(t, url)
	if err := pgxstore.Migrate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	var schema string
	if err := admin.QueryRow(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	role := schema + "_app"
	run(t, admin, "CREATE ROLE "+role)
	t.Cleanup(func() {
		run(t, open(t, pgtest.URL(t)), "DROP OWNED BY "+role+"; DROP ROLE "+role)
	})
	run(t, admin, fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT, INSERT, UPDATE, DELETE ON deskauth_accounts TO %[2]s; GRANT SELECT ON deskauth_accounts_migrations TO %[2]s", schema, role))
	store := pgxstore.New(open(t, withParams(t, url, "role="+role)))
	if err := store.Migrate(t.Context()); err != nil {
		t.Errorf("Migrate of a schema that is up to date, without the right to create: %v", err)
	}
	works(t, store, "app")
}

// A table in a later schema of the search_path is the one that the store uses; Migrate must
// not put an empty one before it.
func TestMigrate_LaterInTheSearchPath(t *testing.T) {
	t.Parallel()
	public := withSchema(t)
	pool := open(t, public)
	run(t, pool, pgxstore.Schema)
	works(t, pgxstore.New(pool), "before")
	var first, second string
	if err := open(t, withSchema(t)).QueryRow(t.Context(), "SELECT current_schema()").Scan(&first); err != nil {
		t.Fatal(err)
	}
	if err := pool.QueryRow(t.Context(), "SELECT current_schema()").Scan(&second); err != nil {
		t.Fatal(err)
	}
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

// Several tables in one new schema, and one table under two names, are migrated at once.
func TestMigrate_ManyTablesAtOnce(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	var own string
	if err := pool.QueryRow(t.Context(), "SELECT current_schema()").Scan(&own); err != nil {
		t.Fatal(err)
	}
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
