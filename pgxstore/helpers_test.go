package pgxstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// withSchema makes a schema, which the test drops when it ends. It returns the URL of the
// database with that schema as its search_path and with these parameters.
func withSchema(t testing.TB, params ...string) string {
	t.Helper()
	base := pgtest.URL(t)
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	once := func(sql string) {
		conn, err := pgx.Connect(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	once("CREATE SCHEMA " + schema)
	t.Cleanup(func() { once("DROP SCHEMA " + schema + " CASCADE") })
	return withParams(t, base, append(params, "search_path="+schema)...)
}

// withParams adds parameters, each NAME=VALUE, to a URL.
func withParams(t testing.TB, text string, params ...string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		query.Set(name, value)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // to pgx a plus sign is not a blank
	return u.String()
}

// open returns a pool, which the test closes when it ends.
func open(t testing.TB, text string) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	return openConfig(t, cfg)
}

func openConfig(t testing.TB, cfg *pgxpool.Config) *pgxpool.Pool {
	t.Helper()
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// emptied returns the newStore of a suite. Its stores share a table and a pool, because a
// schema and connections for each of a hundred clauses cost more than the clauses do.
func emptied(t *testing.T, params ...string) func(*testing.T) deskauth.UserStore {
	t.Helper()
	_, admin := newStore(t, params...)
	name := currentSchema(t, admin)
	pool := open(t, withParams(t, admin.Config().ConnString(), "application_name="+name))
	return func(t *testing.T) deskauth.UserStore {
		t.Helper()
		// A call that an earlier clause gave up may still run. It must not write after the
		// DELETE.
		eventually(t, "the calls of the clause before have ended", func() bool {
			const active = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'"
			return pool.Stat().AcquiredConns() == 0 && ask(t, admin, active, name) == 0
		})
		run(t, admin, "DELETE FROM deskauth_accounts")
		return pgxstore.New(pool)
	}
}

// newStore returns an empty store in a schema of its own, and its pool.
func newStore(t testing.TB, params ...string) (*pgxstore.Store, *pgxpool.Pool) {
	t.Helper()
	pool := open(t, withSchema(t, params...))
	if err := pgxstore.Migrate(context.Background(), pool); err != nil {
		t.Fatal(err)
	}
	return pgxstore.New(pool), pool
}

// run runs a statement without the store.
func run(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// guest is an account as an anonymous sign-in makes it.
func guest(id string) deskauth.Account {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	return deskauth.Account{
		User: deskauth.User{
			ID: id, Kind: deskauth.KindGuest, Email: id + "@tiledesk.com",
			FirstName: "guest#1a2b", ProjectID: "5b55e806c93dde00143163dd",
			Attributes: []byte(`{"page":"/pricing"}`), CreatedAt: at, UpdatedAt: at,
		},
		LastActiveAt: at,
	}
}

// works fails the test unless an account can be stored and found.
func works(t *testing.T, store *pgxstore.Store, id string) {
	t.Helper()
	a := guest(id)
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := store.UserByEmail(t.Context(), a.Email)
	if err != nil || got.ID != id {
		t.Fatalf("UserByEmail = %q, %v; want %q", got.ID, err, id)
	}
}

// isAnswer reports whether an error says something about accounts, as opposed to a failure.
func isAnswer(err error) bool {
	return errors.Is(err, deskauth.ErrUserExists) || errors.Is(err, deskauth.ErrUserNotFound) ||
		errors.Is(err, deskauth.ErrConflict)
}

// currentSchema returns the first schema of the pool's search_path.
func currentSchema(t testing.TB, pool *pgxpool.Pool) (schema string) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// anyone is a check that refuses no account of an import.
func anyone(deskauth.Account) error { return nil }

func TestMain(m *testing.M) { os.Exit(testkit.RunWaiting(m, 8)) }
