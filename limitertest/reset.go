package limitertest

import (
	"time"

	"github.com/deskauth/deskauth"
)

var resetClauses = []clause{{
	Name: "Forgets",
	Says: "Reset forgets all attempts of the key, whether all of them are used up or some.",
	Mend: "Delete all that is stored about the key. To subtract one attempt is too little; to lift the limit is too much.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 4, Per: time.Hour}
		p.usesUp("forgotten", rate)
		p.reset("forgotten")
		p.usesUp("forgotten", rate)
		p.reset("forgotten")
		p.allows(3, "forgotten", rate)
		p.reset("forgotten")
		p.usesUp("forgotten", rate)
	},
}, {
	Name: "OnlyThatKey",
	Says: "Reset forgets the attempts of one key and of no other.",
	Mend: "Delete by the whole key, not by a prefix or a pattern.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		others := []string{"victim", "victim from 192.0.2.1", "Victim", "victi", "victim ", "another"}
		first := p.now()
		for _, key := range others {
			p.usesUp(key, rate)
		}
		p.usesUp("mine", rate)
		for _, key := range []string{
			"mine", "v", "victim from", "vict*", "vict%", "*", "%", "_ictim", ".*", " ", "VICTIM", "unknown",
		} {
			p.reset(key)
		}
		p.usesUp("mine", rate)
		for _, key := range others {
			p.refuses(key, rate, first, step(rate))
		}
		p.reset("victim")
		p.usesUp("victim", rate)
		for _, key := range others[1:] {
			p.refuses(key, rate, first, step(rate))
		}
	},
}, {
	Name: "UnknownKey",
	Says: "Reset of a key without attempts returns no error and changes nothing.",
	Mend: "Return nil when there was nothing to delete.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		p.reset("unknown")
		p.reset("unknown")
		p.usesUp("unknown", rate)
		p.reset("unknown")
		p.reset("unknown")
		p.usesUp("unknown", rate)
	},
}}
