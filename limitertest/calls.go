package limitertest

import (
	"slices"
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
			p.callRefusedFor(step(few), first, by, call...)
		}
	},
}, {
	Name: "WholeCallAfterTheWait",
	Says: "After the wait that Take returns, the whole call is allowed.",
	Mend: "Return the longest wait of the call, rounded up. Reserve nothing when you refuse.",
	Test: func(p *probe) {
		short, long := deskauth.Rate{Attempts: 4, Per: time.Second}, deskauth.Rate{Attempts: 2, Per: 2 * time.Second}
		a, b, free := attempt("a", short), attempt("b", long), attempt("free", many)
		p.callAllowed(a, b, a, b, a, a)
		if refused, wait := p.call(a, free, b); refused >= 0 {
			p.pass(wait)
			p.callAllowed(a, free, b)
		}
	},
}, {
	Name: "KeyTwice",
	Says: "A key that stands twice in a call counts twice, and both or none are reserved. " +
		"The wait is until both are allowed.",
	Mend: "Count the attempts of a call that come before, whether or not they are written yet.",
	Test: func(p *probe) {
		first := p.now()
		twice, other := attempt("twice", deskauth.Rate{Attempts: 3, Per: 12 * time.Hour}), attempt("other", some)
		p.callAllowed(twice, other, twice)
		p.callRefusedFor(step(twice.Rate), first, 2, twice, other, twice)
		p.left(1, twice.Key, twice.Rate, first)
		p.callRefusedFor(2*step(twice.Rate), first, 2, twice, other, twice)
		p.left(3, other.Key, other.Rate, first)
	},
}, {
	Name: "KeyTwiceAfterTheWait",
	Says: "A call in which a key stands twice is allowed after the wait that Take returns.",
	Mend: "Return the wait of the key's last attempt in the call, which comes back last.",
	Test: func(p *probe) {
		twice := attempt("twice", deskauth.Rate{Attempts: 2, Per: time.Second})
		p.callAllowed(twice, twice)
		if refused, wait := p.call(twice, twice); refused >= 0 {
			p.pass(wait)
			p.callAllowed(twice, twice)
		}
	},
}, {
	Name: "LeavesTheSlice",
	Says: "Take and GiveBack do not change the slice of a call, and do not keep it.",
	Mend: "Copy what you sort, change or need after you return.",
	Test: func(p *probe) {
		first := p.now()
		call := []deskauth.Attempt{attempt("c", many), attempt("a", few), attempt("b", some), attempt("a", few)}
		want := slices.Clone(call)
		unchanged := func(what string) {
			p.Helper()
			if !slices.Equal(call, want) {
				p.Fatalf("%s of %s: the slice holds %s afterwards", what, list(want), list(call))
			}
		}
		p.callAllowed(call...)
		unchanged("Take")
		p.callRefused(3, call...)
		unchanged("Take, refused,")
		p.giveBack(call...)
		unchanged("GiveBack")

		overwrite := func(slice []deskauth.Attempt) {
			for i := range slice {
				slice[i] = attempt("another", some)
			}
		}
		p.callAllowed(call...)
		overwrite(call)
		p.giveBack(want...)
		overwrite(want)
		p.left(2, "a", few, first)
		p.left(4, "b", some, first)
		p.left(16, "c", many, first)
		p.left(4, "another", some, first)
	},
}}
