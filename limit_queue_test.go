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

// The same when the places are taken by callers whose accounts are looked up. All come at
// once, so that some find room when they are counted, and none afterwards.
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

// A caller that has a place and loses it to another client has not tried a password either.
func TestS41_PushedOutUsesUpNoAttempt(t *testing.T) {
	for _, l := range allLimits[:4] {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := testkit.NoLimits()
				*l.rate(&limits) = deskauth.Rate{Attempts: 3, Per: time.Hour}
				k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 2, Limits: limits})
				release := k.Gate().Occupy(1, 0)
				var errs [2]error
				var all sync.WaitGroup
				for n := range errs {
					all.Go(func() { errs[n] = l.try(t, k, here, n) })
					synctest.Wait()
				}
				all.Go(func() { k.Gate().DoFor(t.Context(), there, func() {}) })
				synctest.Wait()
				release()
				all.Wait()
				if errs[0] != nil || !errors.Is(errs[1], deskauth.ErrBusy) {
					t.Errorf("the two got %v, want the second to lose its place", errs)
				}
				for n := range 2 {
					if err := l.try(t, k, here, 2+n); err != nil {
						t.Errorf("attempt %d of the 2 that are left: %v", n+1, err)
					}
				}
				testkit.WantLimited(t, l.name, l.try(t, k, here, 4), 20*time.Minute)
			})
		})
	}
}
