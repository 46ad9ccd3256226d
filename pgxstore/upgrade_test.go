package pgxstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

func step(t *testing.T, file string) string {
	t.Helper()
	text, err := pgxstore.Migrations.ReadFile("migrations/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firstSchema returns the pool of a table as the first step made it.
func firstSchema(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := open(t, withSchema(t))
	run(t, pool, step(t, "0001_accounts.sql"))
	run(t, pool, `CREATE TABLE deskauth_accounts_migrations (
		version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
		INSERT INTO deskauth_accounts_migrations (version) VALUES (1)`)
	return pool
}

// An older table is brought up to date with all of its accounts. Only the made-up address
// of a guest goes.
func TestMigrate_CarriesAccounts(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *pgxpool.Pool){
		"by Migrate": func(*testing.T, *pgxpool.Pool) {},
		"by another tool and Migrate": func(t *testing.T, pool *pgxpool.Pool) {
			run(t, pool, step(t, "0002_state.sql"))
		},
	} {
		pool := firstSchema(t)
		run(t, pool, `INSERT INTO deskauth_accounts (id, kind, email, first_name, attributes, session_epoch, version,
				last_active_at, created_at, updated_at) VALUES
				('agent', 'user', 'ada@example.com', 'Ada', NULL, 3, 4, NULL, now(), now()),
				('guest', 'guest', 'x@tiledesk.com', 'guest#1', '{"a":1}', 5, 6, now(), now(), now()),
				('external', 'userexternal', '', 'Leo', '{"plan":"gold"}', 7, 8, NULL, now(), now())`)
		prepare(t, pool)
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		store := pgxstore.New(pool)
		for id, want := range map[string]struct {
			email, first, attributes string
			epoch                    int64
		}{
			"agent":    {"ada@example.com", "Ada", "", 3},
			"guest":    {"", "guest#1", `{"a":1}`, 5},
			"external": {"", "Leo", `{"plan":"gold"}`, 7},
		} {
			a, err := store.UserByID(t.Context(), id)
			if err != nil || a.Email != want.email || a.FirstName != want.first ||
				string(a.Attributes) != want.attributes || a.SessionEpoch != want.epoch || a.State != "" {
				t.Errorf("%s: got %+v, %v; want %+v", name, a, err, want)
			}
			a.State = `{"v":1}`
			if err := store.UpdateUser(t.Context(), a); err != nil {
				t.Errorf("%s: UpdateUser of %s: %v", name, id, err)
			}
		}
	}
}

// The first schema kept last_active_at for guests alone. No external user is idle for that,
// and no guest whom another tool has stored.
func TestMigrate_IsActivity(t *testing.T) {
	t.Parallel()
	pool := firstSchema(t)
	run(t, pool, `INSERT INTO deskauth_accounts
		(id, kind, last_active_at, created_at, updated_at) VALUES
		('updated', 'userexternal', NULL, '2025-01-01Z', '2026-01-01Z'),
		('created', 'userexternal', NULL, '2026-01-01Z', '2025-01-01Z'),
		('guest', 'guest', NULL, '2025-01-01Z', '2026-01-01Z'),
		('idle', 'guest', '2025-06-01Z', '2025-01-01Z', '2026-01-01Z'),
		('agent', 'user', NULL, '2025-01-01Z', '2026-01-01Z')`)
	for range 2 { // the second time as a tool of the host's might
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]time.Time{
			"updated": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			"created": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			"guest":   time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			"idle":    time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC),
			"agent":   {},
		} {
			a, err := pgxstore.New(pool).UserByID(t.Context(), id)
			if err != nil || a.LastActiveAt != want {
				t.Errorf("LastActiveAt of %s: got %v and the error %v, want %v", id, a.LastActiveAt, err, want)
			}
		}
		run(t, pool, step(t, "0002_state.sql"))
	}
}

// A column state of the host's own is not taken over.
func TestMigrate_StateOfTheHosts(t *testing.T) {
	t.Parallel()
	for column, value := range map[string]string{
		"text NOT NULL DEFAULT 'CA'":           "",
		"text NOT NULL":                        "CA",
		"text DEFAULT 'CA'":                    "",
		"varchar(2)":                           "",
		"integer":                              "7",
		"text GENERATED ALWAYS AS (id) STORED": "",
		"text":                                 "CA",
		"text CHECK (state <> '') /* empty */": "x",
		`text /* JSON that is no State */`:     `{"code":1}`,
	} {
		pool := firstSchema(t)
		run(t, pool, "ALTER TABLE deskauth_accounts ADD COLUMN state "+column)
		columns, values := "id, kind, created_at, updated_at", "'a', 'user', now(), now()"
		if value != "" {
			columns, values = columns+", state", values+", '"+value+"'"
		}
		run(t, pool, "INSERT INTO deskauth_accounts ("+columns+") VALUES ("+values+")")
		err := pgxstore.Migrate(t.Context(), pool)
		if err == nil || !strings.Contains(err.Error(), "RENAME COLUMN state") {
			t.Errorf("Migrate, state %s with %q: got %v, want an error that says how to rename it", column, value, err)
		}
		const changed = `SELECT count(*) FROM pg_class WHERE relname = 'deskauth_accounts_idle_externals'
			AND relnamespace = current_schema()::regnamespace`
		if ask(t, pool, changed) != 0 {
			t.Errorf("Migrate, state %s: the table was changed", column)
		}
		run(t, pool, "ALTER TABLE deskauth_accounts RENAME COLUMN state TO province")
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Errorf("Migrate, state %s renamed: %v", column, err)
		}
	}
}

// A tool of the host's has run the step, and accounts have a State already.
func TestMigrate_StateOfOurs(t *testing.T) {
	t.Parallel()
	pool := firstSchema(t)
	run(t, pool, step(t, "0002_state.sql"))
	a := guest("a")
	a.State = `{"v":1,"code":1}`
	if err := pgxstore.New(pool).CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := pgxstore.Migrate(t.Context(), pool); err != nil {
		t.Errorf("Migrate: got the error %v, want nil", err)
	}
}
