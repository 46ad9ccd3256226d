package authtest

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	_ "crypto/md5" // for hosts that still sign codes with it
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	whyCodeKey = "A key that signs something else signs codes too, so one may become the other. " +
		"A key is for one purpose (NIST SP 800-57 part 1 §5.2)."
	whyCodeGuess = "The secret that signs codes is in every list of guesses."
	whyCodeTold  = "The secret stands in the code itself."
	whyCodeMAC   = "A constant, or a hash without a secret, is taken for the MAC, so an attacker makes codes."
	whyCodeHash  = "The target takes the hash of a code for the code, so a stolen database holds good codes."
)

// A layout is where the MAC of a code may be. Its seal returns the code with another MAC.
type layout struct {
	name string
	size int // bytes of the MAC
	body string
	seal func(mac []byte) string
}

// layouts returns where the MAC may be: in the last bytes, in the first, or behind the last
// separator.
func (f *codeForger) layouts() (all []layout) {
	for _, r := range f.readings {
		for _, size := range []int{16, 20, 32, 48, 64} {
			if n := len(r.bytes) - size; n > 0 {
				head, tail := r.bytes[:n], r.bytes[size:]
				all = append(all,
					layout{fmt.Sprintf("last %d bytes, %s", size, r.name), size, string(head),
						func(mac []byte) string { return r.encode(append(head[:n:n], mac...)) }},
					layout{fmt.Sprintf("first %d bytes, %s", size, r.name), size, string(tail),
						func(mac []byte) string { return r.encode(append(mac[:size:size], tail...)) }})
			}
		}
	}
	for _, separator := range []string{".", ":", "|", "~", "$", "-"} {
		all = append(all, f.partsAt(separator)...)
	}
	return all
}

// partsAt returns the layouts of a code whose last separator has the MAC behind it.
func (f *codeForger) partsAt(separator string) (all []layout) {
	at := strings.LastIndex(f.Code, separator)
	if at < 1 {
		return nil
	}
	head := f.Code[:at]
	for _, r := range readingsOf(f.Code[at+1:]) {
		if len(r.bytes) < 10 || separator == "-" && strings.HasSuffix(r.name, "base64url") {
			continue // the hyphen is a digit of base64url
		}
		seal := func(mac []byte) string { return head + separator + r.encode(mac) }
		name := "part after " + separator + ", " + r.name
		all = append(all, layout{name, len(r.bytes), head, seal})
		for _, body := range readingsOf(head) {
			all = append(all, layout{name + " of " + body.name, len(r.bytes), string(body.bytes), seal})
		}
	}
	return all
}

var codeHashes = []struct {
	name string
	hash crypto.Hash
}{
	{"SHA-256", crypto.SHA256}, {"SHA-384", crypto.SHA384}, {"SHA-512", crypto.SHA512},
	{"SHA-1", crypto.SHA1}, {"MD5", crypto.MD5},
}

// forgedCodes have a MAC that is made without the secret of codes. Where that secret is
// known, one of them is the code itself.
func forgedCodes(f *codeForger) {
	secrets := f.codeSecrets()
	for _, l := range f.layouts() {
		f.forge("all zero, "+l.name, l.seal(make([]byte, l.size)), whyCodeMAC)
		f.forge("all ones, "+l.name, l.seal(bytes.Repeat([]byte{0xff}, l.size)), whyCodeMAC)
		for _, h := range codeHashes {
			if h.hash.Size() < l.size || h.hash.Size() > 2*l.size {
				continue
			}
			cut := func(mac []byte) string { return l.seal(mac[:l.size]) }
			f.forge(h.name+", "+l.name, cut(digest(h.hash, l.body)), whyCodeMAC)
			for _, s := range append(secrets, codeSecret{"the body", l.body, whyCodeTold}) {
				mac := hmac.New(h.hash.New, []byte(s.secret))
				mac.Write([]byte(l.body))
				f.forge(fmt.Sprintf("HMAC-%s with %s, %s", h.name, s.name, l.name), cut(mac.Sum(nil)), s.why)
			}
			for i, s := range f.Secrets {
				name := fmt.Sprintf("%s of secret %d and the body, %s", h.name, i+1, l.name)
				f.forge(name, cut(digest(h.hash, string(s)+l.body)), whyCodeKey)
			}
		}
	}
	for _, h := range codeHashes {
		sum := digest(h.hash, f.Code)
		f.forge(h.name+" of the code, hex", hex.EncodeToString(sum), whyCodeHash)
		f.forge(h.name+" of the code, base64url", b64(string(sum)), whyCodeHash)
		f.forge(h.name+" of the code, base64", base64.StdEncoding.EncodeToString(sum), whyCodeHash)
	}
}

// forge is add, but it adds the code too, because an attacker has made it.
func (f *codeForger) forge(name, text, why string) {
	if text == f.Code && !f.made {
		f.made = true
		f.addAnyhow(name, text, why)
		return
	}
	f.add(name, text, why)
}

type codeSecret struct{ name, secret, why string }

// codeSecrets returns what codes must not be signed with.
func (f *codeForger) codeSecrets() (all []codeSecret) {
	for i, s := range f.Secrets {
		name := fmt.Sprintf("secret %d", i+1)
		for _, form := range []named{
			{"", string(s)}, {" in hex", hex.EncodeToString(s)}, {" in base64url", b64(string(s))},
			{" in base64", base64.StdEncoding.EncodeToString(s)}, {" and a line feed", string(s) + "\n"},
			{" hashed by SHA-256", string(digest(crypto.SHA256, string(s)))},
		} {
			all = append(all, codeSecret{name + form.name, form.text, whyCodeKey})
		}
		if b, err := base64.StdEncoding.DecodeString(string(s)); err == nil {
			all = append(all, codeSecret{name + " out of base64", string(b), whyCodeKey})
		}
	}
	all = append(all, codeSecret{"no secret", "", whyCodeGuess})
	for _, s := range guesses {
		all = append(all, codeSecret{quote(s), s, whyCodeGuess})
	}
	return append(all, codeSecret{"32 digits zero", strings.Repeat("0", 32), whyCodeGuess},
		codeSecret{"32 letters a", strings.Repeat("a", 32), whyCodeGuess})
}

// usedCodes come after the use of the code.
func usedCodes(f *codeForger) {
	f.addAnyhow("the code a second time", f.Code,
		"A code is for one use. Later it is found in mailboxes, logs and the histories of browsers (CWE-294).")
}
