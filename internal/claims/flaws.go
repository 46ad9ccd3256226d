package claims

import (
	"fmt"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// faults are the words for what [strictjson.Mend] has met: of a claim that has to be right
// to the letter, and of one that was mended or left out.
var faults = [...]struct {
	fault     strictjson.Fault
	has, note string
}{
	{strictjson.NameTwice, "stands there twice", "stands there twice and was left out"},
	{strictjson.TwiceInside, "has a name twice inside", "has a name twice inside and was left out"},
	{strictjson.TooDeep, "nests too deep", "nests deeper than 32 levels and was left out"},
	{strictjson.NotUTF8, "has bytes that are not UTF-8", "had bytes that are not UTF-8, which are U+FFFD now"},
	{strictjson.HalfSurrogate, "has half of a surrogate pair", "had half of a surrogate pair, which is U+FFFD now"},
	{strictjson.RawControl, "has a control character that is not escaped",
		"had a control character that was not escaped"},
}

// wordsOf returns the first of the faults in words.
func wordsOf(all strictjson.Fault) (has, note string) {
	for _, f := range faults {
		if all&f.fault != 0 {
			return f.has, f.note
		}
	}
	return "", ""
}

// withoutFlaws returns the payload without the claims that cannot be kept, and notes those
// and the mended ones. Of claims that have to be right to the letter none is kept: the
// error is the first one's.
func (r *customReader) withoutFlaws(payload Members, flaws []strictjson.Flaw) (rest Members, wrong error) {
	rest = make(Members, 0, len(payload))
	for i, m := range payload {
		if len(flaws) == 0 || flaws[0].Member != i {
			rest = append(rest, m)
			continue
		}
		found := flaws[0].Faults
		flaws = flaws[1:]
		has, note := wordsOf(found)
		if isExact(m.Name) {
			if wrong == nil {
				wrong = fmt.Errorf("%w %s", bad(string(m.Name)), has)
			}
			continue
		}
		r.note(m, note)
		if found.Mended() {
			rest = append(rest, m)
		}
	}
	return rest, wrong
}

// isExact reports whether a claim says who the user is, or how long the token is good.
func isExact(name []byte) bool {
	switch string(name) {
	case "sub", "aud", "_id", "iat", "exp", "nbf":
		return true
	}
	return false
}

// AudienceFlaw returns what is wrong with the `aud` of a payload that [strictjson.Mend] has
// read, or nothing.
func AudienceFlaw(payload Members, flaws []strictjson.Flaw) string {
	for _, f := range flaws {
		if string(payload[f.Member].Name) == "aud" {
			has, _ := wordsOf(f.Faults)
			return has
		}
	}
	return ""
}
