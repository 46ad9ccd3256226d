package sqlitestore_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// A connection without a busy timeout fails while another one writes. That is no answer
// about accounts.
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
	err = store.CreateUser(t.Context(), account("a"))
	if err == nil || isAnswer(err) || !strings.HasPrefix(err.Error(), "sqlitestore: ") {
		t.Errorf("CreateUser while another connection writes: got the error %v, want a failure", err)
	}
}

// TestNoTable calls the store before Migrate, and again after it.
func TestNoTable(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	store := sqlitestore.New(db)
	for method, call := range calls(t, store) {
		if err := call(); err == nil || isAnswer(err) {
			t.Errorf("%s without a table: got the error %v, want a failure", method, err)
		}
	}
	newStore(t, db) // migrates
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Errorf("CreateUser after Migrate: got the error %v, want nil", err)
	}
}
