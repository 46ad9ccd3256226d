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

// A storeUnderTest is a whole store, to look into behind the server's back.
type storeUnderTest interface {
	deskauth.UserStore
	deskauth.UserLister
	deskauth.UserDeleter
}

// A kept is a store that lasts: what -store says, and a look into it.
type kept struct {
	flag  string
	where string // what the server says of it
	look  func(t *testing.T, see func(store storeUnderTest))
}

// keptStores makes an empty one of each sort.
var keptStores = map[string]func(t *testing.T) kept{
	"sqlite": func(t *testing.T) kept {
		path := filepath.Join(t.TempDir(), "the accounts.db")
		// It is closed after each look: with another process in it, the file would need no
		// recovery when the server is killed.
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

// withSchema makes a schema that is dropped in the end, and returns the URL with it. What
// uses the URL is told by its application_name.
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

// userID returns the ID of the account in a successful answer.
func (a answer) userID(t *testing.T) string {
	t.Helper()
	var body struct {
		User struct {
			ID string `json:"_id"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.User.ID == "" {
		t.Fatalf("want an answer with a user, got %v", a)
	}
	return body.User.ID
}
