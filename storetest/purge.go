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
	name: "OnlyIdle",
	says: "PurgeIdle deletes guests that have been idle since before the instant: since LastActiveAt, or if that is zero, CreatedAt",
	mend: "compare with <, in milliseconds and UTC; take CreatedAt only where LastActiveAt is zero",
	test: purgesOnlyIdle,
}, {
	name: "OnlyGuests",
	says: "nobody but guests is deleted",
	mend: "WHERE kind = 'guest', in the statement that deletes",
	test: func(p *probe) {
		var kept []deskauth.Account
		for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindExternal} {
			idle := guest("idle "+string(kind), sampleTime, sampleTime)
			idle.Kind = kind
			fresh := bareAccount("never active " + string(kind))
			fresh.Kind = kind
			kept = append(kept, idle, fresh)
		}
		for _, a := range kept {
			p.create(a)
		}
		p.purges(0, sampleTime.Add(time.Hour), 10)
		p.create(guest("idle guest", sampleTime, sampleTime))
		p.purges(1, sampleTime.Add(time.Hour), 10)
		p.holds(kept...)
	},
}, {
	name: "OtherKinds",
	says: "asked for another kind than KindGuest, PurgeIdle deletes nothing and returns an error wrapping errors.ErrUnsupported",
	mend: "compare the kind first; a kind that can be purged later is a change of this interface",
	test: func(p *probe) {
		p.create(guest("idle guest", sampleTime, sampleTime))
		for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindExternal, ""} {
			n, err := p.purger().PurgeIdle(p.ctx, kind, sampleTime.Add(time.Hour), 10)
			if n != 0 || !errors.Is(err, errors.ErrUnsupported) {
				p.Errorf("PurgeIdle of kind %q: got %d and the error %v, want 0 and errors.ErrUnsupported", kind, n, err)
			}
		}
		p.purges(1, sampleTime.Add(time.Hour), 10)
	},
}, {
	name: "Limit",
	says: "PurgeIdle deletes at most limit guests and returns how many; fewer than limit means that no more can be deleted now",
	mend: "count the rows that the DELETE reports; limit it by a subquery; a limit may be any int of 1 or more, so allocate nothing of its size",
	test: purgesWithLimit,
}, {
	name: "FreesTheKeys",
	says: "a guest that was deleted is gone: its ID and Email find nobody and are free",
	mend: "delete the account with its keys in one step",
	test: func(p *probe) {
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
	name: "WhileGuestsReturn",
	says: "one who becomes active while PurgeIdle runs is either deleted or updated, never both",
	mend: "ask again whether the guest is idle in the statement that deletes, on the row as it is then; where the database reports a lost race as a failed transaction, do it again",
	test: purgesWhileGuestsReturn,
}, {
	name: "FullWhileGuestsReturn",
	says: "fewer than limit means that no more can be deleted now, also while guests become active",
	mend: "count those that are deleted, not those that were found; where some returned in between, look for others",
	test: purgesInFullWhileGuestsReturn,
}, {
	name: "EndedContext",
	says: "when the context has ended, PurgeIdle returns an error wrapping the context's",
	mend: contextMend,
	test: func(p *probe) {
		p.create(guest("idle", sampleTime, sampleTime))
		p.refusesEnded("PurgeIdle", func(ctx context.Context) error {
			_, err := p.purger().PurgeIdle(ctx, deskauth.KindGuest, sampleTime.Add(time.Hour), 1)
			return err
		})
	},
}}

func (p *probe) purger() deskauth.IdlePurger { return p.store.(deskauth.IdlePurger) }

func guest(id string, created, active time.Time) deskauth.Account {
	a := otherAccount(id)
	a.CreatedAt, a.LastActiveAt = created, active
	return a
}

// purges checks how many guests a call deletes.
func (p *probe) purges(want int, since time.Time, limit int) {
	p.Helper()
	got, err := p.purger().PurgeIdle(p.ctx, deskauth.KindGuest, since, limit)
	if err != nil {
		p.Fatalf("PurgeIdle with limit %d: got the error %v, want nil", limit, err)
	}
	if got != want {
		p.Errorf("PurgeIdle of those idle since before %s, with limit %d: got %d, want %d", since.Format(time.RFC3339Nano), limit, got, want)
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
		idle[i].UpdatedAt = since.Add(long) // which says nothing of a guest
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
	made := 0
	fill := func(n int) {
		for range n {
			a := guest(fmt.Sprintf("guest-%d", made), sampleTime, sampleTime.Add(time.Duration(made)))
			if made%2 == 0 {
				a.Email = ""
			}
			p.create(a)
			made++
		}
	}
	there := func() (n int) {
		for i := range made {
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
			if got := there(); got != left {
				p.Errorf("guests that are there after PurgeIdle with limit %d: got %d, want %d", c.limit, got, left)
			}
		}
	}
}
