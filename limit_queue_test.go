package deskauth_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A caller that is sent away because the hash queue is full has not tried a password.
func TestFullHashQueueUsesUpNoAttempts(t *testing.T) {
	for _, l := range allLimits[:4] {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := testkit.NoLimits()
				*l.rate(&limits) = deskauth.Rate{Attempts: 2, Per: time.Hour}
				k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 1, Limits: limits})
				release := k.Gate().Occupy(1, 0)
				var queue sync.WaitGroup
				queue.Go(func() { k.Gate().DoFor(t.Context(), here, func() {}) })
				synctest.Wait()
				for n := range 10 {
					if err := l.try(t, k, here, n); !errors.Is(err, deskauth.ErrBusy) {
						t.Errorf("call %d with the queue full: %v, want ErrBusy", n+1, err)
						break
					}
				}
				release()
				queue.Wait()
				for n := range 2 {
					if err := l.try(t, k, here, n); err != nil {
						t.Errorf("attempt %d of 2 when the queue is empty: %v", n+1, err)
					}
				}
			})
		})
	}
}

// The same when the places are taken by callers whose accounts are looked up.
func TestHashQueueThatFillsUpUsesUpNoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &testkit.CountingStore{UserStore: memstore.New()}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashParallelism: 1, HashQueue: 1})
		store.BeforeFind = func() { time.Sleep(time.Second) } // all come meanwhile
		var busy, heard atomic.Int64
		var all sync.WaitGroup
		for range 10 { // two have a place, and a place is held for the look-up too
			all.Go(func() {
				err := trySignin(t, k, "andrea@f22.it", "guess", here)
				switch {
				case errors.Is(err, deskauth.ErrBusy):
					busy.Add(1)
				case errors.Is(err, deskauth.ErrInvalidCredentials):
					heard.Add(1)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if busy.Load() != 8 || heard.Load() != 2 {
			t.Errorf("%d were sent away and %d were heard, want 8 and 2", busy.Load(), heard.Load())
		}
		for n := range 8 { // of the 10 attempts that an account and client have
			err := trySignin(t, k, "andrea@f22.it", "guess", here)
			if err != deskauth.ErrInvalidCredentials {
				t.Fatalf("attempt %d of the 8 that are left: %v, want ErrInvalidCredentials", n+1, err)
			}
		}
	})
}
