package deskauth_test

import (
	"context"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// The hook runs on the caller's goroutine, before the method returns. So an event needs no
// goroutine and no timer, none is dropped, and they come in their order.
func TestOnEventIsCalledSynchronously(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 3 * time.Second
		var (
			types   []deskauth.EventType // unguarded: the race detector sees another goroutine
			callers []string
		)
		a, err := deskauth.New(memstore.New(), testkit.Secrets(), deskauth.Config{
			Logger: testkit.Quiet,
			OnEvent: func(_ context.Context, e deskauth.Event) {
				time.Sleep(slow)
				types = append(types, e.Type)
				callers = append(callers, string(debug.Stack()))
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(testkit.TokenA(`"123"`))}
		begin := time.Now()
		if _, err := a.SigninWithCustomToken(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		want := []deskauth.EventType{deskauth.EventExternalCreated, deskauth.EventSignedIn}
		if !slices.Equal(types, want) {
			t.Errorf("events by the time that the method returned: %v, want %v", types, want)
		}
		if took := time.Since(begin); took != 2*slow {
			t.Errorf("the caller waited %v for two events of %v each, want both", took, slow)
		}
		for _, stack := range callers {
			if !strings.Contains(stack, "SigninWithCustomToken") {
				t.Errorf("the hook runs on another goroutine than its caller:\n%s", stack)
			}
		}
	})
}

// A slow hook hears of everything.
func TestEventsAreNotDroppedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard atomic.Int64
		a, err := deskauth.New(memstore.New(), testkit.Secrets(), deskauth.Config{
			Limits: testkit.NoLimits(),
			Logger: testkit.Quiet,
			OnEvent: func(context.Context, deskauth.Event) {
				time.Sleep(5 * time.Millisecond)
				heard.Add(1)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		in := deskauth.AnonymousInput{ProjectID: testkit.ProjectA}
		var group sync.WaitGroup
		for range 500 {
			group.Go(func() { a.SigninAnonymously(t.Context(), in) })
		}
		group.Wait()
		if got := heard.Load(); got != 500 {
			t.Errorf("the hook heard of %d of 500 guests", got)
		}
	})
}
