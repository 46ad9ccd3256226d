package storetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

var accountClauses = []clause{{
	name: "EveryField",
	says: "an account comes back with every field as it was stored",
	mend: "compare the columns of INSERT, UPDATE and SELECT with the fields of Account, and their order",
	test: func(p *probe) { p.keeps("an account with every field", fullAccount("")) },
}, {
	name: "EmptyFields",
	says: "an account comes back with every field as it was stored, empty ones too",
	mend: "make the columns NOT NULL without a default of your own, or read NULL as the zero value",
	test: func(p *probe) { p.keeps("an account with few fields", bareAccount("")) },
}, {
	name: "Kinds",
	says: "an account of any Kind comes back with it",
	mend: "store the text of Kind",
	test: func(p *probe) {
		for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
			a := bareAccount("")
			a.Kind = kind
			p.keeps("Kind "+string(kind), a)
		}
	},
}, {
	name: "StringsToTheByte",
	says: "strings come back to the byte, with no folding, normalising, trimming or guessing of types",
	mend: "use columns of plain text in UTF-8 (utf8mb4 in MySQL, VARCHAR and not CHAR), and pass values as parameters",
	test: stringsToTheByte,
}, {
	name: "LongestStrings",
	says: "names have up to 256 bytes, ProjectID and ExternalID 128, PasswordHash 512",
	mend: "make the columns wide enough; where a column counts characters, as many as bytes are enough",
	test: longestStrings,
}, {
	name: "Times",
	says: "times come back as the same instant to the millisecond",
	mend: "use a column with milliseconds and convert to UTC before storing; a count of nanoseconds ends in 2262, of seconds in 32 bits in 2038",
	test: times,
}, {
	name: "ZeroTimes",
	says: "the zero time comes back as zero, and no other does",
	mend: "store it as NULL or as the year 1; a count of milliseconds or nanoseconds since 1970 has a 0 that is a time of its own",
	test: zeroTimes,
}, {
	name: "Flags",
	says: "EmailVerified and Disabled come back as they were stored",
	mend: "store both, each in a column of its own",
	test: func(p *probe) {
		for i := range 4 {
			a := bareAccount("")
			a.EmailVerified, a.Disabled = i&1 != 0, i&2 != 0
			p.keeps(fmt.Sprintf("EmailVerified %t, Disabled %t", a.EmailVerified, a.Disabled), a)
		}
	},
}, {
	name: "SessionEpoch",
	says: "SessionEpoch comes back as it was stored, any int64",
	mend: "use a signed column of 64 bits; a float64 or a 32-bit integer does not hold it",
	test: func(p *probe) {
		for _, epoch := range []int64{0, 1, -1, math.MaxInt32 + 1, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
			a := bareAccount("")
			a.SessionEpoch = epoch
			p.keeps(fmt.Sprintf("SessionEpoch %d", epoch), a)
		}
	},
}, {
	name: "NULWholeOrRefused",
	says: "a store keeps a string with a NUL to the byte or refuses it with an error, and neither cuts nor changes it",
	mend: "refuse it before the database does, whose error may look like another and whose driver may cut it; if it is kept, its whole length counts",
	test: func(p *probe) { p.wholeOrRefused(notText[:3]) },
}, {
	name: "InvalidUTF8WholeOrRefused",
	says: "a store keeps a string that is not UTF-8 to the byte or refuses it with an error, and neither cuts nor changes it",
	mend: "refuse it with utf8.ValidString; encoding/json and some drivers put U+FFFD in its place, MySQL without strict mode cuts it",
	test: func(p *probe) { p.wholeOrRefused(notText[3:]) },
}}

// keeps checks that an account comes back as it went in, through CreateUser and through
// UpdateUser. The ID, and the Email if there is one, are made up here.
func (p *probe) keeps(label string, a deskauth.Account) {
	p.Helper()
	p.made++
	a.ID = fmt.Sprintf("created-%d", p.made)
	if a.Email != "" {
		a.Email = emailOf(a.ID)
	}
	if err := p.store.CreateUser(p.ctx, a); err != nil {
		p.Errorf("CreateUser with %s: got the error %v, want nil", label, err)
		return
	}
	p.holds(a)

	before := otherAccount(fmt.Sprintf("updated-%d", p.made))
	p.create(before)
	a.ID = before.ID
	if a.Email != "" {
		a.Email = emailOf(a.ID)
	}
	if err := p.store.UpdateUser(p.ctx, a); err != nil {
		p.Errorf("UpdateUser to %s: got the error %v, want nil", label, err)
		return
	}
	a.Version = 1
	p.holds(a)
}

// oddStrings are what databases, drivers and helpful programmers like to change.
var oddStrings = []string{
	" ", "  ", " leading", "trailing ", "trailing  ", "in  the middle", "\u00a0no-break\u00a0",
	"MiXeD CaSe", "İstanbul ıI", "straße", "ΣΊΣΥΦΟΣ ς",
	"e\u0301 decomposed", "\u00e9 composed", "ﬁ ligature", "\u212a kelvin",
	"😀 astral 𝔘𝔫𝔦", "👩\u200d👩\u200d👧", "שלום \u202etloid\u202c", "\ufeffbom", "zero\u200bwidth", "\ufffd", "\u2028",
	"O'Brien", `"quoted"`, `back\slash`, `\n`, `\u0041`, "`tick`", "100%", "a_b", "$1", "?", ":name", "@name", "#{x}", "{{.}}", "<b>&amp;",
	"'; DROP TABLE users; --", "null", "NULL", "nil", "undefined", "true", "1", "007", "1.10", "1e3", "0x10", "2024-02-29", "{}", "[]",
}

func stringsToTheByte(p *probe) {
	for i, s := range oddStrings {
		a := bareAccount("")
		other := oddStrings[(i+1)%len(oddStrings)] // neighbours differ, so that a swap shows
		a.FirstName, a.LastName, a.ProjectID, a.ExternalID, a.PasswordHash = s, other, s, other, s
		p.keeps(fmt.Sprintf("the strings %+q and %+q", s, other), a)
	}
}

func longestStrings(p *probe) {
	for _, char := range []string{"x", "é", "😀"} {
		fill := func(size int) string { return strings.Repeat(char, size/len(char)) }
		a := bareAccount("")
		a.FirstName, a.LastName = fill(256), fill(256)
		a.ProjectID, a.ExternalID = fill(128), fill(128)
		a.PasswordHash = strings.Repeat("x", 512) // a PHC string is ASCII
		p.keeps(fmt.Sprintf("longest strings of %q", char), a)
	}
}

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
		a.CreatedAt, a.UpdatedAt = at, at.Add(-time.Duration(at.Nanosecond())) // the second it is in
		a.LastActiveAt = at.Add(time.Hour)
		p.keeps("the time "+at.Format(time.RFC3339Nano), a)
	}
	now := time.Now() // with a reading of the monotonic clock, which is nobody else's
	now = now.Add(-time.Duration(now.Nanosecond() % 1e6))
	a := bareAccount("")
	a.CreatedAt, a.UpdatedAt, a.LastActiveAt = now, now.Add(time.Millisecond), now.Add(time.Hour)
	p.keeps("the time that is now", a)
}

func zeroTimes(p *probe) {
	epoch := time.UnixMilli(0).UTC()
	for i := range 8 {
		a := bareAccount("")
		for bit, at := range []*time.Time{&a.CreatedAt, &a.UpdatedAt, &a.LastActiveAt} {
			if *at = epoch; i&(1<<bit) != 0 {
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
