package claims

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// What claims have to be, for those who sign them.
const (
	wantedID   = "it has to be the user's ID in your system, a text of 1 to 128 bytes or an integer"
	wantedSub  = `it has to be "` + KindExternal + `"`
	wantedTime = "it has to be a number of seconds since 1970 (RFC 7519)"
)

// bad is the error of a claim that is missing or cannot be taken. Callers add why.
func bad(name string) error { return fmt.Errorf("claim %s", name) }

// badValue is the error of a claim with a value that it cannot have. It says what the value
// is and what is wanted. Of values it quotes numbers alone, and at most 40 characters: a
// text may be an address or a secret.
func badValue(m strictjson.Member) error {
	err := bad(string(m.Name))
	switch string(m.Name) {
	case "_id":
		return fmt.Errorf("%w %s", err, idProblem(m.Value))
	case "iat", "exp", "nbf", "auth_time":
		return fmt.Errorf("%w %s", err, timeProblem(m.Value))
	}
	return err
}

// kindOfValue says what a value is, in words.
func kindOfValue(v strictjson.Value) string {
	switch v[0] {
	case '"':
		return "a text"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return fmt.Sprintf("%.40s", v)
}

// idProblem says why a value cannot be an `_id`.
func idProblem(v strictjson.Value) string {
	text, isText := v.Text()
	switch {
	case isText && text == "":
		return "is empty: " + wantedID
	case isText && strings.TrimSpace(text) == "":
		return "has nothing but blanks: " + wantedID
	case isText && len(text) > MaxIDBytes:
		return fmt.Sprintf("has %d bytes: it may have %d at most", len(text), MaxIDBytes)
	case isText && HasControl(text):
		return fmt.Sprintf("has the control character %U: remove it", control(text))
	case v[0] == '{':
		return "is an object: write its text, as in \"_id\":\"5c81593adf767b0017d1aa66\""
	case v[0] == '[':
		return "is a list: write its one element"
	case v.IsNull():
		return "is null: sign a token only for a user who has an ID"
	case v.Integer():
		return fmt.Sprintf("has %d digits: it may have %d at most", len(v), MaxIDBytes)
	case string(v) == "true" || string(v) == "false":
		return "is " + string(v) + ": " + wantedID
	}
	return fmt.Sprintf("is the number %.40s: write an integer, or its text in quotes", v)
}

func control(text string) (first rune) {
	return []rune(text[strings.IndexFunc(text, unicode.IsControl):])[0]
}

// subProblem says why a `sub`, or none, is not that of an external user.
func subProblem(v strictjson.Value) string {
	switch {
	case v == nil:
		return "is missing: " + wantedSub
	case v.IsString():
		return "is another text: " + wantedSub
	}
	return "is " + kindOfValue(v) + ": " + wantedSub
}

// timeProblem says why a value cannot be a time.
func timeProblem(v strictjson.Value) string {
	kind := kindOfValue(v)
	switch {
	case v[0] == '-':
		return "is " + kind + ", a time before 1970: " + wantedTime
	case '0' <= v[0] && v[0] <= '9':
		return "is " + kind + ", a time after the year 2200: it has to be in seconds since 1970 (RFC 7519), " +
			"so divide milliseconds by 1000"
	case v.IsNull():
		return "is null: leave it out, or make it a number of seconds since 1970 (RFC 7519)"
	}
	return "is " + kind + ": " + wantedTime
}

// AudienceProblem says why an `aud` is not one string, and nothing if it is.
func AudienceProblem(aud strictjson.Value) string {
	switch {
	case aud == nil:
		return "is missing"
	case aud.IsString():
		return ""
	case aud[0] == '[':
		return "is a list: it has to be one string (in Go with golang-jwt, set " +
			"jwt.MarshalSingleStringAsArray to false)"
	}
	return "is " + kindOfValue(aud) + ": it has to be one string"
}
