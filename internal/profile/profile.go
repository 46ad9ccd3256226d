// Package profile says which claims of another system's token are its user's profile, and
// which are not its to make: the ones that mean something in a session token, or in the
// JSON of a user.
package profile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// MaxNameBytes is the length of the longest name of a claim that is kept.
const MaxNameBytes = 128

// ours are the names that this library writes or trusts in tokens and users, those by which
// others who verify a session token grant rights (the IANA registry of JWT claims), and those
// that JavaScript trusts in objects. Some readers of JSON fold case, so no spelling of
// them is free. firstname and lastname are kept beside the profile.
var ours = [...]string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti",
	"_id", "id", "id_project", "uid", "epoch", "kind", "auth_time",
	"firstname", "lastname", "emailverified", "email_verified",
	"scope", "scp", "roles", "groups", "permissions", "entitlements", "act", "may_act",
	"azp", "client_id", "cnf", "amr", "acr", "sid", "nonce",
	"__proto__", "constructor", "prototype",
}

// Allowed reports whether a claim of that name may be kept: email may, in that one
// spelling. role is the caller's to decide.
func Allowed(name []byte) bool {
	if len(name) == 0 || len(name) > MaxNameBytes {
		return false
	}
	folded := Fold(string(name))
	switch {
	case slices.Contains(ours[:], folded):
		return false
	case folded == "email":
		return string(name) == "email"
	case strings.HasPrefix(folded, "password"): // and passwordHash, password_reset…
		return false
	}
	return !strings.ContainsFunc(folded, func(r rune) bool { return r == '"' || r == '\\' || unicode.IsControl(r) })
}

// Fold returns the one spelling of all names that a reader which folds case, such as
// encoding/json, takes for the same: lower case, and the letters beyond ASCII that fold
// into it, like the long s, too.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return unicode.ToLower(least)
	}, name)
}

// Append appends to dst the members by which an external user is shown, in a token and in
// the JSON of a user: its ID in its own system, its e-mail address, its names, as far as
// it has them, and the other claims that attributes keeps, in their order.
func Append(dst []byte, externalID, firstName, lastName string, attributes []byte) ([]byte, error) {
	var others []strictjson.Member
	if len(attributes) > 0 {
		if bytes.ContainsAny(attributes, " \t\r\n") { // a store may have spelled it anew, and longer
			attributes = strictjson.Value(attributes).Compact()
		}
		var few [16]strictjson.Member
		var err error
		if others, err = strictjson.Object(attributes, few[:0]); err != nil {
			return nil, fmt.Errorf("the stored attributes: %w", err)
		}
	}
	dst = strictjson.AppendString(append(dst, `"_id":`...), externalID)
	for _, m := range others {
		if isEmail(m) {
			dst = append(append(dst, `,"email":`...), m.Value...)
		}
	}
	if firstName != "" {
		dst = strictjson.AppendString(append(dst, `,"firstname":`...), firstName)
	}
	if lastName != "" {
		dst = strictjson.AppendString(append(dst, `,"lastname":`...), lastName)
	}
	for _, m := range others {
		if !isEmail(m) && Allowed(m.Name) { // again: a store is edited by hand at times
			dst = appendMember(append(dst, ','), m)
		}
	}
	return dst, nil
}

// Join returns the JSON object of claims, compact, with the e-mail address first; nil for
// none.
func Join(claims []strictjson.Member) []byte {
	if len(claims) == 0 {
		return nil
	}
	dst := []byte{'{'}
	for _, emails := range [...]bool{true, false} {
		for _, m := range claims {
			if isEmail(m) != emails {
				continue
			}
			if len(dst) > 1 {
				dst = append(dst, ',')
			}
			dst = appendMember(dst, strictjson.Member{Name: m.Name, Value: m.Value.Compact()})
		}
	}
	return append(dst, '}')
}

func isEmail(m strictjson.Member) bool { return string(m.Name) == "email" }

func appendMember(dst []byte, m strictjson.Member) []byte {
	dst = append(strictjson.AppendString(dst, string(m.Name)), ':')
	return append(dst, m.Value...)
}
