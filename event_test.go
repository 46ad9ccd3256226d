package deskauth_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A hook that never returns costs its caller a second, and no more once enough are stuck.
func TestS23_BlockingHookIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		calls := make(chan struct{}, 1000)
		log := new(logbook)
		a, err := deskauth.New(newAuth(t, deskauth.Config{}).store, testSecrets(), deskauth.Config{
			Logger: log.logger(),
			OnEvent: func(context.Context, deskauth.Event) {
				calls <- struct{}{}
				<-block
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		guest := func() time.Duration {
			begin := time.Now()
			if _, err := a.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectA}); err != nil {
				t.Fatal(err)
			}
			return time.Since(begin)
		}
		const pending = 64
		for i := range pending {
			if took := guest(); took != time.Second {
				t.Fatalf("call %d: the caller waited %v for a hook that blocks, want 1s", i, took)
			}
		}
		if took := guest(); took != 0 {
			t.Errorf("with %d calls stuck the caller waited %v, want not at all", pending, took)
		}
		if len(calls) != pending {
			t.Errorf("the hook was called %d times, want %d", len(calls), pending)
		}
		close(block)
		synctest.Wait()
		if took := guest(); took != 0 || len(calls) != pending+1 {
			t.Errorf("after the hook moved on: waited %v, %d calls; want 0 and %d", took, len(calls), pending+1)
		}
	})
}

// A hook that is slow and not stuck hears of everything.
func TestEventsAreNotDroppedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard atomic.Int64
		a, err := deskauth.New(memstore.New(), testSecrets(), deskauth.Config{
			Limits: noLimits,
			Logger: slog.New(slog.DiscardHandler),
			OnEvent: func(context.Context, deskauth.Event) {
				time.Sleep(5 * time.Millisecond)
				heard.Add(1)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 500 {
			group.Go(func() { a.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectA}) })
		}
		group.Wait()
		if got := heard.Load(); got != 500 {
			t.Errorf("the hook heard of %d of 500 guests", got)
		}
	})
}
