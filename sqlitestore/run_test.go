package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
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
