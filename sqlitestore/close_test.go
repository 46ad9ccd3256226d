package sqlitestore_test

import (
	"context"
	"database/sql/driver"
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

// S40: while Close waits for a long write, no call waits with it.
func TestS40_NoCallWaitsWithClose(t *testing.T) {
	t.Parallel()
	d, db := openFaulty(t, newPath(t))
	db.SetMaxOpenConns(4)
	store := newStore(t, db)
	writing, end := make(chan struct{}), make(chan struct{})
	d.fault = func(_ context.Context, query string, run func() (driver.Result, error)) (driver.Result, error) {
		if query == "BEGIN IMMEDIATE" {
			close(writing)
			<-end
		}
		return run()
	}
	wrote, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := store.PurgeIdle(context.Background(), deskauth.KindGuest, time.Unix(0, 0), 1)
		wrote <- err
	}()
	<-writing
	go func() { closed <- store.Close() }()
	looked := make(chan error)
	go func() { // until Close has begun
		for {
			_, err := store.UserByID(context.Background(), "a")
			if !errors.Is(err, deskauth.ErrUserNotFound) {
				looked <- err
				return
			}
		}
	}()
	select {
	case err := <-looked:
		if err == nil || isAnswer(err) {
			t.Errorf("UserByID while Close waits: got the error %v, want a failure", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("UserByID waits as long as Close does")
	}
	select {
	case err := <-closed:
		t.Errorf("Close did not wait for the write: it returned %v", err)
	default:
	}
	close(end)
	for call, err := range map[string]error{"the write that Close waits for": <-wrote, "Close": <-closed} {
		if err != nil {
			t.Errorf("%s: got the error %v, want nil", call, err)
		}
	}
}
