package sqlitestore_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/storetest"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

func TestRun(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	storetest.Run(t, emptied(store, store.Writer()))
}

// TestRunNew runs the suite on a pool with the defaults of database/sql: many connections
// that come and go, and no WAL mode. Only PRAGMA synchronous is set: the suite is long, and
// no power fails in it.
func TestRunNew(t *testing.T) {
	t.Parallel()
	db, err := driver.Open(newPath(t), func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA synchronous = OFF")
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	storetest.Run(t, emptied(newStore(t, db), db))
}

// TestRunNewInMemory runs the suite on one connection, as a database in memory belongs to
// one.
func TestRunNewInMemory(t *testing.T) {
	t.Parallel()
	db := openDB(t, ":memory:")
	db.SetMaxOpenConns(1)
	storetest.Run(t, emptied(newStore(t, db), db))
}

// A key that no account can have finds no account, not one whose key it begins with.
func TestOddKeysFindNobody(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	a := account("a")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"\x00", "\x00\x00", "\x00b", "\xff", "\ufffd"} {
		_, err := store.UserByID(t.Context(), a.ID+end)
		if !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("UserByID of %q: got the error %v, want ErrUserNotFound", a.ID+end, err)
		}
		_, err = store.UserByEmail(t.Context(), a.Email+end)
		if !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("UserByEmail of %q: got the error %v, want ErrUserNotFound", a.Email+end, err)
		}
		err = store.DeleteUser(t.Context(), a.ID+end)
		if !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("DeleteUser of %q: got the error %v, want ErrUserNotFound", a.ID+end, err)
		}
	}
}

// SessionEpoch and Version may be any int64. After the last Version comes an error.
func TestNumbersToTheirEnds(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store, db := openStore(t, path), openDB(t, path)
	for _, n := range []int64{math.MinInt64, -1, math.MaxInt64 - 1, math.MaxInt64} {
		a := account(fmt.Sprint(n))
		a.SessionEpoch = n
		if err := store.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, `UPDATE deskauth_accounts SET version = ? WHERE id = ?`, n, a.ID)
		a.Version = n
		err := store.UpdateUser(t.Context(), a)
		last := n == math.MaxInt64
		if last != (err != nil) || isAnswer(err) {
			t.Errorf("UpdateUser of Version %d: got the error %v, want a failure after the last Version only",
				n, err)
		}
		if !last {
			a.Version++
		}
		got, err := store.UserByID(t.Context(), a.ID)
		if err != nil || got.Version != a.Version || got.SessionEpoch != n {
			t.Errorf("account %s: got Version %d, SessionEpoch %d and the error %v, want %d and %d",
				a.ID, got.Version, got.SessionEpoch, err, a.Version, n)
		}
	}
}

// TestS22_NothingPrintsAHash prints a store, what it returns, and its errors, with the
// verbs of fmt and both handlers of slog.
func TestS22_NothingPrintsAHash(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	a := account("a")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := store.UserByID(t.Context(), a.ID)
	if err != nil || got.PasswordHash != a.PasswordHash {
		t.Fatalf("UserByID: got the error %v, want the account with its hash", err)
	}
	stale, invalid := a, a
	stale.Version, invalid.Attributes = 7, []byte("no JSON")
	values := []any{store, struct{ Users deskauth.UserStore }{store}, got, &got}
	for _, err := range []error{
		store.CreateUser(t.Context(), a),
		store.UpdateUser(t.Context(), stale),
		store.UpdateUser(t.Context(), invalid),
	} {
		if err == nil {
			t.Fatal("got no error, want one to print")
		}
		values = append(values, err)
	}
	var out strings.Builder
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", v)
	}
	for _, secret := range []string{a.PasswordHash, "c2VjcmV0", fmt.Sprintf("%x", a.PasswordHash)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, out.String())
		}
	}
	if got := fmt.Sprintf("%v %+v", store, store); got != "sqlitestore.Store sqlitestore.Store" {
		t.Errorf("a store prints as %q, want its type alone", got)
	}
}
