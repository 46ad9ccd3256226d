package authtest

import (
	"bytes"
	"compress/flate"
)

const (
	whyZip = "A compressed payload has its place in JWE alone (RFC 7516 §4.1.3; RFC 8725 §3.6). " +
		"A small token becomes a huge one."
	whyNested = "The header announces a token as the payload, and the target read its claims all the same " +
		"(RFC 7519 §5.2)."
	whyPurpose   = "The token was signed for another purpose, and the target does not check which (RFC 8725 §3.11, §3.12)."
	whyParamKind = "A parameter of the wrong type is a malformed header (RFC 7515 §4.1.4, §4.1.9)."
	whyPlain     = "The header says that the payload is not encoded (RFC 7797 §3), and the target decoded it."
)

// otherTypes are the typ of tokens for other purposes.
var otherTypes = []string{
	"at+jwt", "application/at+jwt", "id_token+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "token-introspection+jwt",
	"oauth-authz-req+jwt", "dc+sd-jwt", "kb+jwt", "JOSE", "JOSE+JSON", "JWE", "example",
}

// headerAttacks have parameters that say that the payload is not the claims of such a
// token, or parameters of the wrong type. The honest key signs them all.
func headerAttacks(f *forger) {
	bomb := f.payload() + string(bytes.Repeat([]byte(" "), 1<<20))
	f.addSigned("zip, compressed", f.header(`"zip":"DEF"`), deflate(f.payload()), whyZip)
	f.addSigned("zip, not compressed", f.header(`"zip":"DEF"`), f.payload(), whyZip)
	f.addSigned("zip, a bomb", f.header(`"zip":"DEF"`), deflate(bomb), whyZip)

	f.addSigned("cty JWT", f.header(`"cty":"JWT"`), f.payload(), whyNested)
	f.addSigned("cty jwt", f.header(`"cty":"jwt"`), f.payload(), whyNested)
	f.addSigned("cty JWT, a token inside", f.header(`"cty":"JWT"`), f.honest(), whyNested)

	for _, typ := range otherTypes {
		if typ != f.typ {
			f.addSigned("typ "+typ, f.typed(quote(typ)), f.payload(), whyPurpose)
		}
	}
	f.addSigned("typ null", f.typed("null"), f.payload(), whyParamKind)
	f.addSigned("typ array", f.typed("["+quote(f.typ)+"]"), f.payload(), whyParamKind)
	f.addSigned("typ number", f.typed("1"), f.payload(), whyParamKind)
	for _, kid := range []struct{ name, value string }{
		{"null", "null"},
		{"number", "0"},
		{"true", "true"},
		{"array", "[" + quote(f.kid) + "]"},
		{"object", `{"$ne":""}`},
	} {
		header := headerOf(quote(f.alg), `"typ":`+quote(f.typ), `"kid":`+kid.value)
		f.addSigned("kid "+kid.name+", signed", header, f.payload(), whyParamKind)
	}
	f.addSigned("b64 false without crit", f.header(`"b64":false`), f.payload(), whyPlain)
}

// typed returns the honest header with another typ, in JSON.
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
