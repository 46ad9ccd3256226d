// Package profile says which claims of another system's token are its user's profile, and
// which are not its to make: the ones that mean something in a session token, or in the
// JSON of a user.
package profile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// MaxNameBytes is the length of the longest name of a claim that is kept.
const MaxNameBytes = 128

// ours are the names that this library writes or trusts in tokens and users, and those
// that JavaScript trusts in objects. Some readers of JSON fold case, so no spelling of
// them is free. firstname and lastname are kept beside the profile.
var ours = [...]string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti",
	"_id", "id", "id_project", "uid", "epoch", "kind", "auth_time",
	"firstname", "lastname", "emailverified",
	"__proto__", "constructor", "prototype",
}

// Allowed reports whether a claim of that name may be kept: email may, in that one
// spelling. role is the caller's to decide.
func Allowed(name []byte) bool {
	if len(name) == 0 || len(name) > MaxNameBytes {
		return false
	}
	s := string(name)
	for _, o := range ours {
		if strings.EqualFold(s, o) {
			return false
		}
	}
	if strings.EqualFold(s, "email") {
		return s == "email"
	}
	const password = "password" // and passwordHash, password_reset…
	if len(s) >= len(password) && strings.EqualFold(s[:len(password)], password) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '"' || r == '\\' || unicode.IsControl(r) })
}

// Split returns the claims that are kept in attributes: the e-mail address by itself,
// empty for none, because it is shown before the names, and the others in their order.
func Split(attributes []byte) (email strictjson.Value, others []strictjson.Member, err error) {
	if len(attributes) == 0 {
		return nil, nil, nil
	}
	all, err := strictjson.Object(attributes, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("the stored attributes: %w", err)
	}
	others = all[:0]
	for _, m := range all {
		switch {
		case !Allowed(m.Name):
		case string(m.Name) == "email":
			email = m.Value
		default:
			others = append(others, m)
		}
	}
	return email, others, nil
}

// Join returns the JSON object of claims, compact, with the e-mail address first; nil for
// none.
func Join(claims []strictjson.Member) []byte {
	if len(claims) == 0 {
		return nil
	}
	var dst []byte
	add := func(m strictjson.Member) {
		dst = append(dst, ","[:min(len(dst), 1)]...)
		dst = strictjson.AppendString(dst, string(m.Name))
		dst = append(append(dst, ':'), m.Value.Compact()...)
	}
	isEmail := func(m strictjson.Member) bool { return bytes.Equal(m.Name, []byte("email")) }
	for _, m := range claims {
		if isEmail(m) {
			add(m)
		}
	}
	for _, m := range claims {
		if !isEmail(m) {
			add(m)
		}
	}
	return append(append([]byte{'{'}, dst...), '}')
}
