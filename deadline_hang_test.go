package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Whatever of the host's hangs, the call ends after Config.CallTimeout. The event says
// which method it was, and which setting.
func TestS40_WhateverHangsEndsInTime(t *testing.T) {
	t.Parallel()
	for _, c := range slowCalls {
		for method := range strings.FieldsSeq(c.methods) {
			for _, limit := range []time.Duration{0, 300 * time.Millisecond} {
				t.Run(fmt.Sprint(c.name, "/", method, "/", limit), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						h := &slowHost{takes: map[string]time.Duration{method: forever}}
						k := slowKit(t, h, deskauth.Config{CallTimeout: limit})
						if limit == 0 {
							limit = 5 * time.Second
						}
						begin := time.Now()
						got, err := c.do(t.Context(), k)
						testkit.WantFailure(t, got, err)
						if took := time.Since(begin); took != limit || !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("after %v: %v; want an error after %v that wraps context.DeadlineExceeded",
								took, err, limit)
						}
						wantTimeout(t, k.Events.TakeLast(), method, limit)
					})
				})
			}
		}
	}
}

func wantTimeout(t *testing.T, e deskauth.Event, method string, limit time.Duration) {
	t.Helper()
	if e.Type != deskauth.EventFailed || e.Reason != deskauth.ReasonTimeout || e.Err == nil {
		t.Errorf("event %+v, want a failure by timeout", e)
	}
	for _, said := range []string{method, "Config.CallTimeout is " + limit.String()} {
		if !strings.Contains(e.Detail, said) || !strings.Contains(fmt.Sprint(e.Err), said) {
			t.Errorf("detail %q, error %v; want both to say %q", e.Detail, e.Err, said)
		}
	}
}

// The deadline is one for all calls of an operation.
func TestS40_CallsShareTheirTime(t *testing.T) {
	t.Parallel()
	for _, c := range slowCalls {
		methods := strings.Fields(c.methods)
		if len(methods) == 1 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				last := methods[len(methods)-1]
				h := &slowHost{takes: map[string]time.Duration{last: forever}}
				for _, method := range methods[:len(methods)-1] {
					h.takes[method] = 500 * time.Millisecond
				}
				k := slowKit(t, h, deskauth.Config{})
				begin := time.Now()
				got, err := c.do(t.Context(), k)
				testkit.WantFailure(t, got, err)
				if took := time.Since(begin); took != 5*time.Second {
					t.Errorf("after %v: %v, want an error after 5s", took, err)
				}
				wantTimeout(t, k.Events.TakeLast(), last, 5*time.Second)
			})
		})
	}
}

// Calls that are each in time and together are not, fail as well.
func TestS40_CallsAreLateTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{
			"SecretProvider.ProjectKeys": 2 * time.Second,
			"SecretProvider.SessionKeys": 2 * time.Second,
			"UserStore.CreateUser":       2 * time.Second,
		}}
		k := slowKit(t, h, deskauth.Config{})
		s, err := k.TryGuest(t, testkit.ProjectA)
		testkit.WantFailure(t, s.Token, err)
		wantTimeout(t, k.Events.TakeLast(), "UserStore.CreateUser", 5*time.Second)
	})
}

// The calls share their time also if only one of the host's parts can wait.
func TestS40_OneSlowPartIsEnough(t *testing.T) {
	t.Parallel()
	guest := func(ctx context.Context, k *testkit.Kit) error {
		_, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{
			ProjectID: testkit.ProjectA, Client: "192.0.2.1",
		})
		return err
	}
	for name, c := range map[string]struct {
		kit  func(t *testing.T, h *slowHost) *testkit.Kit
		do   func(ctx context.Context, k *testkit.Kit) error
		last string
	}{
		"store": {
			func(t *testing.T, h *slowHost) *testkit.Kit {
				testkit.Put(t, h.Store, "andrea@f22.it", testkit.WeakHash)
				return testkit.NewOn(t, h, testkit.Secrets(), deskauth.Config{})
			},
			func(ctx context.Context, k *testkit.Kit) error {
				return k.SignoutEverywhere(ctx, "imported andrea@f22.it")
			},
			"UserStore.UpdateUser",
		},
		"keys": {
			func(t *testing.T, h *slowHost) *testkit.Kit {
				return testkit.NewOn(t, memstore.New(), h, deskauth.Config{})
			},
			guest, "SecretProvider.SessionKeys",
		},
		"limiter": {
			func(t *testing.T, h *slowHost) *testkit.Kit {
				return testkit.NewOn(t, memstore.New(), testkit.Secrets(), deskauth.Config{Limiter: h})
			},
			guest, "Limiter.Take",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &slowHost{Store: memstore.New(), takes: make(map[string]time.Duration)}
				for _, call := range slowCalls {
					for method := range strings.FieldsSeq(call.methods) {
						h.takes[method] = 3 * time.Second
					}
				}
				k := c.kit(t, h)
				testkit.WantFailure(t, "", c.do(t.Context(), k))
				wantTimeout(t, k.Events.TakeLast(), c.last, 5*time.Second)
			})
		})
	}
}

// The wait for a password hash takes nothing from the calls before it and after it.
func TestS40_HashDoesNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{
			"UserStore.UserByEmail": 2 * time.Second,
			"UserStore.UpdateUser":  2 * time.Second,
		}}
		k := slowKit(t, h, deskauth.Config{HashParallelism: 1})
		release := k.Gate().Occupy(1, 0)
		time.AfterFunc(time.Minute, release)
		begin := time.Now()
		s, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
		if took := time.Since(begin); err != nil || s.Token == "" || took < time.Minute {
			t.Errorf("after %v: %v, want a session when the hash had its turn", took, err)
		}
	})
}

// Attempts are given back after a failure by timeout, in a time of their own. If that
// hangs, too, the answer waits a second more.
func TestS40_GivingBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{"UserStore.UserByEmail": forever}}
		k := slowKit(t, h, deskauth.Config{})
		for given, want := range map[time.Duration]time.Duration{0: 5 * time.Second, forever: 6 * time.Second} {
			h.takes["Limiter.GiveBack"] = given
			begin := time.Now()
			s, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
			testkit.WantFailure(t, s.Token, err)
			if took := time.Since(begin); took != want {
				t.Errorf("after %v: %v, want an error after %v", took, err, want)
			}
			wantTimeout(t, k.Events.TakeLast(), "UserStore.UserByEmail", 5*time.Second)
		}
		if h.givenBack != 1 {
			t.Errorf("attempts were given back %d times, want once", h.givenBack)
		}
	})
}

// An earlier end of the caller's stands, and is no failure of the host's.
func TestS40_CallersOwnEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &slowHost{takes: map[string]time.Duration{"UserStore.CreateUser": forever}}
				k := slowKit(t, h, deskauth.Config{})
				ctx, cancel := end(t.Context())
				defer cancel()
				begin := time.Now()
				_, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
				if took := time.Since(begin); took != time.Second || !errors.Is(err, ctx.Err()) {
					t.Errorf("after %v: %v; want %v after 1s", took, err, ctx.Err())
				}
				want := deskauth.Event{Type: deskauth.EventRefused, Reason: deskauth.ReasonCanceled}
				if name == "deadline" { // which says more of the host than of the caller
					want = deskauth.Event{Type: deskauth.EventFailed, Reason: deskauth.ReasonTimeout}
				}
				if e := k.Events.TakeLast(); e.Type != want.Type || e.Reason != want.Reason {
					t.Errorf("event %+v, want %s, %s", e, want.Type, want.Reason)
				}
			})
		})
	}
}
