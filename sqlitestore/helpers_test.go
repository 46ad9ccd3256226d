package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/ncruces/go-sqlite3/driver"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "accounts.db") }

// openStore opens a store that the test closes when it ends.
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

// openDB opens a database as a program that calls New does.
func openDB(t testing.TB, name string) *sql.DB {
	t.Helper()
	db, err := driver.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// newStore migrates a database and returns a store in it.
func newStore(t testing.TB, db *sql.DB) *sqlitestore.Store {
	t.Helper()
	if err := sqlitestore.Migrate(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	store := sqlitestore.New(db)
	t.Cleanup(func() { store.Close() })
	return store
}

// emptied returns the newStore of a suite, whose clauses share a store: a file and
// connections for each of a hundred clauses cost more than the clauses do.
func emptied(store *sqlitestore.Store, db *sql.DB) func(*testing.T) deskauth.UserStore {
	return func(t *testing.T) deskauth.UserStore {
		t.Helper()
		mustExec(t, db, "DELETE FROM deskauth_accounts")
		return store
	}
}

func account(id string) deskauth.Account {
	at := time.Date(2024, time.February, 29, 23, 59, 58, 987e6, time.UTC)
	return deskauth.Account{
		User: deskauth.User{
			ID: id, Kind: deskauth.KindUser, Email: id + "@example.com", CreatedAt: at, UpdatedAt: at,
		},
		PasswordHash: "$argon2id$v=19$m=32,t=1,p=1" +
			"$FF5fRgK0zDSovs6IrhvcOA$tnRRZ0AFblLAuhQZUmYGLmo5uvE/b5qyCIpvRce1MQU",
	}
}

// momentary is how long a call waits in the tests in which it waits in vain.
const momentary = 50 * time.Millisecond

// calls has a call of every method. The account "a" exists.
func calls(t *testing.T, store *sqlitestore.Store) map[string]func() error {
	ctx, a := t.Context(), account("a")
	return map[string]func() error{
		"CreateUser":  func() error { return store.CreateUser(ctx, account("b")) },
		"UserByID":    func() error { _, err := store.UserByID(ctx, a.ID); return err },
		"UserByEmail": func() error { _, err := store.UserByEmail(ctx, a.Email); return err },
		"UpdateUser":  func() error { return store.UpdateUser(ctx, a) },
		"PurgeIdle": func() error {
			_, err := store.PurgeIdle(ctx, deskauth.KindGuest, time.Unix(0, 0), 1)
			return err
		},
		"LastActivity": func() error {
			_, err := store.LastActivity(ctx, deskauth.KindGuest, time.Unix(0, 0))
			return err
		},
		"DeleteUser": func() error { return store.DeleteUser(ctx, a.ID) },
		"ListUsers":  func() error { _, err := store.ListUsers(ctx, "", 1); return err },
		"ImportUsers": func() error {
			_, err := store.ImportUsers(ctx, []deskauth.Account{account("c")}, anyone)
			return err
		},
	}
}

// isAnswer reports whether an error says something about accounts, as opposed to a failure.
func isAnswer(err error) bool {
	return errors.Is(err, deskauth.ErrUserExists) || errors.Is(err, deskauth.ErrUserNotFound) ||
		errors.Is(err, deskauth.ErrConflict)
}

func mustExec(t testing.TB, db *sql.DB, query string, values ...any) {
	t.Helper()
	if _, err := db.Exec(query, values...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func number(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func filesIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// openFiles names the files below dir that this process has open. It finds none on systems
// without /proc.
func openFiles(t *testing.T, dir string) (names string) {
	t.Helper()
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil && strings.HasPrefix(name, dir) {
			names += name + " "
		}
	}
	return names
}

// checkMode checks the mode of the database and of the files beside it.
func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + end)
		if err != nil {
			t.Error(err)
		} else if got := info.Mode(); got != want {
			t.Errorf("mode of %s: got %v, want %v", info.Name(), got, want)
		}
	}
}

func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	var got string
	err := openDB(t, path).QueryRow("PRAGMA integrity_check").Scan(&got)
	if err != nil || got != "ok" {
		t.Errorf("PRAGMA integrity_check: got %q and the error %v, want ok", got, err)
	}
}

// anyone is a check that refuses no account of an import.
func anyone(deskauth.Account) error { return nil }
