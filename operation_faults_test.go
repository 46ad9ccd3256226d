package deskauth_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestS23_WhateverFailsNobodyGetsIn(t *testing.T) {
	t.Parallel()
	for _, c := range allCalls {
		for method := range strings.FieldsSeq(c.methods) {
			for _, f := range testkit.Faults {
				if !f.Fits(method) {
					continue
				}
				t.Run(c.name+"/"+method+"/"+f.Name, func(t *testing.T) {
					t.Parallel()
					failsAndRecovers(t, c, method, f)
				})
			}
		}
	}
}

// failsAndRecovers breaks one method under a call, and mends it.
func failsAndRecovers(t *testing.T, c call, method string, f testkit.Fault) {
	log := new(testkit.Logbook)
	k, h, p := settle(t, deskauth.Config{Logger: log.Logger()})
	h.Break(f, method)
	got, err := c.do(t.Context(), k, p)
	if h.Hits == 0 {
		t.Fatalf("%s was not called", method)
	}
	testkit.WantFailure(t, got, err)
	lines := log.Take(t, slog.LevelError)
	if len(lines) == 0 {
		t.Error("no line of the log at the level of errors")
	}
	for _, line := range lines {
		if line.Operation != c.operation {
			t.Errorf("the operation of the log is %q, want %q: %+v", line.Operation, c.operation, line)
		}
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || e.Operation != c.operation || e.Err == nil {
		t.Errorf("event %+v, want a failure", e)
	}
	h.Mend()
	if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
		t.Errorf("after the fault is mended: %v, want %v", err, c.healthy)
	}
}

// A custom token that serves as a session asks for the project's keys each time.
func TestS23_EchoedCustomToken(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ProjectKeys", "UserByID"} {
		for _, f := range testkit.Faults {
			if !f.Fits(method) {
				continue
			}
			k, h, _ := settle(t, deskauth.Config{EchoCustomToken: true})
			h.Break(f, method)
			id, err := k.Verify(t.Context(), testkit.TokenA(`"123"`))
			if h.Hits == 0 {
				t.Fatalf("%s was not called", method)
			}
			testkit.WantFailure(t, id.UserID, err)
		}
	}
}
