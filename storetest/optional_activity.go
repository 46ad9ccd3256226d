package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

var activityClauses = []clause{{
	Name: "Latest",
	Says: "LastActivity returns the latest LastActiveAt of a guest, or its CreatedAt where that is zero.",
	Mend: "Order by the expression by which PurgeIdle compares, descending, and take the first. " +
		"To no time, a maximum of NULLs is NULL.",
	Test: latestActivity,
}, {
	Name: "NotAfter",
	Says: "LastActivity returns no instant after the given one. That instant itself counts.",
	Mend: "Use <= in milliseconds and UTC, in the WHERE and not on the result.",
	Test: func(p *probe) {
		p.create(guest("early", sampleTime, sampleTime.Add(time.Minute)))
		p.create(guest("late", sampleTime, sampleTime.Add(time.Hour)))
		p.create(guest("far ahead", sampleTime, sampleTime.AddDate(7000, 0, 0)))
		for after, want := range map[time.Duration]time.Duration{
			time.Minute: time.Minute, time.Hour - time.Millisecond: time.Minute,
			time.Hour: time.Hour, time.Hour + time.Millisecond: time.Hour, 24 * time.Hour: time.Hour,
		} {
			p.active(sampleTime.Add(after), sampleTime.Add(want))
			p.active(sampleTime.Add(after).In(time.FixedZone("", -5*3600)), sampleTime.Add(want))
		}
		p.active(sampleTime.Add(time.Minute-time.Millisecond), time.Time{})
	},
}, {
	Name: "OnlyTheKind",
	Says: "LastActivity looks at accounts of the kind that it is asked for, a guest or an external user, " +
		"Disabled ones too. For any other kind it returns an error wrapping errors.ErrUnsupported.",
	Mend: "Compare the kind in the statement, with the condition of the purge's index, and first of all.",
	Test: activityOfTheKind,
}, {
	Name: "WhileGuestsReturn",
	Says: "LastActivity sees what UpdateUser has acknowledged, also while guests return.",
	Mend: "Ask the table each time, and remember nothing.",
	Test: activityWhileGuestsReturn,
}, {
	Name: "EndedContext",
	Says: "When the context has ended, LastActivity returns an error wrapping the context's.",
	Mend: contextMend,
	Test: func(p *probe) {
		p.create(guest("idle", sampleTime, sampleTime))
		p.failsWhenEnded("LastActivity", func(ctx context.Context) error {
			_, err := p.reporter().LastActivity(ctx, deskauth.KindGuest, sampleTime)
			return err
		})
	},
}}

func (p *probe) reporter() deskauth.ActivityReporter { return p.store.(deskauth.ActivityReporter) }

// active checks what LastActivity returns.
func (p *probe) active(notAfter, want time.Time) {
	p.Helper()
	got, err := p.reporter().LastActivity(p.ctx, deskauth.KindGuest, notAfter)
	if err != nil || got.UnixMilli() != want.UnixMilli() || got.IsZero() != want.IsZero() {
		p.Errorf("LastActivity of guests, not after %s: got %s and the error %v, want %s",
			notAfter.Format(time.RFC3339Nano), got.Format(time.RFC3339Nano), err, want.Format(time.RFC3339Nano))
	}
}

func latestActivity(p *probe) {
	var never time.Time
	now := sampleTime.AddDate(1, 0, 0)
	p.active(now, never) // in an empty store
	p.create(guest("never came back", sampleTime, never))
	p.active(now, sampleTime)
	p.create(guest("came back at once", sampleTime.Add(-time.Hour), sampleTime.Add(time.Millisecond)))
	p.active(now, sampleTime.Add(time.Millisecond))
	p.create(guest("left long ago", sampleTime.AddDate(0, 0, 2), sampleTime.Add(-time.Hour)))
	p.active(now, sampleTime.Add(time.Millisecond))
	last := guest("new", sampleTime.AddDate(0, 0, 1), never)
	last.UpdatedAt = sampleTime.AddDate(0, 0, 3) // which tells nothing about a guest
	p.create(last)
	p.active(now, sampleTime.AddDate(0, 0, 1))
	last.LastActiveAt = sampleTime.AddDate(0, 0, 2)
	p.update(last)
	p.active(now, last.LastActiveAt)
}

func activityOfTheKind(p *probe) {
	now := sampleTime.AddDate(1, 0, 0)
	at := map[deskauth.Kind]time.Time{}
	kinds := []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}
	for _, order := range [][]int{{2, 1, 3}, {6, 5, 4}} { // each kind is once not the latest
		for i, kind := range kinds {
			active := sampleTime.Add(time.Duration(order[i]) * time.Hour)
			a := guest(fmt.Sprint(kind, order[i]), sampleTime, active)
			a.Kind, a.Disabled = kind, order[i] > 3
			p.create(a)
			at[kind] = active
		}
		for _, kind := range kinds[1:] {
			got, err := p.reporter().LastActivity(p.ctx, kind, now)
			if err != nil || got.UnixMilli() != at[kind].UnixMilli() {
				p.Errorf("LastActivity of kind %q: got %v and the error %v, want %v", kind, got, err, at[kind])
			}
		}
	}
	for _, kind := range []deskauth.Kind{deskauth.KindUser, "", "admin"} {
		got, err := p.reporter().LastActivity(p.ctx, kind, now)
		if !got.IsZero() || !errors.Is(err, errors.ErrUnsupported) {
			p.Errorf("LastActivity of kind %q: got %v and the error %v, want the zero time and errors.ErrUnsupported",
				kind, got, err)
		}
	}
}

// activityWhileGuestsReturn brings one guest after the other back, each later than all
// before.
func activityWhileGuestsReturn(p *probe) {
	const guests = 60
	all := make([]deskauth.Account, guests)
	for i := range all {
		all[i] = guest(fmt.Sprintf("guest-%03d", i), sampleTime, sampleTime)
		p.create(all[i])
	}
	now := sampleTime.AddDate(1, 0, 0)
	var acknowledged atomic.Int64 // in milliseconds
	acknowledged.Store(sampleTime.UnixMilli())
	p.watch(func(turn func()) error {
		for i, a := range all {
			a.LastActiveAt = sampleTime.Add(time.Duration(i+1) * time.Second)
			if err := p.store.UpdateUser(p.ctx, a); err != nil {
				return fmt.Errorf("UpdateUser: %w", err)
			}
			acknowledged.Store(a.LastActiveAt.UnixMilli())
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for more := true; more; {
			more = writing()
			least := acknowledged.Load()
			got, err := p.reporter().LastActivity(p.ctx, deskauth.KindGuest, now)
			if err != nil || got.UnixMilli() < least {
				return fmt.Errorf("LastActivity while guests return: got %v and the error %w, want %v or later",
					got, err, time.UnixMilli(least).UTC())
			}
		}
		return nil
	})
}
