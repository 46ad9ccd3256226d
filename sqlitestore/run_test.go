package sqlitestore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// TestWaitsForTheWriter holds the lock for writing in another connection, as another
// process would. Readers go on. Writers wait as long as their context allows.
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
			err := store.CreateUser(ctx, account(fmt.Sprint(i)))
			if want := context.DeadlineExceeded; !errors.Is(err, want) {
				t.Errorf("CreateUser whose context ended: got the error %v, want one that wraps %v", err, want)
			}
			_, err = store.UserByID(t.Context(), "a")
			if err != nil {
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

// S40: the time in line and the time before the lock are one, five seconds, for each
// caller. With five seconds of its own before the lock, the last one would wait for ten.
func TestS40_EveryWriterWaitsForTheSameTime(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T, path string) *sqlitestore.Store{
		"Open": func(t *testing.T, path string) *sqlitestore.Store { return openStore(t, path) },
		"New":  func(t *testing.T, path string) *sqlitestore.Store { return newStore(t, openDB(t, path)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			store := open(t, path)
			if err := store.CreateUser(t.Context(), account("a")); err != nil {
				t.Fatal(err)
			}
			tx, err := openDB(t, path).BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
			defer cancel()
			var wg sync.WaitGroup
			for range 3 {
				for method, call := range writers(store) {
					wg.Go(func() {
						err := call(ctx)
						if err == nil || isAnswer(err) || errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
							t.Errorf("%s while another process writes: got the error %v, want one after 5s", method, err)
						} else if text := err.Error(); !strings.Contains(text, "within 5s") && !strings.Contains(text, "locked") {
							t.Errorf("%s: got the error %v, want one that says what it waited for", method, err)
						}
					})
				}
			}
			wg.Wait()
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if n, err := store.ListUsers(t.Context(), "", 100); err != nil || len(n) != 1 {
				t.Errorf("%d accounts, %v; want the one that was there", len(n), err)
			}
			for method, call := range writers(store) {
				if err := call(t.Context()); err != nil {
					t.Errorf("%s when the other process has written: %v", method, err)
				}
			}
		})
	}
}

// writers has a call of each method that writes, for many goroutines at once.
func writers(store *sqlitestore.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"CreateUser": func(ctx context.Context) error { return store.CreateUser(ctx, account(rand.Text())) },
		"UpdateUser": func(ctx context.Context) error { return store.UpdateUser(ctx, account("a")) },
		"DeleteUser": func(ctx context.Context) error {
			err := store.DeleteUser(ctx, "nobody")
			if errors.Is(err, deskauth.ErrUserNotFound) {
				return nil
			}
			return err
		},
		"PurgeIdle": func(ctx context.Context) error {
			_, err := store.PurgeIdle(ctx, deskauth.KindGuest, time.Unix(0, 0), 10)
			return err
		},
		"ImportUsers": func(ctx context.Context) error {
			_, err := store.ImportUsers(ctx, []deskauth.Account{account(rand.Text()), account(rand.Text())}, nil)
			return err
		},
	}
}

// A write that has its turn takes the time that it takes.
func TestLongWritesGoOn(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	store.SetPatience(200 * time.Millisecond)
	guests := make([]deskauth.Account, 20_000)
	for i := range guests {
		guests[i] = account(fmt.Sprint(i))
		guests[i].Kind, guests[i].LastActiveAt = deskauth.KindGuest, guests[i].CreatedAt
		guests[i].ProjectID, guests[i].ExternalID = "shop", ""
	}
	begin := time.Now()
	if result, err := store.ImportUsers(t.Context(), guests, nil); err != nil || result.Created != len(guests) {
		t.Errorf("ImportUsers, after %v: got %d and the error %v, want %d", time.Since(begin), result.Created, err,
			len(guests))
	}
	begin = time.Now()
	n, err := store.PurgeIdle(t.Context(), deskauth.KindGuest, time.Now(), len(guests))
	if err != nil || n != len(guests) {
		t.Errorf("PurgeIdle, after %v: got %d and the error %v, want %d", time.Since(begin), n, err, len(guests))
	}
}

// A call that waits in line for a long write of the same program waits no longer.
func TestNoTurn(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	store.SetPatience(momentary)
	release := store.Occupy()
	for method, call := range writers(store) {
		err := call(t.Context())
		if err == nil || isAnswer(err) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s in line: got the error %v, want that another write did not end", method, err)
		}
	}
	release()
	store.SetPatience(time.Minute)
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Errorf("CreateUser when the other write has ended: got the error %v, want nil", err)
	}
}
