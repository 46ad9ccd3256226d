package authtest

import (
	"crypto"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	whyTokenAsCode = "A session token, or a JWT, is taken for a code. A session then does what takes the " +
		"mailbox (RFC 8725 §3.12)."
	whyCodeAsToken = "A code is taken for a session token, or signs one. A mailed code is for one thing and lives " +
		"in mailboxes and logs (RFC 8725 §3.12)."
)

const plainHeader = `{"alg":"HS256","typ":"JWT"}`

// swappedCodes are good elsewhere.
func swappedCodes(f *codeForger) {
	for _, o := range f.others() {
		f.add(o.name, o.text, "The target does not check what a code is for, whose it is, or whether it is still good.")
	}
}

// tokensAsCodes are session tokens, and tokens made of the code.
func tokensAsCodes(f *codeForger) {
	add := func(name, text string) { f.add(name, text, whyTokenAsCode) }
	for _, token := range f.tokens() {
		add(token.name, token.text)
		add("scheme JWT, "+token.name, "JWT "+token.text)
		add("scheme Bearer, "+token.name, "Bearer "+token.text)
		add("base64url of "+token.name, b64(token.text))
		add("the code, a dot, "+token.name, f.Code+"."+token.text)
		add(token.name+", a dot, the code", token.text+"."+f.Code)
		part := strings.Split(token.text, ".")
		if len(part) != 3 {
			continue
		}
		for i, what := range []string{"header", "payload", "signature"} {
			add(what+" of "+token.name, part[i])
			if b, err := base64Encodings[0].decode(part[i]); err == nil {
				add("decoded "+what+" of "+token.name, string(b))
			}
			changed := [3]string(part)
			changed[i] = f.Code
			add("the code as the "+what+" of "+token.name, strings.Join(changed[:], "."))
		}
		add("payload and signature of "+token.name, part[1]+"."+part[2])
	}
	for _, p := range f.payloads() {
		unsigned := b64(plainHeader) + "." + p.text
		add("JWT without a signature, "+p.name, b64(`{"alg":"none"}`)+"."+p.text+".")
		add("JWT with an empty signature, "+p.name, unsigned+".")
		add("JWT signed with the code, "+p.name, signedHS256(unsigned, f.Code))
		for i, s := range f.Secrets {
			add(fmt.Sprintf("JWT signed with secret %d, %s", i+1, p.name), signedHS256(unsigned, string(s)))
		}
	}
}

// codesAsTokens go to the check of session tokens.
func codesAsTokens(f *codeForger) {
	add := func(name, text string) { f.add(name, text, whyCodeAsToken) }
	add("the code", f.Code)
	add("scheme JWT", "JWT "+f.Code)
	add("scheme Bearer", "Bearer "+f.Code)
	add("the code and two dots", f.Code+"..")
	add("the code three times", f.Code+"."+f.Code+"."+f.Code)
	add("base64url of the code", b64(f.Code))
	keys := f.codeKeys()
	for _, p := range f.payloads() {
		unsigned := b64(plainHeader) + "." + p.text
		add("no signature, "+p.name, b64(`{"alg":"none"}`)+"."+p.text+".")
		f.signByCode(p.name, unsigned, keys)
		for i, s := range f.Secrets {
			if !strings.HasPrefix(p.name, "claim") { // such a token may be good
				add(fmt.Sprintf("signed with secret %d, %s", i+1, p.name), signedHS256(unsigned, string(s)))
			}
		}
	}
	part := strings.Split(f.Token, ".")
	if len(part) != 3 {
		return
	}
	f.signByCode("the session token's text", part[0]+"."+part[1], keys)
	f.signByCode("the session token's claims", b64(plainHeader)+"."+part[1], keys)
	for _, k := range keys {
		header := b64(`{"alg":"HS256","typ":"JWT","kid":` + quote(f.Code) + `}`)
		add("the code as the kid, signed with "+k.name, signedHS256(header+"."+part[1], k.text))
	}
	add("the code as the payload of the session token", part[0]+"."+f.Code+"."+part[2])
	add("the code as the header of the session token", f.Code+"."+part[1]+"."+part[2])
	add("the session token and the code", f.Token+"."+f.Code)
	add("the code and the session token", f.Code+"."+f.Token)
}

// signByCode adds tokens whose signature is the code, a part of it, or made with it.
func (f *codeForger) signByCode(name, unsigned string, keys []named) {
	f.add("the code as the signature, "+name, unsigned+"."+f.Code, whyCodeAsToken)
	for _, k := range keys {
		f.add("signed with "+k.name+", "+name, signedHS256(unsigned, k.text), whyCodeAsToken)
	}
	for _, r := range f.readings {
		for _, size := range []int{32, 48, 64} {
			if n := len(r.bytes) - size; n > 0 {
				f.add(fmt.Sprintf("last %d bytes of the code as the signature, %s, %s", size, r.name, name),
					unsigned+"."+b64(string(r.bytes[n:])), whyCodeAsToken)
			}
		}
	}
}

// tokens returns Token and those of Others that have the form of a token.
func (f *codeForger) tokens() (list []named) {
	if f.Token != "" {
		list = append(list, named{"the session token", f.Token})
	}
	for _, o := range f.others() {
		if strings.Count(o.text, ".") == 2 && o.text != f.Token {
			list = append(list, o)
		}
	}
	return list
}

// payloads returns second parts of a JWT that have the code in them.
func (f *codeForger) payloads() []named {
	list := []named{
		{"the code as the payload", f.Code},
		{"the code's text as the payload", b64(f.Code)},
		{"the code as a string", b64(quote(f.Code))},
	}
	for _, claim := range []string{"code", "sub", "jti", "token"} {
		list = append(list, named{"claim " + claim, b64(`{` + quote(claim) + `:` + quote(f.Code) + `}`)})
	}
	for _, r := range f.readings {
		if json.Valid(r.bytes) || r.name == "base64url" { // the latter is the code
			continue
		}
		list = append(list, named{"the code's bytes as the payload, " + r.name, b64(string(r.bytes))})
	}
	return list
}

// codeKeys returns the code as a secret.
func (f *codeForger) codeKeys() []named {
	list := []named{{"the code", f.Code}}
	for _, r := range f.readings {
		list = append(list, named{"the code's bytes, " + r.name, string(r.bytes)})
	}
	return list
}

func signedHS256(unsigned, secret string) string {
	mac, _ := signHMAC(crypto.SHA256, []byte(secret))(unsigned) // which never fails
	return unsigned + "." + b64(string(mac))
}
