package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A decoded token is what a token says, for a person to read. Nothing of it is believed:
// the verdict is deskauth's.
type decoded struct {
	header, claims members
	signature      int // bytes
}

// A member is a member of a JSON object. An object may have a name twice.
type member struct {
	name  string
	value json.RawMessage
}

type members []member

// decode reads as much of a token as it can.
func decode(token string) (d decoded) {
	token = strings.TrimSpace(token)
	for _, scheme := range []string{"JWT ", "Bearer "} {
		if len(token) > len(scheme) && strings.EqualFold(token[:len(scheme)], scheme) {
			token = token[len(scheme):]
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return d
	}
	header, _ := readObject(decodePart(parts[0]))
	claims, _ := readObject(decodePart(parts[1]))
	d.header, d.claims = header.withoutTokens(), claims.withoutTokens()
	d.signature = len(decodePart(parts[2]))
	return d
}

// decodePart reads base64url, with or without padding.
func decodePart(part string) []byte {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return nil
	}
	return text
}

// readObject returns the members of a JSON object in their order. It reads what deskauth
// takes of a custom token, and more.
func readObject(text []byte) (all members, err error) {
	d := json.NewDecoder(bytes.NewReader(escapeControls(text)))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return nil, err
		}
		all = append(all, member{name.(string), compact.Bytes()})
	}
	return all, nil
}

var (
	stringLiteral = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

	// The header of a token, and the parts behind it: payload and signature (RFC 7515
	// §3.1), or four of an encrypted one (RFC 7516 §3.1).
	compactToken = regexp.MustCompile(`([\w-]+=*)\.([\w=-]+(?:\.[\w=-]*)+)`)
)

// withoutTokens returns the members without the tokens that they quote, on any level: that
// of a claim such as guest_token may be good.
func (m members) withoutTokens() (all members) {
	for _, member := range m {
		member.name = cutTokens(member.name)
		member.value = stringLiteral.ReplaceAllFunc(member.value, func(literal []byte) []byte {
			var text string
			if json.Unmarshal(literal, &text) != nil {
				return literal
			}
			cut := cutTokens(text)
			if cut == text {
				return literal
			}
			quoted, err := json.Marshal(cut)
			if err != nil {
				return []byte(`""`)
			}
			return quoted
		})
		all = append(all, member)
	}
	return all
}

// cutTokens leaves of each token in a text its header.
func cutTokens(text string) string {
	return compactToken.ReplaceAllStringFunc(text, func(token string) string {
		parts := compactToken.FindStringSubmatch(token)
		if header := bytes.TrimSpace(decodePart(parts[1])); len(header) == 0 || header[0] != '{' {
			return token
		}
		return fmt.Sprintf("%s.(%d characters, not shown)", parts[1], len(parts[2]))
	})
}

// escapeControls escapes the control characters that stand in strings as they are, which
// encoding/json does not read.
func escapeControls(text []byte) (escaped []byte) {
	inString, afterBackslash := false, false
	for _, c := range text {
		if inString && c < ' ' && !afterBackslash {
			escaped = fmt.Appendf(escaped, `\u%04x`, c)
			continue
		}
		if c == '"' && !afterBackslash {
			inString = !inString
		}
		afterBackslash = inString && c == '\\' && !afterBackslash
		escaped = append(escaped, c)
	}
	return escaped
}

// text returns the first text of the name, and the empty one for none.
func (m members) text(name string) (text string) {
	for _, member := range m {
		if member.name == name && json.Unmarshal(member.value, &text) == nil {
			return text
		}
	}
	return ""
}

// has reports whether there is a member of the name.
func (m members) has(name string) bool {
	return slices.ContainsFunc(m, func(member member) bool { return member.name == name })
}

// audiences returns the texts of the claim aud: RFC 7519 allows one, or a list.
func (d decoded) audiences() (all []string) {
	for _, m := range d.claims {
		if m.name != "aud" {
			continue
		}
		if json.Unmarshal(m.value, &all) != nil {
			all = []string{d.claims.text("aud")}
		}
	}
	return all
}

// shown returns a value as a person reads it: a text without its quotes.
func (m member) shown() string {
	var text string
	if m.value[0] == '"' && json.Unmarshal(m.value, &text) == nil {
		return text
	}
	return string(m.value)
}

// at returns the time that a claim about time has (RFC 7519 §2).
func (m member) at() (t time.Time, ok bool) {
	var seconds float64
	switch m.name {
	case "exp", "iat", "nbf", "auth_time":
		err := json.Unmarshal(m.value, &seconds)
		if err != nil || seconds < 0 || seconds > 1<<40 || m.value[0] == 'n' {
			return t, false
		}
		return time.Unix(int64(seconds), 0).UTC(), true
	}
	return t, false
}

// when says a time claim in words.
func (m member) when(t, now time.Time) string {
	distance := span(now.Sub(t))
	past := !t.After(now)
	switch {
	case m.name == "exp" && past:
		return "expired " + distance + " ago"
	case m.name == "exp":
		return "expires in " + distance
	case m.name == "nbf" && !past:
		return "not good for another " + distance
	case past:
		return distance + " ago"
	}
	return "in " + distance
}

// MarshalJSON writes the object again. A name that is there twice stays so: which of them
// counts is what is wrong with such a token.
func (m members) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, member := range m {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(member.name)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), member.value...)
	}
	return append(b, '}'), nil
}
