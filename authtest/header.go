package authtest

import (
	"bytes"
	"compress/flate"
)

// criticalAttacks carry a crit, and with it a demand that the target does not know, or
// that is no list of demands. Every one is signed by the honest key.
func criticalAttacks(f *forger) {
	const unknown = "The header demands an extension that nobody knows, and its author wanted the token refused without it (RFC 7515 §4.1.11; CVE-2025-59420)."
	const malformed = "A crit is a list of names that are not in the specification, are in the header, and are there once (RFC 7515 §4.1.11)."
	for _, c := range []struct{ name, member, why string }{
		{"unknown extension", `"crit":["https://attacker.example/x"],"https://attacker.example/x":true`, unknown},
		{"unknown extension beside b64", `"crit":["b64","x"],"b64":true,"x":true`, unknown},
		{"exp in the header", `"crit":["exp"],"exp":1`, unknown},
		{"extension named like a claim", `"crit":["sub"],"sub":"x"`, unknown},
		{"extension of another case", `"crit":["B64"],"B64":true`, unknown},
		{"name that is not there", `"crit":["x"]`, malformed},
		{"name twice", `"crit":["x","x"],"x":true`, malformed},
		{"alg", `"crit":["alg"]`, malformed},
		{"typ", `"crit":["typ"]`, malformed},
		{"itself", `"crit":["crit"]`, malformed},
		{"empty list", `"crit":[]`, malformed},
		{"empty name", `"crit":[""],"":true`, malformed},
		{"null", `"crit":null`, malformed},
		{"false", `"crit":false`, malformed},
		{"text", `"crit":"x","x":true`, malformed},
		{"object", `"crit":{"x":true},"x":true`, malformed},
		{"number in the list", `"crit":[1],"1":true`, malformed},
		{"null in the list", `"crit":[null]`, malformed},
		{"list in the list", `"crit":[["x"]],"x":true`, malformed},
		{"escaped", `"cr\u0069t":["x"],"x":true`, unknown},
	} {
		f.addSigned("crit: "+c.name, f.header(c.member), f.payload(), c.why)
	}

	// With b64 false the payload stands in the token as it is, RFC 7797.
	const plain = "The payload was believed in a form that the signature does not cover, or that ordinary tokens do not have (RFC 7797 §3, §8)."
	plainly := `"crit":["b64"],"b64":false`
	f.addSigned("crit: b64 false, encoded all the same", f.header(plainly), f.payload(), plain)
	header := b64(f.header(plainly)) + "."
	f.add("crit: b64 false, payload as it is", f.seal(f.sign, header+f.payload()), plain)
	f.add("crit: b64 false, signed as it is and sent encoded", header+b64(f.payload())+"."+b64(f.signature(f.sign, header+f.payload())), plain)
	f.add("crit: b64 false, signed as it is and sent without", header+"."+b64(f.signature(f.sign, header+f.payload())), plain)
}

// headerAttacks have parameters that say the payload is something else than the claims of
// such a token, or that have the wrong type. Every one is signed by the honest key.
func headerAttacks(f *forger) {
	const zip = "A compressed payload has its place in JWE alone (RFC 7516 §4.1.3; RFC 8725 §3.6); a small token becomes a huge one."
	f.addSigned("zip, compressed", f.header(`"zip":"DEF"`), deflate(f.payload()), zip)
	f.addSigned("zip, not compressed", f.header(`"zip":"DEF"`), f.payload(), zip)
	f.addSigned("zip, a bomb", f.header(`"zip":"DEF"`), deflate(f.payload()+string(bytes.Repeat([]byte(" "), 1<<20))), zip)

	const nested = "The payload is announced to be a token, and its claims were read all the same (RFC 7519 §5.2)."
	f.addSigned("cty JWT", f.header(`"cty":"JWT"`), f.payload(), nested)
	f.addSigned("cty jwt", f.header(`"cty":"jwt"`), f.payload(), nested)
	f.addSigned("cty JWT, a token inside", f.header(`"cty":"JWT"`), f.honest(), nested)

	const purpose = "It was signed for another purpose, and the target does not look at what for (RFC 8725 §3.11, §3.12)."
	for _, typ := range []string{
		"at+jwt", "application/at+jwt", "id_token+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "token-introspection+jwt",
		"oauth-authz-req+jwt", "dc+sd-jwt", "kb+jwt", "JOSE", "JOSE+JSON", "JWE", "example",
	} {
		if typ != f.typ {
			f.addSigned("typ "+typ, f.typed(quote(typ)), f.payload(), purpose)
		}
	}
	const kind = "A parameter of the wrong type is a malformed header (RFC 7515 §4.1.4, §4.1.9)."
	f.addSigned("typ null", f.typed("null"), f.payload(), kind)
	f.addSigned("typ array", f.typed("["+quote(f.typ)+"]"), f.payload(), kind)
	f.addSigned("typ number", f.typed("1"), f.payload(), kind)
	for _, kid := range []struct{ name, value string }{
		{"null", "null"}, {"number", "0"}, {"true", "true"}, {"array", "[" + quote(f.kid) + "]"}, {"object", `{"$ne":""}`},
	} {
		f.addSigned("kid "+kid.name+", signed", headerOf(quote(f.alg), `"typ":`+quote(f.typ), `"kid":`+kid.value), f.payload(), kind)
	}
	f.addSigned("b64 false without crit", f.header(`"b64":false`), f.payload(), "The header says that the payload is not encoded (RFC 7797 §3), and it was decoded.")
}

// typed returns the honest header with another typ, which is JSON text.
func (f *forger) typed(typ string) string {
	more := []string{`"typ":` + typ}
	if f.kid != "" {
		more = append(more, `"kid":`+quote(f.kid))
	}
	return headerOf(quote(f.alg), more...)
}

func deflate(s string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, _ = w.Write([]byte(s)) // a Buffer takes everything
		_ = w.Close()
	}
	return b.String()
}
