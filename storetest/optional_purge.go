package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/deskauth/deskauth"
)

var purgeClauses = []clause{{
	Name: "OnlyIdle",
	Says: "PurgeIdle deletes guests that have been idle since before the instant. " +
		"A guest is idle since its LastActiveAt, or its CreatedAt if that is zero.",
	Mend: "Compare with <, in milliseconds and UTC. Take CreatedAt only where LastActiveAt is zero.",
	Test: purgesOnlyIdle,
}, {
	Name: "OnlyTheKind",
	Says: "PurgeIdle deletes idle accounts of the kind that it is asked for, a guest or an external user, " +
		"and no account of another kind.",
	Mend: "Compare the kind in the statement that deletes.",
	Test: purgesOnlyTheKind,
}, {
	Name: "KeepsDisabledExternals",
	Says: "PurgeIdle deletes no external user that is Disabled. A Disabled guest may go.",
	Mend: "Add AND NOT disabled for KindExternal: a banned user would come back to a new account.",
	Test: func(p *probe) {
		banned, idle := guest("banned", sampleTime, sampleTime), guest("idle", sampleTime, sampleTime)
		banned.Kind, idle.Kind = deskauth.KindExternal, deskauth.KindExternal
		banned.Disabled = true
		p.create(banned)
		p.create(idle)
		n, err := p.purger().PurgeIdle(p.ctx, deskauth.KindExternal, sampleTime.Add(time.Hour), 10)
		if n != 1 || err != nil {
			p.Errorf("PurgeIdle of one external user and one that is Disabled: got %d and the error %v, "+
				"want 1 and nil", n, err)
		}
		p.holds(banned)
		guest := guest("disabled guest", sampleTime, sampleTime)
		guest.Disabled = true
		p.create(guest)
		p.purges(1, sampleTime.Add(time.Hour), 10)
	},
}, {
	Name: "OtherKinds",
	Says: "For any kind but KindGuest and KindExternal, PurgeIdle deletes nothing and returns an error " +
		"wrapping errors.ErrUnsupported.",
	Mend: "Compare the kind first. Another kind that can be purged would be a change of this interface.",
	Test: func(p *probe) {
		p.create(guest("idle guest", sampleTime, sampleTime))
		for _, kind := range []deskauth.Kind{deskauth.KindUser, ""} {
			n, err := p.purger().PurgeIdle(p.ctx, kind, sampleTime.Add(time.Hour), 10)
			if n != 0 || !errors.Is(err, errors.ErrUnsupported) {
				p.Errorf("PurgeIdle of kind %q: got %d and the error %v, want 0 and errors.ErrUnsupported",
					kind, n, err)
			}
		}
		p.purges(1, sampleTime.Add(time.Hour), 10)
	},
}, {
	Name: "Limit",
	Says: "PurgeIdle deletes at most limit guests and returns how many. " +
		"Fewer than limit means that no more can be deleted now.",
	Mend: "Count the rows that the DELETE reports, and limit it by a subquery. " +
		"A limit may be any int of 1 or more, so allocate nothing of its size.",
	Test: purgesWithLimit,
}, {
	Name: "FreesTheKeys",
	Says: "A deleted guest is gone. Its ID and Email find nothing and are free.",
	Mend: "Delete the account and its keys in one step.",
	Test: func(p *probe) {
		a, kept := guest("purged", sampleTime, sampleTime), guest("kept", sampleTime, sampleTime.Add(time.Hour))
		p.create(a)
		p.create(kept)
		a.FirstName = "updated once"
		a = p.update(a)
		p.purges(1, sampleTime.Add(time.Minute), 10)
		p.noID(a.ID)
		p.noEmail(a.Email)
		p.updateFails(a, deskauth.ErrUserNotFound)
		p.holds(kept)

		again, heir := fullAccount(a.ID), bareAccount("heir")
		heir.Email = a.Email
		p.create(again)
		p.create(heir)
		p.holds(again, heir, kept)
	},
}, {
	Name: "WhileGuestsReturn",
	Says: "A guest that becomes active while PurgeIdle runs is either deleted or updated, never both.",
	Mend: "Check again that the guest is idle in the statement that deletes, on the row as it is then. " +
		"Where the database reports a lost race as a failed transaction, repeat the call.",
	Test: purgesWhileGuestsReturn,
}, {
	Name: "FullWhileGuestsReturn",
	Says: "Fewer than limit means that no more can be deleted now, also while guests become active.",
	Mend: "Count the guests that were deleted, not those that were found. Where some have returned, look for others.",
	Test: purgesInFullWhileGuestsReturn,
}, {
	Name: "EndedContext",
	Says: "When the context has ended, PurgeIdle returns an error wrapping the context's.",
	Mend: contextMend,
	Test: func(p *probe) {
		p.create(guest("idle", sampleTime, sampleTime))
		p.failsWhenEnded("PurgeIdle", func(ctx context.Context) error {
			_, err := p.purger().PurgeIdle(ctx, deskauth.KindGuest, sampleTime.Add(time.Hour), 1)
			return err
		})
	},
}}

func (p *probe) purger() deskauth.IdlePurger { return p.store.(deskauth.IdlePurger) }

// purges checks how many guests a call deletes.
func (p *probe) purges(want int, since time.Time, limit int) {
	p.Helper()
	got, err := p.purger().PurgeIdle(p.ctx, deskauth.KindGuest, since, limit)
	if err != nil {
		p.Fatalf("PurgeIdle with limit %d: got the error %v, want nil", limit, err)
	}
	if got != want {
		p.Errorf("PurgeIdle of guests idle since before %s, with limit %d: got %d, want %d",
			since.Format(time.RFC3339Nano), limit, got, want)
	}
}

func purgesOnlyTheKind(p *probe) {
	after := sampleTime.Add(time.Hour)
	kinds := []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}
	of := make(map[deskauth.Kind][]deskauth.Account)
	for _, kind := range kinds {
		idle := guest("idle "+string(kind), sampleTime, sampleTime)
		idle.Kind = kind
		never := bareAccount("never active " + string(kind))
		never.Kind = kind
		of[kind] = []deskauth.Account{idle, never}
		p.create(idle)
		p.create(never)
	}
	p.purges(2, after, 10)
	p.holds(of[deskauth.KindUser]...)
	p.holds(of[deskauth.KindExternal]...)
	n, err := p.purger().PurgeIdle(p.ctx, deskauth.KindExternal, after, 10)
	if n != 2 || err != nil {
		p.Errorf("PurgeIdle of %d idle external users: got %d and the error %v, want 2 and nil", 2, n, err)
	}
	p.holds(of[deskauth.KindUser]...)
	for _, a := range of[deskauth.KindExternal] {
		p.noID(a.ID)
	}
}

func purgesOnlyIdle(p *probe) {
	since := sampleTime
	p.purges(0, since, 10) // in an empty store
	long, tick := 100*24*time.Hour, time.Millisecond
	var never time.Time
	idle := []deskauth.Account{
		guest("left long ago", since.Add(-2*long), since.Add(-long)),
		guest("left just before", since.Add(-long), since.Add(-tick)),
		guest("never came back", since.Add(-tick), never),
		guest("never came back for long", since.Add(-long), never),
	}
	kept := []deskauth.Account{
		guest("left at the instant", since.Add(-long), since),
		guest("left just after", since.Add(-long), since.Add(tick)),
		guest("still here", since.Add(-long), since.Add(long)),
		guest("came at the instant", since, never),
		guest("came just after", since.Add(tick), never),
	}
	for i := range idle {
		idle[i].UpdatedAt = since.Add(long) // which tells nothing about a guest
		p.create(idle[i])
	}
	for i := range kept {
		kept[i].UpdatedAt = since.Add(-long)
		p.create(kept[i])
	}
	p.purges(len(idle), since.In(time.FixedZone("", -5*3600)), 100)
	for _, a := range idle {
		p.noID(a.ID)
		p.noEmail(a.Email)
	}
	p.holds(kept...)
	p.purges(0, since, 100)
}

func purgesWithLimit(p *probe) {
	since := sampleTime.Add(time.Hour)
	created := 0
	fill := func(n int) {
		for range n {
			a := guest(fmt.Sprintf("guest-%d", created), sampleTime, sampleTime.Add(time.Duration(created)))
			if created%2 == 0 {
				a.Email = ""
			}
			p.create(a)
			created++
		}
	}
	count := func() (n int) {
		for i := range created {
			_, err := p.store.UserByID(p.ctx, fmt.Sprintf("guest-%d", i))
			if err == nil {
				n++
			} else {
				p.wraps(err, deskauth.ErrUserNotFound, "UserByID")
			}
		}
		return n
	}
	for _, c := range []struct {
		guests, limit int
		want          []int
	}{
		{10, 3, []int{3, 3, 3, 1, 0}},
		{5, 5, []int{5, 0}},
		{2, 1, []int{1, 1, 0}},
		{3, math.MaxInt32, []int{3, 0}},
	} {
		fill(c.guests)
		left := c.guests
		for _, want := range c.want {
			p.purges(want, since, c.limit)
			left -= want
			if got := count(); got != left {
				p.Errorf("guests left after PurgeIdle with limit %d: got %d, want %d", c.limit, got, left)
			}
		}
	}
}
