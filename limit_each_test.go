package deskauth_test

import (
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// The tests below go through every limit: one that is not in the table would be left out.
func TestEveryLimitIsTested(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[deskauth.Limits]()) {
		names = append(names, f.Name)
	}
	all := slices.Concat(allLimits, mailLimits)
	for i, l := range all {
		if i >= len(names) || names[i] != l.name {
			t.Fatalf("Limits has the fields %q; limit %d of the table is %s", names, i, l.name)
		}
	}
	if len(names) != len(all) {
		t.Errorf("Limits has the fields %q, and the tables %d limits", names, len(all))
	}
}

// Each limit by itself: two attempts in a minute, of which one comes back after half of it.
func TestEachLimit(t *testing.T) {
	t.Parallel()
	for _, l := range allLimits {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			limits := testkit.NoLimits()
			*l.rate(&limits) = deskauth.Rate{Attempts: 2, Per: time.Minute}
			log := new(testkit.Logbook)
			k := testkit.New(t, deskauth.Config{Limits: limits, Logger: log.Logger()})
			n := 0
			try := func() error { n++; return l.try(t, k, here, n) }
			for range 2 {
				if err := try(); err != nil {
					t.Fatalf("attempt %d of 2: %v", n, err)
				}
			}
			accounts := k.Store.Len()
			k.Events.Take()
			log.Take(t, slog.LevelWarn)
			for range 3 {
				testkit.WantLimited(t, "over the limit", try(), 30*time.Second)
			}
			if k.Store.Len() != accounts {
				t.Errorf("%d accounts were made over the limit", k.Store.Len()-accounts)
			}
			wantEventsOf(t, l, k.Events.Take())
			if lines := log.Take(t, slog.LevelWarn); len(lines) != 3 || lines[0].Reason != "rate limited" {
				t.Errorf("the log warns %+v, want of three refusals", lines)
			}
			k.Clock.Advance(30*time.Second - 1)
			testkit.WantLimited(t, "a nanosecond early", try(), time.Second) // the least that is said
			k.Clock.Advance(1)
			if err := try(); err != nil {
				t.Errorf("after the wait: %v", err)
			}
			testkit.WantLimited(t, "after one attempt more", try(), 30*time.Second)
		})
	}
}

func wantEventsOf(t *testing.T, l limited, events []deskauth.Event) {
	t.Helper()
	for _, e := range events {
		if e.Type != deskauth.EventRefused || e.Reason != "rate limited" || e.Limit != l.name ||
			e.Client != here || e.Operation == "" || e.UserID != "" && e.ExternalID == "" {
			t.Errorf("event %+v; want refused, rate limited, by %s", e, l.name)
		}
	}
}
