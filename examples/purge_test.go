package examples_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
)

// TestPurgeWithAWrongClock purges by a clock that is 33 days ahead, in several goroutines,
// while guests come and come back. Not one guest is deleted. The clock cannot be set here,
// so the guests live 33 days in the past.
func TestPurgeWithAWrongClock(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, _ bool) { purgeWithAWrongClock(t, store) })
}

func purgeWithAWrongClock(t *testing.T, store anyStore) {
	const day, guests, purging = 24 * time.Hour, 120, 4
	now := time.Now().UTC().Truncate(time.Millisecond)
	today, idleSince := now.Add(-33*day), now.Add(-32*day)
	guest := func(i int, active time.Time) deskauth.Account {
		return deskauth.Account{User: deskauth.User{
			ID: fmt.Sprint("guest-", i), Kind: deskauth.KindGuest, ProjectID: "demo",
			CreatedAt: active, UpdatedAt: active,
		}, LastActiveAt: active}
	}
	purge := func(limit int) (int, error) {
		return accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, idleSince, limit, accounts.PurgeConfig{})
	}
	for i := range guests {
		if err := store.CreateUser(t.Context(), guest(i, today.Add(-time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range purging {
		wg.Go(func() {
			for range 25 {
				n, err := purge(50)
				if n != 0 || !errors.Is(err, accounts.ErrAllIdle) {
					t.Errorf("a purge by a wrong clock: got %d and the error %v, want 0 and ErrAllIdle", n, err)
				}
			}
		})
	}
	for i := range guests { // half of them come back, and as many come
		var err error
		if a := guest(i, today); i%2 == 0 {
			err = store.UpdateUser(t.Context(), a)
		} else {
			a.ID = fmt.Sprint("new-", i)
			err = store.CreateUser(t.Context(), a)
		}
		if err != nil {
			t.Errorf("guest %d: %v", i, err)
		}
	}
	wg.Wait()
	left, err := store.ListUsers(t.Context(), "", 1000)
	if err != nil || len(left) != guests*3/2 {
		t.Errorf("got %d guests left and the error %v, want all %d", len(left), err, guests*3/2)
	}

	// A guest of now shows that the clock is right. Purges delete all others then.
	if err := store.CreateUser(t.Context(), guest(-1, now)); err != nil {
		t.Fatal(err)
	}
	deleted := make([]int, purging)
	for i := range purging {
		wg.Go(func() {
			n, err := purge(1000)
			if err != nil {
				t.Errorf("a purge by the right clock: %v", err)
			}
			deleted[i] = n
		})
	}
	wg.Wait()
	if sum := deleted[0] + deleted[1] + deleted[2] + deleted[3]; sum != guests*3/2 {
		t.Errorf("purges by the right clock deleted %v, want %d in all", deleted, guests*3/2)
	}
}
