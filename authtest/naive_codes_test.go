package authtest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

// A naiveDesk is a sound desk with a step as it is found in the field.
type naiveDesk struct {
	name   string
	desk   string
	spoil  func(*codeDesk)
	caught []string // attacks that must get in, among others
}

var naiveDesks = slices.Concat(naiveSigners, naiveReaders, naiveLookups, naiveSessions)

var naiveSigners = []naiveDesk{{
	"compares as much of the MAC as there is", "signed",
	func(d *codeDesk) {
		d.split = func(code string) (body, mac []byte, ok bool) {
			raw, ok := d.decode(code)
			n := min(len(raw), len(goodBody))
			return raw[:n], raw[n:], ok
		}
		d.verify = func(body, mac []byte) bool { return bytes.HasPrefix(macOf(codeSecret, body), mac) }
	},
	[]string{"cut: first 34 of 65 bytes, base64url", "cut: first 64 of 65 bytes, base64url"},
}, {
	"compares 8 bytes of the MAC", "signed",
	func(d *codeDesk) {
		d.verify = func(body, mac []byte) bool { return bytes.Equal(macOf(codeSecret, body)[:8], mac[:8]) }
	},
	[]string{"changed: byte 42 of 65, base64url, bit 0x20", "changed: byte 65 of 65, base64url, bit 0x80"},
}, {
	"signs the account alone", "signed",
	func(d *codeDesk) {
		signed := func(body []byte) []byte { return body[min(len(body), 18):] }
		d.honest = b64(goodBody + string(macOf(codeSecret, signed([]byte(goodBody)))))
		d.second = b64(secondBody + string(macOf(codeSecret, signed([]byte(secondBody)))))
		d.verify = func(body, mac []byte) bool { return bytes.Equal(macOf(codeSecret, signed(body)), mac) }
	},
	[]string{"changed: byte 17 of 65, base64url, bit 0x01"},
}, {
	"checks each half", "signed",
	func(d *codeDesk) {
		half := func(s string) string { return s + string(macOf(codeSecret, []byte(s))) }
		sign := func(body string) string { return b64(half(body[:20]) + half(body[20:])) }
		d.honest, d.second = sign(goodBody), sign(secondBody)
		d.take = func(code string) bool {
			raw, ok := d.decode(code)
			return ok && len(raw) > 84 && half(string(raw[:20])) == string(raw[:52]) &&
				half(string(raw[52:len(raw)-32])) == string(raw[52:])
		}
	},
	[]string{"joined: first 52 of the second code, rest of the code, base64url"},
}, {
	"signs with the session key", "signed", signWith(sessionSecret),
	[]string{"forged: HMAC-SHA-256 with secret 1, last 32 bytes, base64url"},
}, {
	"signs with the session key in base64url", "signed", signWith(b64(sessionSecret)),
	[]string{"forged: HMAC-SHA-256 with secret 1 in base64url, last 32 bytes, base64url"},
}, {
	"signs with changeme", "signed", signWith("changeme"),
	[]string{`forged: HMAC-SHA-256 with "changeme", last 32 bytes, base64url`},
}, {
	"signs without a secret", "signed",
	func(d *codeDesk) {
		sum := func(body []byte) []byte { s := sha256.Sum256(body); return s[:] }
		d.honest = b64(goodBody + string(sum([]byte(goodBody))))
		d.verify = func(body, mac []byte) bool { return bytes.Equal(sum(body), mac) }
	},
	[]string{"forged: SHA-256, last 32 bytes, base64url"},
}, {
	"takes zeros for a MAC", "signed",
	func(d *codeDesk) {
		d.verify = func(body, mac []byte) bool {
			return bytes.Equal(mac, make([]byte, len(mac))) || bytes.Equal(mac, macOf(codeSecret, body))
		}
	},
	[]string{"forged: all zero, last 32 bytes, base64url"},
}, {
	"signs a text with the session key", "dotted",
	func(d *codeDesk) {
		d.honest = d.dotted(sessionSecret, []byte(goodBody))
		d.verify = func(body, mac []byte) bool { return hmac.Equal(mac, macOf(sessionSecret, body)) }
	},
	[]string{"forged: HMAC-SHA-256 with secret 1, part after ., base64url"},
}, {
	"hashes the session key and a text with MD5", "dotted",
	func(d *codeDesk) {
		sum := func(text string) string { s := md5.Sum([]byte(sessionSecret + text)); return string(s[:]) }
		d.honest = b64(goodBody) + "." + b64(sum(b64(goodBody)))
		d.verify = func(body, mac []byte) bool { return sum(string(body)) == string(mac) }
	},
	[]string{"forged: MD5 of secret 1 and the body, part after ., base64url"},
}, {
	"asks for no purpose", "signed",
	func(d *codeDesk) { d.permit = func([]byte) bool { return true } },
	[]string{"swapped: other 1"},
}, {
	"forgets what is used", "signed",
	func(d *codeDesk) { d.many = true },
	[]string{"again: the code a second time"},
}}

func signWith(secret string) func(*codeDesk) {
	return func(d *codeDesk) {
		d.honest = b64(goodBody + string(macOf(secret, []byte(goodBody))))
		d.verify = func(body, mac []byte) bool { return hmac.Equal(mac, macOf(secret, body)) }
	}
}

// TestNaiveDesks proves that each group of the table of codes bites.
func TestNaiveDesks(t *testing.T) {
	t.Parallel()
	bites := map[string]bool{}
	for _, n := range naiveDesks {
		d := desks[n.desk]()
		n.spoil(d)
		target := codeTarget(d)
		if d.longest == math.MaxInt {
			target.Skip = nil
		}
		var letIn []string
		for _, a := range must(authtest.CodeAttacks(target)) {
			d.used = map[string]bool{} // one attack must not hide another
			if a.Group == "again" && !d.accepts(d.honest) {
				t.Errorf("%s: the honest code is refused, want it let in", n.name)
			}
			accepts := d.accepts
			if a.Group == "as-token" {
				accepts = d.session
			}
			if accepts(a.Token) {
				letIn = append(letIn, a.Name)
			}
		}
		for _, want := range n.caught {
			group, _, _ := strings.Cut(want, ":")
			bites[group] = true
			if !slices.Contains(letIn, want) {
				t.Errorf("%s: %q is refused, want it let in", n.name, want)
			}
		}
		t.Logf("%s: %d attacks got in: %.600q", n.name, len(letIn), letIn)
	}
	for _, group := range codeGroupNames() {
		if !bites[group] {
			t.Errorf("no naive desk is caught by the group %s", group)
		}
	}
}
