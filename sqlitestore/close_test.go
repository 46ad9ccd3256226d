package sqlitestore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

func TestClose(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	for name, store := range map[string]*sqlitestore.Store{"Open": openStore(t, newPath(t)), "New": newStore(t, db)} {
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
				t.Errorf("%s: %s after Close: got the error %v, want one that is no answer", name, method, err)
			}
		}
	}
	if got := number(t, db, `SELECT count(*) FROM deskauth_accounts`); got != 1 {
		t.Errorf("the host's database after Close: got %d accounts, want 1", got)
	}
}

// TestCloseWaits closes a store while others use it: what they were told is so.
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

// calls calls every method for an account that is there.
func calls(t *testing.T, store *sqlitestore.Store) map[string]func() error {
	ctx, a := t.Context(), account("a")
	return map[string]func() error{
		"CreateUser":  func() error { return store.CreateUser(ctx, account("b")) },
		"UserByID":    func() error { _, err := store.UserByID(ctx, a.ID); return err },
		"UserByEmail": func() error { _, err := store.UserByEmail(ctx, a.Email); return err },
		"UpdateUser":  func() error { return store.UpdateUser(ctx, a) },
		"PurgeIdle":   func() error { _, err := store.PurgeIdle(ctx, deskauth.KindGuest, time.Unix(0, 0), 1); return err },
		"DeleteUser":  func() error { return store.DeleteUser(ctx, a.ID) },
		"ListUsers":   func() error { _, err := store.ListUsers(ctx, "", 1); return err },
		"ImportUsers": func() error { _, err := store.ImportUsers(ctx, []deskauth.Account{account("c")}); return err },
	}
}

// isAnswer reports whether an error says something about accounts.
func isAnswer(err error) bool {
	return errors.Is(err, deskauth.ErrUserExists) || errors.Is(err, deskauth.ErrUserNotFound) || errors.Is(err, deskauth.ErrConflict)
}
