package sqlitestore_test

import (
	"fmt"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

func TestClose(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	for name, store := range map[string]*sqlitestore.Store{
		"Open": openStore(t, newPath(t)),
		"New":  newStore(t, db),
	} {
		if err := store.CreateUser(t.Context(), account("a")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := store.Close(); err != nil {
				t.Errorf("%s: Close: got the error %v, want nil", name, err)
			}
		}
		for method, call := range calls(t, store) {
			if err := call(); err == nil || isAnswer(err) {
				t.Errorf("%s: %s after Close: got the error %v, want a failure", name, method, err)
			}
		}
	}
	if got := number(t, db, `SELECT count(*) FROM deskauth_accounts`); got != 1 {
		t.Errorf("the host's database after Close: got %d accounts, want 1", got)
	}
}

// TestCloseWaits closes a store while another goroutine creates accounts. Those that were
// created are in the file.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := openStore(t, path)
	started, created := make(chan struct{}), make(chan int)
	go func() {
		for i := 0; ; i++ {
			if err := store.CreateUser(t.Context(), account(fmt.Sprint(i))); err != nil {
				created <- i
				return
			}
			if i == 0 {
				close(started)
			}
		}
	}()
	<-started
	if err := store.Close(); err != nil {
		t.Errorf("Close: got the error %v, want nil", err)
	}
	if open := openFiles(t, path); open != "" {
		t.Errorf("files open after Close: got %s, want none", open)
	}
	want := <-created
	if got := number(t, openDB(t, path), `SELECT count(*) FROM deskauth_accounts`); got != want {
		t.Errorf("accounts in the file: got %d, want %d", got, want)
	}
}
