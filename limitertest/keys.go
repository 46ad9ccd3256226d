package limitertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// maxKeyBytes is the longest key, in bytes.
const maxKeyBytes = 600

var keysClauses = []clause{{
	Name: "KeysAreBytes",
	Says: "A key is a text, and a different text is a different key.",
	Mend: "Compare bytes, with no case folding, collation, normalising or trimming. A hash of the key is best.",
	Test: func(p *probe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		for _, key := range distinctKeys {
			p.usesUp(key, once)
		}
		for _, key := range distinctKeys {
			if wait := p.take(key, once); wait <= 0 {
				p.Errorf("Take of %s, whose one attempt is used up: got %v, want a wait", suite.Quote(key), wait)
			}
		}
	},
}, {
	Name: "LongestKeys",
	Says: "A key has up to 600 bytes, and all of them count.",
	Mend: "Make the column wide enough, or store a hash of the key.",
	Test: func(p *probe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		for _, char := range []string{"x", "é", "😀"} {
			long := strings.Repeat(char, maxKeyBytes/len(char))
			shorter := long[:len(long)-len(char)]
			otherEnd := long[len(char):] + strings.Repeat("y", len(char))
			for _, key := range []string{long, shorter, otherEnd} {
				p.usesUp(key, once)
			}
		}
	},
}, {
	Name: "ManyKeys",
	Says: "Each key has a counter of its own.",
	Mend: "Share no counter between keys: a hash of the key needs 128 bits or more. " +
		"Where room is short, drop the keys that were taken longest ago.",
	Test: func(p *probe) {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		const keys = 1000
		for i := range keys {
			p.allows(1, fmt.Sprint("key ", i), once)
		}
		for i := range keys {
			if wait := p.take(fmt.Sprint("key ", i), once); wait <= 0 {
				p.Fatalf("Take of key %d of %d, whose one attempt is used up: got %v, want a wait", i+1, keys, wait)
			}
		}
	},
}}

// distinctKeys are keys that folding, trimming, patterns and namespaces mix up.
var distinctKeys = []string{
	// An address, and the same with another case, other blanks or a client.
	"signin ada@example.com", "SIGNIN ada@example.com", "signin Ada@example.com",
	"signin ada@example.com ", " signin ada@example.com", "signin  ada@example.com",
	"signin ada@example.com from 192.0.2.1", "signin ada@example.com from 192.0.2.10",
	"signin ada@example.com from 192.0.2.1 ", "signin ada@example.com*", "signin %",
	// Accents, folding and joined emoji.
	"caf\u00e9", "cafe\u0301", "CAF\u00c9", "cafe", "stra\u00dfe", "strasse",
	"\u212a", "k", "K", "\u0131", "i", "\u0130", "😀", "👩\u200d👩\u200d👧", "👩👩👧",
	// Blanks, guessed types, patterns and separators.
	" ", "  ", "\u00a0", "\u200b", "\u3000", ".", "0", "00", "null", "nil", "-", "*", "?", "[a]", "a", "{a}",
	"a:b", "a::b", "a/b", "a/../a/b", "'", `"`, `\`, `\\`, "'; DROP TABLE limits; --", "$1", "#{a}",
}
