package storetest

import (
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

var takeClauses = []limiterClause{{
	name: "Burst",
	says: "a Rate allows its Attempts all at once: Take returns 0 for each of them, and a wait and no error for the next",
	mend: "compare with Attempts, not with one more or less; a refusal is an answer and no error",
	test: func(p *limiterProbe) {
		for _, n := range []int{1, 2, 3, 10, 100} {
			p.usesUp(fmt.Sprint("burst of ", n), deskauth.Rate{Attempts: n, Per: 12 * time.Hour})
		}
	},
}, {
	name: "Wait",
	says: "Take returns how long it is until an attempt is allowed: after a burst, the time divided by the Attempts",
	mend: "a wait of nanoseconds; where the time is kept in seconds, round up and never by more than one",
	test: func(p *limiterProbe) {
		for _, rate := range []deskauth.Rate{
			{Attempts: 1, Per: time.Minute},
			{Attempts: 10, Per: 15 * time.Minute},
			{Attempts: 100, Per: time.Hour},
			{Attempts: 3, Per: 10 * time.Second},
			{Attempts: 7, Per: 24 * time.Hour},
		} {
			p.usesUp(fmt.Sprint("wait at ", rate), rate)
		}
	},
}, {
	name: "WaitIsEnough",
	says: "when the time that Take returned has gone by, an attempt is allowed",
	mend: "round the wait up, never down, to what the clock counts in",
	test: func(p *limiterProbe) {
		for _, rate := range []deskauth.Rate{
			{Attempts: 1, Per: 900 * time.Millisecond},
			{Attempts: 3, Per: time.Second},
			{Attempts: 7, Per: 1234567891},
		} {
			key := fmt.Sprint("enough at ", rate)
			first := p.now()
			p.allows(rate.Attempts, key, rate)
			p.pass(p.refuses(key, rate, first, step(rate)))
			p.allows(1, key, rate)
		}
	},
}, {
	name: "RefusedReserveNothing",
	says: "Take returns 0, or reserves nothing: who is refused does not have to wait longer for it",
	mend: "write only when the attempt is allowed; no increment before the comparison",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 3, Per: 3 * time.Hour}
		first := p.now()
		p.allows(rate.Attempts, "refused", rate)
		for range 50 {
			p.refuses("refused", rate, first, step(rate))
		}
	},
}, {
	name: "OneByOne",
	says: "after a burst attempts come back one by one, evenly: of 3 in 6 seconds one in each 2",
	mend: "no window that begins anew with all attempts, and no list of the last ones: count as a token bucket or by GCRA, and keep a key until all its attempts are back",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 3, Per: 6 * time.Second}
		first := p.now()
		p.allows(rate.Attempts, "even", rate)
		for n := range 2 {
			p.pass(p.refuses("even", rate, first, time.Duration(n+1)*step(rate)))
			p.allows(1, "even", rate)
		}
		p.refuses("even", rate, first, 3*step(rate))
	},
}, {
	name: "NeverMoreThanAttempts",
	says: "a Rate allows its Attempts at once and no more, however long nobody has tried",
	mend: "what is back is at most Attempts",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Second}
		p.usesUp("idle", rate)
		p.pass(3 * rate.Per)
		p.usesUp("idle", rate)
	},
}, {
	name: "LargestRates",
	says: "a Rate may be of 366 days, and of a billion attempts",
	mend: "count nanoseconds or milliseconds in 64 bits; an expiry in the database must reach as far",
	test: func(p *limiterProbe) {
		const year = 366 * 24 * time.Hour
		p.usesUp("once a year", deskauth.Rate{Attempts: 1, Per: year})
		p.usesUp("a dozen a year", deskauth.Rate{Attempts: 12, Per: year})
		p.allows(20, "a billion a year", deskauth.Rate{Attempts: 1e9, Per: year})
		p.allows(20, "a billion a second", deskauth.Rate{Attempts: 1e9, Per: time.Second})
	},
}, {
	name: "TwoRates",
	says: "Take reserves an attempt of a key at the rate that it is given, whatever other keys are taken at",
	mend: "take Attempts and Per from each call",
	test: func(p *limiterProbe) {
		narrow, wide := deskauth.Rate{Attempts: 2, Per: time.Hour}, deskauth.Rate{Attempts: 5, Per: 3 * time.Hour}
		first := p.now()
		for range 2 {
			p.allows(1, "narrow", narrow)
			p.allows(2, "wide", wide)
		}
		p.refuses("narrow", narrow, first, step(narrow))
		p.allows(1, "wide", wide)
		p.refuses("wide", wide, first, step(wide))
		p.refuses("narrow", narrow, first, step(narrow))
	},
}}
