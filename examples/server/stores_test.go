package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A storeUnderTest is what the tests need of a store to look into it behind the server's
// back.
type storeUnderTest interface {
	deskauth.UserStore
	deskauth.UserLister
	deskauth.UserDeleter
}

// A kept is a store that lasts.
type kept struct {
	flag  string // the value of -store
	where string // how the server names it
	look  func(t *testing.T, see func(store storeUnderTest))
}

// keptStores has a func for each sort of store. It returns an empty one.
var keptStores = map[string]func(t *testing.T) kept{
	"sqlite": func(t *testing.T) kept {
		path := filepath.Join(t.TempDir(), "the accounts.db")
		// The test closes it after each look. A file that another process has open would
		// need no recovery when the server is killed.
		return kept{"sqlite:" + path, "SQLite in " + path, func(t *testing.T, see func(storeUnderTest)) {
			t.Helper()
			store, err := sqlitestore.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			see(store)
		}}
	},
	"postgres": func(t *testing.T) kept { return keptInPostgres(t, pgtest.URL(t)) },
}

func keptInPostgres(t *testing.T, base string) kept {
	t.Helper()
	text := withSchema(t, base)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	where := "PostgreSQL at " + u.Host + ", database " + strings.TrimPrefix(u.Path, "/")
	return kept{text, where, func(t *testing.T, see func(storeUnderTest)) {
		t.Helper()
		pool, err := pgxpool.New(context.Background(), text)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		see(pgxstore.New(pool))
	}}
}

// withSchema makes a schema and drops it when the test ends. It returns the URL with the
// schema in its search_path. Connections to that URL have the schema as application_name.
func withSchema(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	sql := func(text string) {
		conn, err := pgx.Connect(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
	sql("CREATE SCHEMA " + schema)
	t.Cleanup(func() { sql("DROP SCHEMA " + schema + " CASCADE") })
	query := u.Query()
	query.Set("search_path", schema)
	query.Set("application_name", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

// userID returns the ID of the account in an answer, which must have one.
func (a answer) userID(t *testing.T) string {
	t.Helper()
	var body struct {
		User struct {
			ID string `json:"_id"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.User.ID == "" {
		t.Fatalf("got %v, want an answer with a user", a)
	}
	return body.User.ID
}
