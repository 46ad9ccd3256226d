package limitertest

import (
	"time"

	"github.com/deskauth/deskauth"
)

var giveBackClauses = []clause{{
	Name: "ReturnsOne",
	Says: "GiveBack returns one attempt of the key, whether all of them are used up or some.",
	Mend: "Subtract one attempt. To delete all that is stored about the key forgives the attempts of others.",
	Test: func(p *probe) {
		first := p.now()
		p.usesUp("returned", some)
		for range 3 {
			p.giveBack(attempt("returned", some))
			p.left(1, "returned", some, first)
		}
		p.giveBack(attempt("returned", some))
		p.giveBack(attempt("returned", some))
		p.left(2, "returned", some, first)
		p.allows(2, "in part", some)
		p.giveBack(attempt("in part", some))
		p.left(3, "in part", some, first)
	},
}, {
	Name: "KeepsTheWait",
	Says: "After GiveBack the attempts that are still reserved come back when they would have.",
	Mend: "Subtract Per divided by Attempts from the time that is stored, and change nothing else.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 3, Per: 6 * time.Second}
		first := p.now()
		p.allows(3, "wait", rate)
		p.giveBack(attempt("wait", rate))
		p.allows(1, "wait", rate)
		p.pass(p.refuses("wait", rate, first, step(rate)))
		p.giveBack(attempt("wait", rate))
		p.allows(2, "wait", rate)
		p.refuses("wait", rate, first, 2*step(rate))
	},
}, {
	Name: "WidensNothing",
	Says: "A key that has all its attempts gets no more, whether they were given back or were never taken.",
	Mend: "Let no stored time be before now, and no count be above Attempts.",
	Test: func(p *probe) {
		again := []deskauth.Attempt{attempt("full", some)}
		for range 5 {
			p.giveBack(again...)
		}
		p.usesUp("full", some)
		for range 3 * some.Attempts {
			p.giveBack(again...)
		}
		p.usesUp("full", some)
		rate := deskauth.Rate{Attempts: 2, Per: time.Second}
		p.usesUp("idle", rate)
		p.pass(rate.Per) // both have come back by themselves
		p.giveBack(attempt("idle", rate))
		p.giveBack(attempt("idle", rate))
		p.usesUp("idle", rate)
	},
}, {
	Name: "AllOfThem",
	Says: "GiveBack of several keys returns one attempt of each, and two of a key that stands twice.",
	Mend: "Go through all keys of the call, each at its own rate.",
	Test: func(p *probe) {
		first := p.now()
		for _, a := range []deskauth.Attempt{attempt("a", few), attempt("b", some), attempt("c", many)} {
			p.usesUp(a.Key, a.Rate)
		}
		p.giveBack(attempt("a", few), attempt("b", some), attempt("unknown", some), attempt("b", some), attempt("c", many))
		p.left(1, "a", few, first)
		p.left(2, "b", some, first)
		p.left(1, "c", many, first)
	},
}, {
	Name: "OnlyThatKey",
	Says: "GiveBack returns attempts of the keys of the call and of no other.",
	Mend: "Find what is stored by the whole key, not by a prefix or a pattern.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 2, Per: 8 * time.Hour}
		others := []string{"victim", "victim from 192.0.2.1", "Victim", "victi", "victim ", "another"}
		first := p.now()
		for _, key := range others {
			p.usesUp(key, rate)
		}
		p.usesUp("mine", rate)
		for _, key := range []string{
			"mine", "v", "victim from", "vict*", "vict%", "*", "%", "_ictim", ".*", " ", "VICTIM", "unknown",
		} {
			p.giveBack(attempt(key, rate))
		}
		p.left(1, "mine", rate, first)
		for _, key := range others {
			p.refuses(key, rate, first, step(rate))
		}
	},
}, {
	Name: "UnknownKey",
	Says: "GiveBack of a key without reserved attempts returns no error.",
	Mend: "Return nil when nothing is stored about the key.",
	Test: func(p *probe) {
		p.giveBack(attempt("unknown", few))
		p.giveBack(attempt("unknown", few), attempt("unknown too", some))
		p.usesUp("unknown", few)
	},
}}
