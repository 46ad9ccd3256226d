package claims

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// maxProfileName is the length in bytes of the longest name of a claim that is kept.
const maxProfileName = 128

// reserved are the names that another system's token cannot put into its user's profile:
// those that this library writes or trusts in tokens and users, those by which other
// verifiers of a session token grant rights (IANA's registry of JWT claims), those that
// JavaScript trusts in objects, and those under which a guest's token comes. Some readers
// of JSON fold case, so every spelling is taken. firstname and lastname are kept beside the
// profile.
var reserved = [...]string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti",
	"_id", "id", "id_project", "uid", "epoch", "kind", "auth_time",
	"firstname", "lastname", "emailverified", "email_verified",
	"scope", "scp", "roles", "groups", "permissions", "entitlements", "act", "may_act",
	"azp", "client_id", "cnf", "amr", "acr", "sid", "nonce",
	"guest_token", "guesttoken",
	"__proto__", "constructor", "prototype",
}

// allowed reports whether a claim of that name may be in a profile: email and role may, in
// that one spelling. Which role is the caller's to decide.
func allowed(name []byte) bool { return unkept(name) == "" }

// unkept returns why a claim of that name is in no profile, as a note says it, and nothing
// if it may be in one.
func unkept(name []byte) (why string) {
	switch {
	case len(name) == 0:
		return "is an empty name and was left out"
	case len(name) > maxProfileName:
		return "is a name of over 128 bytes and was left out"
	}
	folded := fold(string(name))
	switch folded {
	case "_id", "sub", "aud", "exp", "nbf", "iat", "firstname", "lastname", "email", "role", "guest_token":
		if string(name) == folded && (folded == "email" || folded == "role") {
			return ""
		}
		return "was left out: it counts in lower case only"
	case "guesttoken":
		return "was left out: the claim is guest_token"
	}
	switch {
	case slices.Contains(reserved[:], folded):
		return "was left out: the name means something in session tokens, or to those who read them"
	case strings.HasPrefix(folded, "password"): // and passwordHash, password_reset…
		return "was left out: no name that starts with password is kept"
	case strings.ContainsFunc(folded, needsEscape):
		return "was left out: its name has a quote, a backslash or a control character"
	}
	return ""
}

// isOurs reports whether a claim is one of a session token, or the registered `iss` (RFC
// 7519 §4.1.1): many signers set it, and nobody expects it in a profile.
func isOurs(name []byte) bool {
	switch string(name) {
	case "iss", "id", "id_project", "uid", "epoch", "kind", "auth_time", "emailverified", "sid", "amr":
		return true
	}
	return false
}

// needsEscape reports whether a rune has to be escaped in JSON. Verifiers that write a name
// again without escaping it would make two members of one (GHSA-4cf7-xm37-g63h).
func needsEscape(r rune) bool { return r == '"' || r == '\\' || unicode.IsControl(r) }

// fold returns one spelling for all the names that a reader which folds case, such as
// encoding/json, takes for the same: SUB and ſub, with a long s, both become sub.
func fold(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(name) // the same, and sooner
	}
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return unicode.ToLower(least)
	}, name)
}

// stored appends the members of an account's attributes to dst. They are compact: a store
// may have respelled them. Attributes that would be too deep inside a token are refused, as
// no reader would take it.
func stored(attributes []byte, dst Members) (Members, error) {
	if len(attributes) == 0 {
		return dst, nil
	}
	if bytes.ContainsAny(attributes, " \t\r\n") {
		attributes = strictjson.Value(attributes).Compact()
	}
	members, err := strictjson.Object(attributes, dst)
	if strictjson.Value(attributes).Depth() > MaxAttributesDepth {
		err = fmt.Errorf("they nest deeper than %d levels", MaxAttributesDepth)
	}
	if err != nil {
		return nil, fmt.Errorf("the stored attributes: %w", err)
	}
	return members, nil
}

// AppendExternal appends to dst the members that show an external user in an answer: its ID
// in its own system, its e-mail address and names where it has them, and the other claims
// that attributes keeps, in their order. Every member but the first starts with a comma.
func AppendExternal(dst []byte, externalID, firstName, lastName string, attributes []byte) ([]byte, error) {
	var buf [16]strictjson.Member
	others, err := stored(attributes, buf[:0])
	if err != nil {
		return nil, err
	}
	dst = strictjson.AppendString(append(dst, `"_id":`...), externalID)
	for _, m := range others {
		if isEmail(m) && m.Value.IsString() {
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
		if !isEmail(m) && allowed(m.Name) { // asked again: stores are edited by hand
			dst = appendMember(append(dst, ','), m)
		}
	}
	return dst, nil
}

// Join returns claims as one compact JSON object with the e-mail address first, or nil if
// there are none.
func Join(claims Members) []byte {
	if len(claims) == 0 {
		return nil
	}
	dst := []byte{'{'}
	for _, email := range [...]bool{true, false} {
		for _, m := range claims {
			if isEmail(m) != email {
				continue
			}
			if len(dst) > 1 {
				dst = append(dst, ',')
			}
			dst = m.Value.AppendCompact(appendName(dst, m))
		}
	}
	return append(dst, '}')
}

// WithoutEmail returns a profile without its e-mail address, if that is made up.
func WithoutEmail(profile []byte, madeUp func(address string) bool) []byte {
	if !bytes.Contains(profile, []byte(`"email"`)) {
		return profile
	}
	members, err := strictjson.Object(profile, nil)
	if err != nil {
		return profile
	}
	kept := slices.DeleteFunc(Members(members), func(m strictjson.Member) bool {
		email, _ := m.Value.Text()
		return isEmail(m) && madeUp(email)
	})
	if len(kept) == len(members) {
		return profile
	}
	return Join(kept)
}

func isEmail(m strictjson.Member) bool { return string(m.Name) == "email" }

func appendMember(dst []byte, m strictjson.Member) []byte {
	return append(appendName(dst, m), m.Value...)
}

func appendName(dst []byte, m strictjson.Member) []byte {
	return append(strictjson.AppendString(dst, string(m.Name)), ':')
}

// Same reports whether two profiles are one JSON value. A store may have respelled one of
// them, but numbers keep their digits.
func Same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, xErr := decode(a)
	y, yErr := decode(b)
	return xErr == nil && yErr == nil && reflect.DeepEqual(x, y)
}

func decode(profile []byte) (object map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(profile))
	d.UseNumber()
	err = d.Decode(&object)
	return object, err
}
