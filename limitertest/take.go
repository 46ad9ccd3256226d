package limitertest

import (
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

var takeClauses = []clause{{
	Name: "Burst",
	Says: "A Rate allows its Attempts all at once. Take returns -1 and 0 for each. " +
		"Then it returns the index of the attempt, a wait, and no error.",
	Mend: "Compare with Attempts, not with one more or one less. " +
		"Return a refusal as an index and a wait, not as an error.",
	Test: func(p *probe) {
		for _, n := range []int{1, 2, 3, 10, 100} {
			p.usesUp(fmt.Sprint("burst of ", n), deskauth.Rate{Attempts: n, Per: 12 * time.Hour})
		}
	},
}, {
	Name: "Wait",
	Says: "Take returns how long it is until an attempt is allowed. After a burst that is Per divided by Attempts.",
	Mend: "Count in nanoseconds. A limiter that counts in seconds rounds up, by less than one second.",
	Test: func(p *probe) {
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
	Name: "WaitIsEnough",
	Says: "An attempt is allowed when the time that Take returned has gone by.",
	Mend: "Round the wait up, never down, to the unit of the clock.",
	Test: func(p *probe) {
		for _, rate := range []deskauth.Rate{
			{Attempts: 1, Per: 900 * time.Millisecond},
			{Attempts: 3, Per: time.Second},
			{Attempts: 7, Per: 1234567891},
		} {
			key := fmt.Sprint("enough at ", rate)
			first := p.now()
			p.allows(rate.Attempts, key, rate)
			if wait := p.refuses(key, rate, first, step(rate)); wait > 0 {
				p.pass(wait)
				p.allows(1, key, rate)
			}
		}
	},
}, {
	Name: "RefusalReservesNothing",
	Says: "A refused attempt is not reserved. It makes the next wait no longer.",
	Mend: "Write only when the attempt is allowed. Compare before you increment.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 3, Per: 3 * time.Hour}
		first := p.now()
		p.allows(rate.Attempts, "refused", rate)
		for range 50 {
			p.refuses("refused", rate, first, step(rate))
		}
	},
}, {
	Name: "OneByOne",
	Says: "After a burst attempts come back one by one, evenly: of 3 in 6 seconds, one every 2 seconds.",
	Mend: "Use a token bucket or GCRA, not a fixed window and not a list of the last attempts. " +
		"Keep a key until all its attempts are back.",
	Test: func(p *probe) {
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
	Name: "NeverMoreThanAttempts",
	Says: "A Rate allows its Attempts at once and no more, however long the key was idle.",
	Mend: "Let no more than Attempts come back.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Second}
		p.usesUp("idle", rate)
		p.pass(3 * rate.Per)
		p.usesUp("idle", rate)
	},
}, {
	Name: "LargestRates",
	Says: "The Per of a Rate is up to 366 days, its Attempts up to a billion.",
	Mend: "Count nanoseconds or milliseconds in 64 bits. Let no record of the database expire sooner.",
	Test: func(p *probe) {
		const year = 366 * 24 * time.Hour
		p.usesUp("once a year", deskauth.Rate{Attempts: 1, Per: year})
		p.usesUp("a dozen a year", deskauth.Rate{Attempts: 12, Per: year})
		p.allows(20, "a billion a year", deskauth.Rate{Attempts: 1e9, Per: year})
		p.allows(20, "a billion a second", deskauth.Rate{Attempts: 1e9, Per: time.Second})
	},
}, {
	Name: "TwoRates",
	Says: "Take reserves an attempt at the rate of the call, whatever the rates of other keys.",
	Mend: "Read Attempts and Per from each call.",
	Test: func(p *probe) {
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
