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
)

// A method of the host's that does not heed its deadline holds up its caller for as long as
// it likes, and no other caller. Nothing of it stays behind: a goroutine that did would
// fail the bubble.
func TestS23_WhateverHangsLetsGo(t *testing.T) {
	t.Parallel()
	for _, c := range allCalls {
		for method := range strings.FieldsSeq(c.methods) {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { hangsAndLetsGo(t, c, method) })
			})
		}
	}
}

// Whatever heeds its context ends with Config.CallTimeout, whatever the call is.
func TestS40_EveryCallEndsInTime(t *testing.T) {
	t.Parallel()
	for _, c := range allCalls {
		for method := range strings.FieldsSeq(c.methods) {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { endsInTime(t, c, method) })
			})
		}
	}
}

func endsInTime(t *testing.T, c call, method string) {
	k, h, p := settle(t, deskauth.Config{HashParallelism: 1, CallTimeout: time.Minute})
	h.Break(testkit.Fault{Name: "hang", Hangs: true}, method)
	begin := time.Now()
	got, err := c.do(t.Context(), k, p)
	testkit.WantFailure(t, got, err)
	if took := time.Since(begin); took != time.Minute || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after %v: %v; want an error after 1m", took, err)
	}
	e := k.Events.TakeLast()
	if e.Type != deskauth.EventFailed || e.Reason != deskauth.ReasonTimeout || !strings.Contains(e.Detail, method) {
		t.Errorf("event %+v, want a failure by timeout in %s", e, method)
	}
	h.Mend()
	if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
		t.Errorf("after it moved again: %v, want %v", err, c.healthy)
	}
}

func hangsAndLetsGo(t *testing.T, c call, method string) {
	k, h, p := settle(t, deskauth.Config{HashParallelism: 1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h.Break(testkit.Fault{Name: "hang", Fail: func() error {
		<-ctx.Done()
		return fmt.Errorf("query: %w", ctx.Err())
	}}, method)
	begin := time.Now()
	got, err := c.do(ctx, k, p)
	testkit.WantFailure(t, got, err)
	if took := time.Since(begin); took != time.Minute || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after %v: %v; want the caller's deadline after 1m", took, err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || e.Reason != deskauth.ReasonTimeout || e.Err == nil ||
		!strings.Contains(e.Detail, method) {
		t.Errorf("event %+v, want a failure in %s", e, method)
	}
	h.Mend()
	if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
		t.Errorf("after it moved again: %v, want %v", err, c.healthy)
	}
}
