package deskauth_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestHashQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := testkit.New(t, deskauth.Config{HashParallelism: 2, HashQueue: 5})
		want := deskauth.HashQueueStats{Places: 7}
		if got := k.HashQueue(); got != want {
			t.Errorf("a queue without callers is %+v, want %+v", got, want)
		}
		release := k.Gate().Occupy(2, time.Second)
		done := make(chan struct{})
		go func() { defer close(done); k.MustSignup(t, "andrea@f22.it", "correct horse") }()
		synctest.Wait()
		want.Running, want.Waiting = 2, 1
		if got := k.HashQueue(); got != want {
			t.Errorf("two hashes and a caller that waits are %+v, want %+v", got, want)
		}
		release()
		<-done
		if got := k.HashQueue(); got.Running != 0 || got.Waiting != 0 {
			t.Errorf("the queue is %+v when all have gone", got)
		}
	})
}

// The wait is for the turn alone, and a second hash of one call adds to the first.
func TestHashTimesOfAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := deskauth.NewHashGate(1, 5)
		var e deskauth.Event
		for range 2 {
			release := g.Occupy(1, 3*time.Second)
			go release()
			if err := g.DoTold(t.Context(), &e, func() { time.Sleep(2 * time.Second) }); err != nil {
				t.Fatal(err)
			}
		}
		if e.HashWait != 6*time.Second || e.HashTime != 4*time.Second {
			t.Errorf("waited %v and hashed %v, want 6s and 4s", e.HashWait, e.HashTime)
		}
		// Whoever gives up has waited, and computed nothing.
		release := g.Occupy(1, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		e = deskauth.Event{}
		err := g.DoTold(ctx, &e, func() {})
		if e.HashWait != time.Minute || e.HashTime != 0 || !errors.Is(err, ctx.Err()) {
			t.Errorf("%v: waited %v and hashed %v, want a minute and nothing", err, e.HashWait, e.HashTime)
		}
		release()
	})
}
