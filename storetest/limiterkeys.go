package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

// maxLimiterKey is the most bytes that a key has.
const maxLimiterKey = 600

var limiterKeysClauses = []limiterClause{{
	name: "KeysAreBytes",
	says: "a key is a text, and another text is another key",
	mend: "compare bytes, with no case folding, collation, normalising or trimming; a hash of the key is best",
	test: func(p *limiterProbe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		for _, key := range distinctKeys {
			p.usesUp(key, once)
		}
		for _, key := range distinctKeys {
			if wait := p.take(key, once); wait <= 0 {
				p.Errorf("Take of %s, whose one attempt is used up: got %v, want a wait", quote(key), wait)
			}
		}
	},
}, {
	name: "LongestKeys",
	says: "a key has up to 600 bytes, and all of them count",
	mend: "make the column wide enough, or keep a hash of the key",
	test: func(p *limiterProbe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		for _, char := range []string{"x", "é", "😀"} {
			long := strings.Repeat(char, maxLimiterKey/len(char))
			for _, key := range []string{long, long[:len(long)-len(char)], long[len(char):] + strings.Repeat("y", len(char))} {
				p.usesUp(key, once)
			}
		}
	},
}, {
	name: "ManyKeys",
	says: "each key has a counter of its own",
	mend: "no counter for several keys: a hash of the key needs 128 bits or more, and what is dropped for want of room must not be what was taken last",
	test: func(p *limiterProbe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		const keys = 1000
		for i := range keys {
			p.allows(1, fmt.Sprint("key ", i), once)
		}
		for i := range keys {
			if wait := p.take(fmt.Sprint("key ", i), once); wait <= 0 {
				p.Fatalf("Take of the key number %d of %d, whose one attempt is used up: got %v, want a wait", i+1, keys, wait)
			}
		}
	},
}}

// distinctKeys are what folding, trimming, patterns and namespaces would mix up.
var distinctKeys = []string{
	"signin ada@example.com", "SIGNIN ada@example.com", "signin Ada@example.com", "signin ada@example.com ", " signin ada@example.com", "signin  ada@example.com",
	"signin ada@example.com from 192.0.2.1", "signin ada@example.com from 192.0.2.10", "signin ada@example.com from 192.0.2.1 ", "signin ada@example.com*", "signin %",
	"caf\u00e9", "cafe\u0301", "CAF\u00c9", "cafe", "stra\u00dfe", "strasse", "\u212a", "k", "K", "\u0131", "i", "\u0130", "😀", "👩\u200d👩\u200d👧", "👩👩👧",
	" ", "  ", "\u00a0", "\u200b", "\u3000", ".", "0", "00", "null", "nil", "-", "*", "?", "[a]", "a", "{a}", "a:b", "a::b", "a/b", "a/../a/b", "'", `"`, `\`, `\\`,
	"'; DROP TABLE limits; --", "$1", "#{a}",
}

var resetClauses = []limiterClause{{
	name: "Forgets",
	says: "Reset forgets all attempts of the key, whether all of them are used up or some",
	mend: "delete what is kept of the key; one attempt less is not enough, and neither is an end of its limit",
	test: func(p *limiterProbe) {
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
	name: "OnlyThatKey",
	says: "Reset forgets the attempts of one key and of no other",
	mend: "delete by the whole key, no prefix and no pattern",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		others := []string{"victim", "victim from 192.0.2.1", "Victim", "victi", "victim ", "somebody else"}
		first := p.now()
		for _, key := range others {
			p.usesUp(key, rate)
		}
		p.usesUp("mine", rate)
		for _, key := range []string{"mine", "v", "victim from", "vict*", "vict%", "*", "%", "_ictim", ".*", " ", "VICTIM", "unknown"} {
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
	name: "UnknownKey",
	says: "Reset of a key that has no attempts is no error, and changes nothing",
	mend: "that there was nothing to delete is not worth an error",
	test: func(p *limiterProbe) {
		rate := deskauth.Rate{Attempts: 2, Per: time.Hour}
		p.reset("unknown")
		p.reset("unknown")
		p.usesUp("unknown", rate)
		p.reset("unknown")
		p.reset("unknown")
		p.usesUp("unknown", rate)
	},
}}
