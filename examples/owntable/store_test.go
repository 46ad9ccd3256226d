package owntable_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/owntable"
	"github.com/deskauth/deskauth/storetest"
	"github.com/ncruces/go-sqlite3/driver"
)

// open returns the shop's table as it was, and as it is with accounts.
func open(t *testing.T, customers ...string) *sql.DB {
	t.Helper()
	db, err := driver.Open("file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "shop.db")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, statement := range append(append([]string{"PRAGMA journal_mode = WAL", owntable.Existing}, customers...), owntable.Added) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

func TestRun(t *testing.T) {
	storetest.Run(t, func(t *testing.T) deskauth.UserStore { return owntable.Store{DB: open(t)} })
}

// What is the shop's stays the shop's.
func TestCustomersStay(t *testing.T) {
	t.Parallel()
	db := open(t, "INSERT INTO customers (number, mail, given_name, newsletter, orders) VALUES (7, 'ada@example.com', 'Ada', 1, 12), (8, NULL, 'Nobody', 0, 3)")
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
	a := deskauth.Account{User: deskauth.User{ID: "account-1", Kind: deskauth.KindUser, Email: "ada@example.com", FirstName: "Ada"}}
	if err := store.CreateUser(ctx, a); err != nil {
		t.Fatalf("a customer signs up: %v", err)
	}
	if _, err := db.Exec("UPDATE customers SET newsletter = 1, orders = 2 WHERE account_id = ?", a.ID); err != nil {
		t.Fatal(err)
	}
	a.FirstName = "Augusta"
	if err := store.UpdateUser(ctx, a); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT given_name || newsletter || orders FROM customers WHERE number = 7":               "Ada112",
		"SELECT given_name || newsletter || orders FROM customers WHERE number = 8":               "Nobody03",
		"SELECT given_name || newsletter || orders FROM customers WHERE account_id = 'account-1'": "Augusta12",
		"SELECT count(*) FROM customers":                                                          "3",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", query, got, err, want)
		}
	}
}

func second(_ deskauth.Account, err error) error { return err }

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
