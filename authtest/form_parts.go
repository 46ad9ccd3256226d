package authtest

import "strings"

// parts are those of the honest token, and a payload with a claim that nothing covers.
type parts struct {
	token                string
	header, payload, sig string
	unsigned             string
}

// formAttacks are tokens in another form than header.payload.signature. A reader takes the
// claims from another part of them than the one that the honest signature covers.
func formAttacks(f *forger) {
	token := f.honest()
	part := strings.Split(token, ".")
	p := parts{token: token, header: part[0], payload: part[1], sig: part[2], unsigned: b64(f.payload(`"admin":true`))}
	f.formsOfJSON(p)
	f.formsOfParts(p)
	f.formsOfNesting(p)
	f.formsOfJWE(p)
}

const (
	whyJSONForm = "A JWT has the compact form and no other (RFC 7519 §1, §3). " +
		"RFC 7515 §7.2 has the other forms, with headers that no signature covers."
	whyPolyglot = "One reader takes the token for JSON and verifies that. " +
		"Another one splits it at dots and reads claims that no signature covers (CVE-2022-39227)."
)

func (f *forger) formsOfJSON(p parts) {
	flat := `"protected":"` + p.header + `","payload":"` + p.payload + `","signature":"` + p.sig + `"`
	one := `{"protected":"` + p.header + `","signature":"` + p.sig + `"}`
	wrong := `{"protected":"` + p.header + `","signature":"AAAA"}`
	unprotected := `{"header":` + f.header() + `,"signature":"` + p.sig + `"}`
	general := func(signatures string) string {
		return `{"payload":"` + p.payload + `","signatures":[` + signatures + `]}`
	}
	for _, c := range []struct{ name, token string }{
		{"flattened", "{" + flat + "}"},
		{"flattened, spaces before it", "  {" + flat + "}"},
		{"flattened, unsigned header", `{` + flat + `,"header":{"alg":"none","kid":"x"}}`},
		{"flattened, payload twice", `{"payload":"` + p.unsigned + `",` + flat + "}"},
		{"flattened, claims beside it", "{" + flat + "," + strings.TrimPrefix(f.payload(), "{")},
		{"flattened, signatures beside it", "{" + flat + `,"signatures":[` + one + `]}`},
		{"general", general(one)},
		{"general, first signature wrong", general(wrong + "," + one)},
		{"general, second signature wrong", general(one + "," + wrong)},
		{"general, no signatures", general("")},
		{"general, unsigned header alone", general(unprotected)},
		{"JSON string", quote(p.token)},
		{"JSON array", `["` + p.token + `"]`},
		{"JSON object with a token", `{"token":"` + p.token + `"}`},
		{"base64url of the flattened form", b64("{" + flat + "}")},
	} {
		f.add("form: "+c.name, c.token, whyJSONForm)
	}
	f.add("form: JSON around other claims", `{"  `+p.header+`.`+p.unsigned+`.":"",`+flat+"}", whyPolyglot)
	f.add("form: JSON behind other claims", p.header+"."+p.unsigned+".{"+flat+"}", whyPolyglot)
	f.add("form: JSON before the token", `{"x":"`+p.token+`"}.`+p.token, whyPolyglot)
}

const whyThreeParts = "A compact JWS has three parts (RFC 7515 §7.1). " +
	"Of more or fewer, different readers take different ones."

func (f *forger) formsOfParts(p parts) {
	token, header, payload, sig, other := p.token, p.header, p.payload, p.sig, p.unsigned
	for _, c := range []struct{ name, token string }{
		{"nothing", ""},
		{"header alone", header},
		{"payload alone", payload},
		{"two parts", header + "." + payload},
		{"payload and signature", payload + "." + sig},
		{"four parts", token + "." + sig},
		{"four parts, the last one empty", token + "."},
		{"four parts, the first one empty", "." + token},
		{"four parts, two payloads", header + "." + other + "." + payload + "." + sig},
		{"four parts, two payloads the other way", header + "." + payload + "." + other + "." + sig},
		{"four parts, empty in the middle", header + "." + payload + ".." + sig},
		{"five parts", token + ".AA.AA"},
		{"five parts, the last ones empty", token + ".."},
		{"other claims and the token", header + "." + other + "." + token},
		{"the token and other claims", token + "." + header + "." + other + "."},
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
		{"other claims as a disclosure", token + "~" + other + "~"},
	} {
		f.add("form: "+c.name, c.token, whyThreeParts)
	}
}

// formsOfNesting are tokens within tokens.
func (f *forger) formsOfNesting(p parts) {
	const why = "The target read the claims of a token inside the token (RFC 7519 §5.2): " +
		"there are two signatures and one check."
	_, foreign := f.attacker(f.alg)
	unsigned := b64(f.headerAlg(`"none"`)) + "." + p.payload + "."
	f.addSigned("form: the attacker's token inside", f.header(), f.tokenBy(foreign, f.header(), f.payload()), why)
	f.addSigned("form: the honest token inside", f.header(), p.token, why)
	f.addSigned("form: unsigned token inside", f.header(), unsigned, why)
	f.add("form: the honest token inside the attacker's", f.tokenBy(foreign, f.header(), p.token), why)
}
