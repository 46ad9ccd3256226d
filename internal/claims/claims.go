// Package claims reads and writes what the payload of a token says: the session tokens that
// this library issues, and the custom tokens that the systems of its users sign.
//
// It knows no keys and no accounts. A new claim is added here: a field of [Session] or
// [Custom], its case in the reader and its line in [Session.Append], and its name among
// those that a custom token cannot set.
package claims

import (
	"strings"
	"unicode"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// The kinds of subject, which `sub` names.
const (
	KindUser     = "user"         // an agent
	KindGuest    = "guest"        // an anonymous visitor
	KindExternal = "userexternal" // a user of another system
)

// The limits of what a custom token may claim. Sign-up and guests have the same for names
// and IDs.
const (
	MaxIDBytes      = 128
	MaxNameBytes    = 256
	MaxProfileBytes = 8 << 10

	// MaxAttributesDepth leaves room for the two levels of a session token around what
	// stands in an account's attributes.
	MaxAttributesDepth = strictjson.MaxDepth - 1
)

// Members are the claims of a payload, as [strictjson.Object] reads them.
type Members = []strictjson.Member

// Audience returns the `aud` of a payload, which may be of any type, and nil for none.
func Audience(payload Members) strictjson.Value {
	for _, m := range payload {
		if string(m.Name) == "aud" {
			return m.Value
		}
	}
	return nil
}

// optionalText returns a string; null is the empty one.
func optionalText(v strictjson.Value) (string, bool) {
	if v.IsNull() {
		return "", true
	}
	return v.Text()
}

// isPlain reports whether a text has at most so many bytes and no control characters. It is
// valid UTF-8 already: strictjson refuses everything else.
func isPlain(text string, maxBytes int) bool { return len(text) <= maxBytes && !HasControl(text) }

// HasControl reports whether a text has a control character. No name and no ID has one.
func HasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
