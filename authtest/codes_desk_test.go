package authtest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

const (
	codeSecret    = "a secret that signs codes, and that no attack knows"
	sessionSecret = "the secret of session tokens, which attacks know"
)

// macOf is the MAC of a code.
func macOf(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}

// A codeDesk checks codes in steps, as a gate checks tokens. With its own steps it is
// sound.
type codeDesk struct {
	honest string // a good code
	second string // another one, of another account
	other  string // a good code for another purpose

	longest int
	trim    func(code string) string
	take    func(code string) bool // is made of the next four, or looks the code up

	split  func(code string) (body, mac []byte, ok bool)
	decode func(text string) ([]byte, bool)
	verify func(body, mac []byte) bool
	permit func(body []byte) bool

	session func(token string) bool
	many    bool // a code is for many uses
	used    map[string]bool
}

const (
	goodBody   = "reset;32503680000;andrea@f22.it?>" // of a length that leaves bits unused
	secondBody = "reset;32503680009;daniela@f22.it>?"
	otherBody  = "prove;32503680000;andrea@f22.it>?~"
)

// signedDesk signs a body, and encodes both as one.
func signedDesk() *codeDesk {
	d := &codeDesk{longest: 500, decode: strictBase64}
	d.split = func(code string) (body, mac []byte, ok bool) {
		raw, ok := d.decode(code)
		n := len(raw) - sha256.Size
		if !ok || n < 1 {
			return nil, nil, false
		}
		return raw[:n], raw[n:], true
	}
	d.check(func(body []byte) string { return b64(string(body) + string(macOf(codeSecret, body))) })
	return d
}

// dottedDesk signs a text, and puts the MAC behind a dot.
func dottedDesk() *codeDesk {
	d := &codeDesk{longest: 500, decode: strictBase64}
	d.split = func(code string) (body, mac []byte, ok bool) {
		text, sum, _ := strings.Cut(code, ".")
		_, ok = d.decode(text)
		mac, ok2 := d.decode(sum)
		return []byte(text), mac, ok && ok2
	}
	d.check(func(body []byte) string { return d.dotted(codeSecret, body) })
	d.permit = func(text []byte) bool {
		body, ok := d.decode(string(text))
		return ok && isReset(body)
	}
	return d
}

func (d *codeDesk) dotted(secret string, body []byte) string {
	text := b64(string(body))
	return text + "." + b64(string(macOf(secret, []byte(text))))
}

func isReset(body []byte) bool { return bytes.HasPrefix(body, []byte("reset;")) }

// check fills in the steps that every sound desk has.
func (d *codeDesk) check(sign func(body []byte) string) {
	d.honest, d.second, d.other = sign([]byte(goodBody)), sign([]byte(secondBody)), sign([]byte(otherBody))
	d.verify = func(body, mac []byte) bool { return hmac.Equal(mac, macOf(codeSecret, body)) }
	d.permit = isReset
	d.take = func(code string) bool {
		body, mac, ok := d.split(code)
		return ok && d.verify(body, mac) && d.permit(body)
	}
	d.common()
}

func (d *codeDesk) common() {
	d.trim = func(code string) string { return code }
	d.session = isSession
	d.used = map[string]bool{}
}

// storedDesk looks codes up.
func storedDesk(honest, second, other string) *codeDesk {
	d := &codeDesk{longest: 500, honest: honest, second: second, other: other}
	d.common()
	d.take = func(code string) bool { return code == honest || code == second }
	return d
}

func randomDesk() *codeDesk {
	return storedDesk("h0Kxs7-bQz41TgLw", "j2Mcf8-rNy56PdVt", "Wq93Zk-ee1xUuAo7")
}

func digitsDesk() *codeDesk { return storedDesk("042917", "518263", "777031") }

func (d *codeDesk) accepts(code string) bool {
	if len(code) > d.longest {
		return false
	}
	code = d.trim(code)
	if !d.take(code) || d.used[code] && !d.many {
		return false
	}
	d.used[code] = true
	return true
}

var (
	sessionHeader = b64(`{"alg":"HS256","typ":"JWT"}`)
	sessionToken  = tokenOf(b64(`{"sub":"andrea","exp":32503680000}`), sessionSecret)
)

func tokenOf(payload, secret string) string {
	unsigned := sessionHeader + "." + payload
	return unsigned + "." + b64(string(macOf(secret, []byte(unsigned))))
}

// isSession is a sound check of session tokens.
func isSession(token string) bool {
	part := strings.Split(token, ".")
	if len(part) != 3 || part[0] != sessionHeader || tokenOf(part[1], sessionSecret) != token {
		return false
	}
	payload, ok := strictBase64(part[1])
	claims, ok2 := strictObject(payload)
	return ok && ok2 && claims.text("sub") == "andrea"
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// desks are sound ones.
var desks = map[string]func() *codeDesk{
	"signed": signedDesk,
	"dotted": dottedDesk,
	"random": randomDesk,
	"digits": digitsDesk,
	"hex": func() *codeDesk {
		return storedDesk(hex.EncodeToString(macOf("1", nil)), hex.EncodeToString(macOf("2", nil)),
			hex.EncodeToString(macOf("3", nil)))
	},
}

// codeTarget describes a desk without the codes of a megabyte.
func codeTarget(d *codeDesk) authtest.CodeTarget {
	return authtest.CodeTarget{
		Accepts: d.accepts,
		Code:    d.honest, Second: d.second,
		Others:       []string{d.other, tokenOf(b64(`{"sub":"custom"}`), codeSecret)},
		Secrets:      [][]byte{[]byte(sessionSecret)},
		Token:        sessionToken,
		AcceptsToken: func(token string) bool { return d.session(token) },
		Skip:         []string{"size"},
	}
}

// TestSoundDesks is the control of TestNaiveDesks: they let the honest code in, once, and
// nothing else.
func TestSoundDesks(t *testing.T) {
	t.Parallel()
	for name, open := range desks {
		target := codeTarget(open())
		target.Skip = nil
		letIn, err := authtest.CheckCodes(target)
		if err != nil || len(letIn) > 0 {
			t.Errorf("%s: got the attacks %q and the error %v, want none", name, names(letIn), err)
		}
	}
}
