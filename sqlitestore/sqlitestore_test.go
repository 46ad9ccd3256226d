package sqlitestore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest"
)

// The suites run one after the other: 200 writers take their time as it is.

func TestRun(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore {
		return openStore(t, newPath(t))
	})
}

// TestRunNew runs the suite on a pool with the defaults of database/sql: many connections,
// that come and go, no WAL mode, and nothing else set but that no write is synced, because
// the suite is long and no machine fails in it.
func TestRunNew(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore {
		db, err := driver.Open(newPath(t), func(c *sqlite3.Conn) error { return c.Exec("PRAGMA synchronous = OFF") })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return newStore(t, db)
	})
}

// TestRunNewInMemory runs it on one connection, which is all that a database in memory has.
func TestRunNewInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore {
		db := openDB(t, ":memory:")
		db.SetMaxOpenConns(1)
		return newStore(t, db)
	})
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "accounts.db") }

func openStore(t testing.TB, path string) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close: got the error %v, want nil", err)
		}
	})
	return store
}

// openDB opens a database as the host of New would.
func openDB(t testing.TB, name string) *sql.DB {
	t.Helper()
	db, err := driver.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newStore(t testing.TB, db *sql.DB) *sqlitestore.Store {
	t.Helper()
	if err := sqlitestore.Migrate(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	store := sqlitestore.New(db)
	t.Cleanup(func() { store.Close() })
	return store
}

// momentary is how long a call waits in vain, in tests of waiting.
const momentary = 50 * time.Millisecond

func account(id string) deskauth.Account {
	at := time.Date(2024, time.February, 29, 23, 59, 58, 987e6, time.UTC)
	return deskauth.Account{
		User: deskauth.User{
			ID: id, Kind: deskauth.KindUser, Email: id + "@example.com", CreatedAt: at, UpdatedAt: at,
		},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2VjcmV0$c2VjcmV0aGFzaA",
	}
}
