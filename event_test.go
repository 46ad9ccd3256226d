package deskauth_test

import (
	"context"
	"log/slog"
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

// Attacks and failures are loud in the log, and what happens with every page load is quiet.
func TestEventLevels(t *testing.T) {
	t.Parallel()
	log := new(testkit.Logbook)
	secrets := testkit.Secrets()
	secrets.Session = append(secrets.Session, testkit.Key("old", testkit.ForeignSecret))
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{Logger: log.Logger()})
	s := k.MustGuest(t, testkit.ProjectA)
	byOldKey := testkit.Forge(testkit.HS256, testkit.PartOf(t, s.Token, 1), testkit.ForeignSecret)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	log.TakeText()
	for _, c := range []struct {
		level slog.Level
		msg   string
		do    func()
	}{
		{slog.LevelInfo, "signed_up", func() { k.MustSignup(t, "andrea@f22.it", "correct horse") }},
		{slog.LevelDebug, "session_restored", func() { k.MustCustom(t, s.Token) }},
		{slog.LevelDebug, "old_key_used", func() { k.Verify(t.Context(), byOldKey) }},
		{slog.LevelInfo, "refused", func() { k.TrySignin(t, "andrea@f22.it", "a wrong password") }},
		{slog.LevelInfo, "refused", func() { k.TryGuest(t, "unknown") }},
		{slog.LevelDebug, "refused", func() { k.TryGuest(t, "") }},
		{slog.LevelDebug, "refused", func() { k.TryCustom(t, testkit.TokenA(`"1"`, `"exp":1`)) }},
		{slog.LevelDebug, "refused", func() { k.Signup(ended, testkit.Andrea()) }},
		{slog.LevelWarn, "refused", func() { k.TryCustom(t, "garbage") }},
		{slog.LevelWarn, "refused", func() { k.TryCustom(t, s.Token+"x") }},
		{slog.LevelWarn, "refused", func() { k.TryCustom(t, testkit.TokenA(`[]`)) }},
	} {
		c.do()
		lines := log.Take(t, c.level)
		if len(lines) != 1 || lines[0].Msg != "deskauth: "+c.msg {
			t.Errorf("at the level %v the log has %+v, want one line of %s", c.level, lines, c.msg)
		}
	}
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
