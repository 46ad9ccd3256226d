package authtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
)

// formAttacks are tokens in another form than header.payload.signature: what carries
// the honest signature in them is not what a reader takes the claims from.
func formAttacks(f *forger) {
	token := f.honest()
	part := strings.Split(token, ".")
	header, payload, sig := part[0], part[1], part[2]
	evil := b64(f.payload(`"admin":true`))

	const jsonForm = "A JWT is in the compact form and no other (RFC 7519 §1, §3; RFC 7515 §7.2 has the other ones, with headers that nobody signs)."
	flat := func(payload string) string {
		return `"protected":"` + header + `","payload":"` + payload + `","signature":"` + sig + `"`
	}
	one := `{"protected":"` + header + `","signature":"` + sig + `"}`
	for _, c := range []struct{ name, token string }{
		{"flattened", "{" + flat(payload) + "}"},
		{"flattened, spaces before it", "  {" + flat(payload) + "}"},
		{"flattened, header nobody signed", `{` + flat(payload) + `,"header":{"alg":"none","kid":"x"}}`},
		{"flattened, payload twice", `{"payload":"` + evil + `",` + flat(payload) + "}"},
		{"flattened, claims beside it", "{" + flat(payload) + "," + strings.TrimPrefix(f.payload(), "{")},
		{"flattened, signatures beside it", "{" + flat(payload) + `,"signatures":[` + one + `]}`},
		{"general", `{"payload":"` + payload + `","signatures":[` + one + `]}`},
		{"general, first signature wrong", `{"payload":"` + payload + `","signatures":[{"protected":"` + header + `","signature":"AAAA"},` + one + `]}`},
		{"general, second signature wrong", `{"payload":"` + payload + `","signatures":[` + one + `,{"protected":"` + header + `","signature":"AAAA"}]}`},
		{"general, no signatures", `{"payload":"` + payload + `","signatures":[]}`},
		{"general, unsigned header alone", `{"payload":"` + payload + `","signatures":[{"header":` + f.header() + `,"signature":"` + sig + `"}]}`},
		{"JSON string", quote(token)},
		{"JSON array", `["` + token + `"]`},
		{"JSON object with a token", `{"token":"` + token + `"}`},
		{"base64url of the flattened form", b64("{" + flat(payload) + "}")},
	} {
		f.add("form: "+c.name, c.token, jsonForm)
	}
	const polyglot = "One reader takes the token for JSON and verifies that, another one splits it at dots and reads claims that nobody signed (CVE-2022-39227)."
	f.add("form: JSON around other claims", `{"  `+header+`.`+evil+`.":"",`+flat(payload)+"}", polyglot)
	f.add("form: JSON behind other claims", header+"."+evil+".{"+flat(payload)+"}", polyglot)
	f.add("form: JSON before the token", `{"x":"`+token+`"}.`+token, polyglot)

	const parts = "A compact JWS has three parts (RFC 7515 §7.1); with more or fewer, readers differ in which ones they take."
	for _, c := range []struct{ name, token string }{
		{"nothing", ""},
		{"header alone", header},
		{"payload alone", payload},
		{"two parts", header + "." + payload},
		{"payload and signature", payload + "." + sig},
		{"four parts", token + "." + sig},
		{"four parts, the last one empty", token + "."},
		{"four parts, the first one empty", "." + token},
		{"four parts, two payloads", header + "." + evil + "." + payload + "." + sig},
		{"four parts, two payloads the other way", header + "." + payload + "." + evil + "." + sig},
		{"four parts, empty in the middle", header + "." + payload + ".." + sig},
		{"five parts", token + ".AA.AA"},
		{"five parts, the last ones empty", token + ".."},
		{"other claims and the token", header + "." + evil + "." + token},
		{"the token and other claims", token + "." + header + "." + evil + "."},
		{"two tokens", token + token},
		{"two tokens with a comma", token + "," + token},
		{"two tokens with a space", token + " " + token},
		{"two tokens with a line break", token + "\n" + token},
		{"empty header", "." + payload + "." + sig},
		{"empty header, signed", f.seal(f.sign, "."+payload)},
		{"payload not sent", header + ".." + sig},
		{"empty payload, signed", f.seal(f.sign, header+".")},
		{"header and payload exchanged", payload + "." + header + "." + sig},
		{"header and payload exchanged, signed", f.seal(f.sign, payload+"."+header)},
		{"nothing is encoded", f.header() + "." + f.payload() + "." + sig},
		{"nothing is encoded, signed", f.seal(f.sign, f.header()+"."+f.payload())},
		{"disclosures behind a tilde", token + "~"},
		{"other claims as a disclosure", token + "~" + evil + "~"},
	} {
		f.add("form: "+c.name, c.token, parts)
	}
	const inside = "The claims were read from a token inside the token (RFC 7519 §5.2): two signatures, and one check."
	_, foreign := f.attacker(f.alg)
	f.addSigned("form: the attacker's token inside", f.header(), f.tokenBy(foreign, f.header(), f.payload()), inside)
	f.addSigned("form: the honest token inside", f.header(), token, inside)
	f.addSigned("form: unsigned token inside", f.header(), b64(f.headerAlg(`"none"`))+"."+payload+".", inside)
	f.add("form: the honest token inside the attacker's", f.tokenBy(foreign, f.header(), token), inside)

	const secrecy = "It is encrypted and not signed: whoever has the public key can encrypt (CVE-2022-3102)."
	f.add("form: JWE of nothing", b64(`{"alg":"dir","enc":"A256GCM"}`)+"..AAAAAAAAAAAAAAAA."+payload+".AAAAAAAAAAAAAAAAAAAAAA", secrecy)
	f.add("form: JWE with the honest header", header+"."+sig+".AAAA."+payload+"."+sig, secrecy)
	f.add("form: JWE, key of zeros", f.encrypted(`{"alg":"dir","enc":"A256GCM"}`, make([]byte, 32), nil), secrecy)
	if key, ok := f.key.(*rsa.PrivateKey); ok {
		content := make([]byte, 32)
		_, _ = rand.Read(content) // never fails
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, content, nil)
		if err == nil { // a small key has no room
			f.add("form: JWE for the public key", f.encrypted(`{"alg":"RSA-OAEP-256","enc":"A256GCM"}`, content, wrapped), secrecy)
		}
	}
}

// encrypted returns the honest claims as a JWE in the compact form, RFC 7516 §7.1.
func (f *forger) encrypted(header string, content, wrapped []byte) string {
	block, err := aes.NewCipher(content)
	if err != nil { // cannot be: content has 32 bytes
		return ""
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil { // cannot be
		return ""
	}
	nonce := make([]byte, gcm.NonceSize())
	sealed := string(gcm.Seal(nil, nonce, []byte(f.payload()), []byte(b64(header))))
	text, tag := sealed[:len(sealed)-gcm.Overhead()], sealed[len(sealed)-gcm.Overhead():]
	return strings.Join([]string{b64(header), b64(string(wrapped)), b64(string(nonce)), b64(text), b64(tag)}, ".")
}
