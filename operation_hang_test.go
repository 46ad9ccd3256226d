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

// A method of the host's that hangs holds up its caller until the caller's own deadline,
// and no other caller. Nothing of it stays behind: a goroutine that did would fail the
// bubble.
func TestS23_WhateverHangsLetsGo(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		for method := range strings.FieldsSeq(c.methods) {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { hangsAndLetsGo(t, c, method) })
			})
		}
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
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" || e.Err == nil {
		t.Errorf("event %+v, want one that was canceled", e)
	}
	h.Mend()
	if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
		t.Errorf("after it moved again: %v, want %v", err, c.healthy)
	}
}
