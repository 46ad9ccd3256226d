package limitertest

import (
	"time"

	"github.com/deskauth/deskauth"
)

var (
	few  = deskauth.Rate{Attempts: 2, Per: 8 * time.Hour}
	some = deskauth.Rate{Attempts: 4, Per: 8 * time.Hour}
	many = deskauth.Rate{Attempts: 16, Per: 8 * time.Hour}
)

var callsClauses = []clause{{
	Name: "AllOfThem",
	Says: "A call of several keys that is allowed reserves one attempt of each.",
	Mend: "Write every key of the call, each at its own rate.",
	Test: func(p *probe) {
		first := p.now()
		for range 2 {
			p.callAllowed(attempt("a", few), attempt("b", some), attempt("c", many))
		}
		p.left(0, "a", few, first)
		p.left(2, "b", some, first)
		p.left(14, "c", many, first)
	},
}, {
	Name: "NoneOfThem",
	Says: "A call of which one attempt is refused reserves nothing of any key, wherever the refused one stands.",
	Mend: "Check every key before you write the first, under one lock, in one statement or script.",
	Test: func(p *probe) {
		first := p.now()
		used, a, b := attempt("used up", few), attempt("a", some), attempt("b", many)
		p.usesUp(used.Key, used.Rate)
		for range 20 {
			p.callRefused(0, used, a, b)
			p.callRefused(1, a, used, b)
			p.callRefused(2, b, a, used)
		}
		p.refuses(used.Key, used.Rate, first, step(few))
		p.left(4, "a", some, first)
		p.left(16, "b", many, first)
	},
}, {
	Name: "LongestWait",
	Says: "Of several attempts that are refused, Take returns the one that waits longest: " +
		"after its wait the whole call is allowed.",
	Mend: "Look at every key of the call, and return the longest wait with its index.",
	Test: func(p *probe) {
		first := p.now()
		short, long, free := attempt("short", many), attempt("long", few), attempt("free", some)
		p.usesUp(short.Key, short.Rate)
		p.usesUp(long.Key, long.Rate)
		for _, call := range [][]deskauth.Attempt{{short, free, long}, {long, free, short}, {free, short, long}} {
			by := 0
			for call[by] != long {
				by++
			}
			wait := p.callRefused(by, call...)
			if least := step(few) - (p.now().latest - first.earliest) - tooShort; wait < least {
				p.Errorf("Take of %s: got the wait %v, want %v or more", list(call), wait, least)
			}
		}
	},
}, {
	Name: "KeyTwice",
	Says: "A key that stands twice in a call counts twice, and both or none are reserved.",
	Mend: "Count the attempts of a call that come before, whether or not they are written yet.",
	Test: func(p *probe) {
		first := p.now()
		twice, other := attempt("twice", deskauth.Rate{Attempts: 3, Per: 12 * time.Hour}), attempt("other", some)
		p.callAllowed(twice, other, twice)
		p.callRefused(2, twice, other, twice)
		p.left(1, twice.Key, twice.Rate, first)
		p.left(3, other.Key, other.Rate, first)
	},
}}
