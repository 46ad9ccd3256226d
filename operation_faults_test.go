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
	for _, c := range calls {
		for method := range strings.FieldsSeq(c.methods) {
			for _, f := range faults {
				if !can(method, f) {
					continue
				}
				t.Run(c.name+"/"+method+"/"+f.name, func(t *testing.T) {
					t.Parallel()
					log := new(logbook)
					k, h, p := settle(t, deskauth.Config{Logger: log.logger()})
					h.method, h.fault = method, f
					got, err := c.do(t.Context(), k, p)
					if h.hits == 0 {
						t.Fatalf("%s was not called", method)
					}
					nobodyGotIn(t, got, err)
					lines := log.take(t, slog.LevelError)
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
					h.method = ""
					if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
						t.Errorf("after the fault is mended: %v, want %v", err, c.healthy)
					}
				})
			}
		}
	}
}

// A custom token that serves as a session asks for the project's keys each time.
func TestS23_EchoedCustomToken(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ProjectKeys", "UserByID"} {
		for _, f := range faults {
			if !can(method, f) {
				continue
			}
			k, h, _ := settle(t, deskauth.Config{EchoCustomToken: true})
			h.method, h.fault = method, f
			id, err := k.Verify(t.Context(), testkit.TokenA(`"123"`))
			if h.hits == 0 {
				t.Fatalf("%s was not called", method)
			}
			nobodyGotIn(t, id.UserID, err)
		}
	}
}
