package authtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A forger writes tokens byte by byte. With a library for tokens it could write only what
// the library foresees.
type forger struct {
	alg    string
	kid    string
	typ    string
	key    any // the honest one: []byte, *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey
	sign   signer
	claims []member
	skip   []string

	group   string // of the attacks that add adds
	attacks []Attack
	err     error // the first failure to sign
}

// A member is a name and the JSON text of its value.
type member struct{ name, value string }

func newForger(t Target) (*forger, error) {
	if s, ok := t.Key.(string); ok {
		t.Key = []byte(s)
	}
	sign, err := signerFor(t.Algorithm, t.Key)
	if err != nil {
		return nil, fmt.Errorf("authtest: Target.Key: %w", err)
	}
	claims, err := parseClaims(t.Claims)
	if err != nil {
		return nil, fmt.Errorf("authtest: Target.Claims: %w", err)
	}
	if t.Type == "" {
		t.Type = "JWT"
	}
	f := &forger{alg: t.Algorithm, kid: t.KeyID, typ: t.Type, key: t.Key, sign: sign, claims: claims, skip: t.Skip}
	return f, checkSkip(t.Skip)
}

func parseClaims(text []byte) (claims []member, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
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
		m := member{name.(string), string(value)}
		if slices.ContainsFunc(claims, func(c member) bool { return c.name == m.name }) {
			return nil, fmt.Errorf("has the claim %q twice", m.name)
		}
		claims = append(claims, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("has data after the JSON object")
	}
	return claims, nil
}

func (f *forger) skips(group string) bool { return slices.Contains(f.skip, group) }

// add puts a token into the table, in the current group.
func (f *forger) add(name, token, why string) {
	f.attacks = append(f.attacks, Attack{Group: f.group, Name: name, Why: why, Token: token})
}

// addSigned adds a token that the honest key signs.
func (f *forger) addSigned(name, header, payload, why string) {
	f.add(name, f.token(header, payload), why)
}

// honest returns the token that the target must let in.
func (f *forger) honest() string { return f.token(f.header(), f.payload()) }

// token signs the texts as they are with the honest key.
func (f *forger) token(header, payload string) string {
	return f.tokenBy(f.sign, header, payload)
}

func (f *forger) tokenBy(s signer, header, payload string) string {
	return f.seal(s, b64(header)+"."+b64(payload))
}

// seal signs a header and payload that are already encoded, rightly or wrongly.
func (f *forger) seal(s signer, signed string) string {
	return signed + "." + b64(f.signature(s, signed))
}

func (f *forger) signature(s signer, signed string) string {
	sig, err := s(signed)
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("authtest: sign: %w", err)
	}
	return string(sig)
}

// header returns the honest header with more members, in JSON.
func (f *forger) header(more ...string) string { return f.headerAlg(quote(f.alg), more...) }

// headerAlg returns the honest header with another alg, in JSON. An empty alg leaves the
// member out.
func (f *forger) headerAlg(alg string, more ...string) string {
	if f.kid != "" {
		more = append([]string{`"kid":` + quote(f.kid)}, more...)
	}
	more = append([]string{`"typ":` + quote(f.typ)}, more...)
	return headerOf(alg, more...)
}

// headerOf returns a header of the given alg and members only.
func headerOf(alg string, more ...string) string {
	if alg != "" {
		more = append([]string{`"alg":` + alg}, more...)
	}
	return "{" + strings.Join(more, ",") + "}"
}

// payload returns the honest claims with more members, in JSON.
func (f *forger) payload(more ...string) string { return object(f.claims, more...) }

// with returns the honest claims with another value of one claim, in its place or at the
// end.
func (f *forger) with(name, value string) string {
	claims := slices.Clone(f.claims)
	for i, c := range claims {
		if c.name == name {
			claims[i].value = value
			return object(claims)
		}
	}
	return object(append(claims, member{name, value}))
}

// without returns the honest claims without one claim, and with more members.
func (f *forger) without(name string, more ...string) string {
	return object(slices.DeleteFunc(slices.Clone(f.claims), func(c member) bool { return c.name == name }), more...)
}

func (f *forger) has(name string) bool {
	return slices.ContainsFunc(f.claims, func(c member) bool { return c.name == name })
}

// claim returns an honest claim in JSON, or nothing if the token has no such claim.
func (f *forger) claim(name string) string {
	for _, c := range f.claims {
		if c.name == name {
			return c.value
		}
	}
	return ""
}

// text returns an honest claim that is a string, or else the empty string.
func (f *forger) text(name string) (s string) {
	if json.Unmarshal([]byte(f.claim(name)), &s) != nil {
		return ""
	}
	return s
}

func object(members []member, more ...string) string {
	texts := make([]string, 0, len(members)+len(more))
	for _, m := range members {
		texts = append(texts, quote(m.name)+":"+m.value)
	}
	return "{" + strings.Join(append(texts, more...), ",") + "}"
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// quote returns s as a JSON string.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // impossible for a string
		return `""`
	}
	return string(b)
}
