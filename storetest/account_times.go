package storetest

import (
	"fmt"
	"time"
)

var timesClauses = []clause{{
	Name: "Times",
	Says: "Times come back as the same instant to the millisecond.",
	Mend: "Use a column with milliseconds, and convert to UTC before you store. " +
		"A count of nanoseconds ends in 2262, one of seconds in 32 bits in 2038.",
	Test: times,
}, {
	Name: "ZeroTimes",
	Says: "The zero time comes back as zero, and no other time does.",
	Mend: "Store the zero time as NULL or as the year 1. In a count since 1970, 0 is a time of its own.",
	Test: zeroTimes,
}}

func times(p *probe) {
	east := time.FixedZone("", 5*3600+45*60)
	for _, at := range []time.Time{
		time.UnixMilli(0),
		time.UnixMilli(1).UTC(),
		time.Date(2024, time.February, 29, 12, 0, 0, 999e6, time.UTC),
		time.Date(2025, time.March, 30, 2, 30, 0, 1e6, east),
		time.Date(2025, time.October, 26, 2, 30, 0, 500e6, time.FixedZone("", -9*3600)),
		time.Date(2038, time.January, 19, 3, 14, 8, 0, time.UTC),
		time.Date(2263, time.January, 1, 0, 0, 0, 1e6, time.UTC),
		time.Date(9999, time.December, 31, 23, 59, 59, 999e6, time.UTC),
	} {
		a := bareAccount("")
		a.CreatedAt, a.UpdatedAt = at, at.Add(-time.Duration(at.Nanosecond())) // in whole seconds
		a.LastActiveAt = at.Add(time.Hour)
		p.keeps("the time "+at.Format(time.RFC3339Nano), a)
	}
	now := time.Now() // with a reading of the monotonic clock, which no store keeps
	now = now.Add(-time.Duration(now.Nanosecond() % 1e6))
	a := bareAccount("")
	a.CreatedAt, a.UpdatedAt, a.LastActiveAt = now, now.Add(time.Millisecond), now.Add(time.Hour)
	p.keeps("the current time", a)
}

func zeroTimes(p *probe) {
	epoch := time.UnixMilli(0).UTC()
	for i := range 8 {
		a := bareAccount("")
		for bit, at := range []*time.Time{&a.CreatedAt, &a.UpdatedAt, &a.LastActiveAt} {
			*at = epoch
			if i&(1<<bit) != 0 {
				*at = time.Time{}
			}
		}
		p.keeps(fmt.Sprintf("the times %v, %v and %v", a.CreatedAt, a.UpdatedAt, a.LastActiveAt), a)
	}
	a := bareAccount("guest")
	p.create(a)
	for _, at := range []time.Time{sampleTime, {}, epoch, {}} {
		a.LastActiveAt = at
		a = p.update(a)
		p.holds(a)
		if got, err := p.store.UserByID(p.ctx, a.ID); err == nil && got.LastActiveAt.IsZero() != at.IsZero() {
			p.Errorf("LastActiveAt stored as %v: got %v, want IsZero() %t", at, got.LastActiveAt, at.IsZero())
		}
	}
}
