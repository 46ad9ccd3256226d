package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// TestFullDisk lets the database grow no further, which to SQLite is a full disk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db := openDB(t, path)
	db.SetMaxOpenConns(1)
	mustExec(t, db, `PRAGMA journal_mode = WAL`)
	store := newStore(t, db)
	mustExec(t, db, `PRAGMA max_page_count = 60`)

	created := 0
	for ; ; created++ {
		err := store.CreateUser(t.Context(), account(fmt.Sprint(created)))
		if err != nil {
			if isAnswer(err) {
				t.Errorf("CreateUser on a full disk: got the error %v, want one that is no answer", err)
			}
			break
		}
	}
	many := make([]deskauth.Account, 1000)
	for i := range many {
		many[i] = account(fmt.Sprintf("import-%d", i))
	}
	if n, err := store.ImportUsers(t.Context(), many); err == nil || n != 0 {
		t.Errorf("ImportUsers on a full disk: got %d and the error %v, want 0 and an error", n, err)
	}
	if users, err := store.ListUsers(t.Context(), "", 10_000); err != nil || len(users) != created {
		t.Errorf("accounts on the full disk: got %d and the error %v, want the %d created", len(users), err, created)
	}
	checkIntegrity(t, path)

	mustExec(t, db, `PRAGMA max_page_count = 100000`)
	if n, err := store.ImportUsers(t.Context(), many); err != nil || n != len(many) {
		t.Errorf("ImportUsers with space again: got %d and the error %v, want %d", n, err, len(many))
	}
	checkIntegrity(t, path)
}

// TestWaitsForTheWriter holds the lock for writing in another connection, as another process
// would. Readers go on; writers wait as long as their context allows.
func TestWaitsForTheWriter(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := openStore(t, path)
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Fatal(err)
	}
	tx, err := openDB(t, path).BeginTx(t.Context(), nil) // immediate, by this driver's default
	if err != nil {
		t.Fatal(err)
	}
	patient := make(chan error)
	go func() { patient <- store.CreateUser(t.Context(), account("patient")) }()

	ctx, cancel := context.WithTimeout(t.Context(), momentary)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if err := store.CreateUser(ctx, account(fmt.Sprint(i))); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("CreateUser whose context ended: got the error %v, want one that wraps %v", err, context.DeadlineExceeded)
			}
			if _, err := store.UserByID(t.Context(), "a"); err != nil {
				t.Errorf("UserByID while another process writes: got the error %v, want nil", err)
			}
		})
	}
	wg.Wait()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-patient; err != nil {
		t.Errorf("CreateUser once the other had written: got the error %v, want nil", err)
	}
}

// TestBusy lets a connection wait for no time at all.
func TestBusy(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db := openDB(t, path)
	db.SetMaxOpenConns(1)
	store := newStore(t, db)
	mustExec(t, db, `PRAGMA busy_timeout = 0`)
	tx, err := openDB(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := store.CreateUser(t.Context(), account("a")); err == nil || isAnswer(err) || !strings.HasPrefix(err.Error(), "sqlitestore: ") {
		t.Errorf("CreateUser while another connection writes: got the error %v, want one of the store that is no answer", err)
	}
}

// TestNoTable asks before Migrate, and again after it.
func TestNoTable(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	store := sqlitestore.New(db)
	for method, call := range calls(t, store) {
		if err := call(); err == nil || isAnswer(err) {
			t.Errorf("%s without a table: got the error %v, want one that is no answer", method, err)
		}
	}
	newStore(t, db) // migrates
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Errorf("CreateUser after Migrate: got the error %v, want nil", err)
	}
}

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
		if last := n == math.MaxInt64; last != (err != nil) || isAnswer(err) {
			t.Errorf("UpdateUser of Version %d: got the error %v, want one after the last Version only, and no answer", n, err)
		} else if !last {
			a.Version++
		}
		if got, err := store.UserByID(t.Context(), a.ID); err != nil || got.Version != a.Version || got.SessionEpoch != n {
			t.Errorf("account %s: got Version %d, SessionEpoch %d and the error %v, want %d and %d", a.ID, got.Version, got.SessionEpoch, err, a.Version, n)
		}
	}
}
