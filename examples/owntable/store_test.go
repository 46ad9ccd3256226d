package owntable_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/owntable"
	"github.com/deskauth/deskauth/storetest"
	"github.com/ncruces/go-sqlite3/driver"
)

// open returns a database with the shop's table, these customers, and what accounts need.
func open(t *testing.T, customers ...string) *sql.DB {
	t.Helper()
	db, err := driver.Open("file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "shop.db")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	statements := append([]string{"PRAGMA journal_mode = WAL", owntable.Existing}, customers...)
	for _, statement := range append(statements, owntable.Added) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

func TestRun(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore { return owntable.Store{DB: open(t)} })
}

// An account does not touch the shop's customers and columns.
func TestCustomersStay(t *testing.T) {
	t.Parallel()
	db := open(t, `INSERT INTO customers (customer_no, mail, given_name, newsletter, joined_at)
		VALUES (7, 'ada@example.com', 'Ada', 1, '2019'), (8, NULL, 'Nobody', 0, '2020')`)
	store := owntable.Store{DB: db}
	ctx := t.Context()
	for _, err := range []error{
		second(store.UserByEmail(ctx, "ada@example.com")),
		second(store.UserByEmail(ctx, "")),
		second(store.UserByID(ctx, "")),
	} {
		if !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("a customer without an account: %v, want ErrUserNotFound", err)
		}
	}
	a := deskauth.Account{User: deskauth.User{
		ID: "account-1", Kind: deskauth.KindUser, Email: "ada@example.com", FirstName: "Ada",
	}}
	if err := store.CreateUser(ctx, a); err != nil {
		t.Fatalf("a customer signs up: %v", err)
	}
	_, err := db.Exec("UPDATE customers SET newsletter = 1, joined_at = '2021' WHERE account_id = ?", a.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.FirstName = "Augusta"
	if err := store.UpdateUser(ctx, a); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"count(*) FROM customers": "3",
		"mail || given_name || newsletter || joined_at FROM customers WHERE customer_no = 7":  "ada@example.comAda12019",
		"given_name || newsletter || joined_at FROM customers WHERE customer_no = 8":          "Nobody02020",
		"given_name || newsletter || joined_at FROM customers WHERE account_id = 'account-1'": "Augusta12021",
	} {
		var got string
		err := db.QueryRow("SELECT " + query).Scan(&got)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", query, got, err, want)
		}
	}
}

// A call that waits for the shop's own program, until its context ends, returns the
// context's error.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	db := open(t, "PRAGMA journal_mode = DELETE") // in which a writer keeps readers out too
	store := owntable.Store{DB: db}
	shop, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	if _, err := shop.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	a := deskauth.Account{User: deskauth.User{ID: "account-1", Kind: deskauth.KindUser}}
	for name, call := range map[string]func(context.Context) error{
		"CreateUser": func(ctx context.Context) error { return store.CreateUser(ctx, a) },
		"UpdateUser": func(ctx context.Context) error { return store.UpdateUser(ctx, a) },
		"UserByID":   func(ctx context.Context) error { return second(store.UserByID(ctx, a.ID)) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, deadline passed while the table was locked: got %v, want %v",
				name, err, context.DeadlineExceeded)
		}
		cancel()
	}
	if _, err := shop.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
}

// A statement of the shop's that changes an account is not taken back by a call that is
// under way.
func TestByHand(t *testing.T) {
	t.Parallel()
	db := open(t)
	store := owntable.Store{DB: db}
	a := deskauth.Account{User: deskauth.User{ID: "account-1", Kind: deskauth.KindUser, Email: "ada@example.com"}}
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for i, change := range []string{
		"disabled = 1, session_epoch = session_epoch + 1", "mail = 'eve@example.com'", "kind = 'guest'",
		"mail_verified = 1", "given_name = 'Eve'", "family_name = 'Eve'", "project_id = 'p'", "external_id = 'e'",
		"attributes = '{}'", "password_hash = ''", `state = '{"v":1}'`, "last_active_ms = 1", "created_ms = 1",
		"updated_ms = 1", "disabled = 0, version = version + 1",
	} {
		before, err := store.UserByID(t.Context(), a.ID)
		if err != nil || before.Version != int64(i) {
			t.Fatalf("before %s: got Version %d and the error %v, want %d", change, before.Version, err, i)
		}
		if _, err := db.Exec("UPDATE customers SET " + change); err != nil {
			t.Fatal(err)
		}
		if err := store.UpdateUser(t.Context(), before); !errors.Is(err, deskauth.ErrConflict) {
			t.Errorf("UpdateUser of what was read before %s: got the error %v, want ErrConflict", change, err)
		}
	}
}

func second(_ deskauth.Account, err error) error { return err }

// A store of one's own is short.
func TestItIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("store.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines >= 120 {
		t.Errorf("store.go has %d lines, want fewer than 120", lines)
	}
}

// A row that was broken by hand is named, and stands in no other's way.
func TestRunFaults(t *testing.T) {
	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
		db := open(t)
		return owntable.Store{DB: db}, storetest.Backdoor{BreakRow: func(id string) error {
			_, err := db.Exec(`UPDATE customers SET created_ms = 'yesterday' WHERE account_id = ?`, id)
			return err
		}}
	})
}
