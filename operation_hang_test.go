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
)

// A method of the host's that hangs holds up whoever asked until their own deadline, and
// nobody else; nothing of it stays behind. A goroutine that did would fail the bubble.
func TestS23_WhateverHangsLetsGo(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		for method := range strings.FieldsSeq(c.methods) {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					k, h, p := settle(t, deskauth.Config{HashParallelism: 1})
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					h.method, h.fault = method, fault{name: "hang", fail: func() error {
						<-ctx.Done()
						return fmt.Errorf("query: %w", ctx.Err())
					}}
					begin := time.Now()
					got, err := c.do(ctx, k, p)
					nobodyGotIn(t, got, err)
					if took := time.Since(begin); took != time.Minute || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("after %v: %v; want the caller's deadline after 1m", took, err)
					}
					if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" || e.Err == nil {
						t.Errorf("event %+v, want one that was canceled", e)
					}
					h.method = ""
					if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
						t.Errorf("after it moved again: %v, want %v", err, c.healthy)
					}
				})
			})
		}
	}
}
