package authtest

import "strings"

const (
	past   = "1000000000"  // 2001, beyond any leeway
	future = "32503680000" // the year 3000
)

// duplicateAttacks have a name twice, so that of two readers one sees what it wants to
// see and the other one uses the other. They are signed by the honest key: a signer that
// appends claims to those of somebody else makes them.
func duplicateAttacks(f *forger) {
	const claims = "A claim's name is there once (RFC 7519 §4); RFC 8259 §4 leaves open which of two counts. A reader that keeps the last one is within RFC 7519, if every other reader of the token does so too."
	const params = "A parameter's name is there once (RFC 7515 §4)."
	until := f.claim("exp")
	if until == "" {
		until = future
	}
	twice := func(name, first, second string) {
		f.addSigned("twice: "+name, f.header(), f.without(first, quote(first)+":"+second), claims)
	}
	both := func(claim, what, other, right string) {
		n := quote(claim)
		twice(claim+", "+what+" first", claim, other+","+n+":"+right)
		twice(claim+", "+what+" last", claim, right+","+n+":"+other)
	}
	both("exp", "past", past, until)
	both("exp", "null", "null", until)
	both("nbf", "future", future, past)
	both("nbf", "text", `"x"`, past)
	for _, claim := range []string{"aud", "iss", "sub"} {
		if right := f.claim(claim); right != "" {
			both(claim, "other", `"https://attacker.example"`, right)
			both(claim, "null", "null", right)
			twice(claim+", the same", claim, right+","+quote(claim)+":"+right)
			escaped := `"\u00` + hexByte(claim[0]) + claim[1:] + `"`
			twice(claim+", second one escaped", claim, right+","+escaped+`:"https://attacker.example"`)
		}
	}
	twice("a claim that nobody knows", "x", `1,"x":2`)
	twice("an empty name", "", `1,"":2`)
	twice("within a claim", "x", `{"y":1,"y":2}`)
	twice("within a list in a claim", "x", `[{"y":1,"y":2}]`)

	right, typ := quote(f.alg), `"typ":`+quote(f.typ)
	for _, h := range []struct{ name, header string }{
		{"alg, none first", f.headerAlg(`"none"`, `"alg":`+right)},
		{"alg, none last", f.header(`"alg":"none"`)},
		{"alg, the same", f.header(`"alg":` + right)},
		{"alg, none last and escaped", f.header(`"\u0061lg":"none"`)},
		{"kid, the honest one last", headerOf(right, typ, `"kid":"x"`, `"kid":`+quote(f.kid))},
		{"kid, the honest one first", headerOf(right, typ, `"kid":`+quote(f.kid), `"kid":"x"`)},
		{"typ", f.typed(`"x",` + typ)},
		{"a parameter that nobody knows", f.header(`"x":1,"x":2`)},
	} {
		f.addSigned("twice: "+h.name, h.header, f.payload(), params)
	}
	f.add("twice: alg, none last, no signature", b64(f.header(`"alg":"none"`))+"."+b64(f.payload())+".", params)
	f.add("twice: alg, none first, no signature", b64(f.headerAlg(`"none"`, `"alg":`+right))+"."+b64(f.payload())+".", params)
}

func hexByte(c byte) string {
	const hex = "0123456789abcdef"
	return string([]byte{hex[c>>4], hex[c&15]})
}

// foldAttacks have what is asked for under a name that is nearly the right one. Names are
// compared to the byte (RFC 7515 §5.3), and Go's encoding/json does not.
func foldAttacks(f *forger) {
	const why = "A name was taken for another one that differs in case or in characters that nobody sees (RFC 7515 §5.3, RFC 8725 §3.7)."
	until := f.claim("exp")
	if until == "" {
		until = future
	}
	if !f.skips("exp") {
		for _, name := range []string{"EXP", "Exp", `exp\u0000`} {
			f.addSigned("fold: past exp, then "+name, f.header(), f.without("exp", `"exp":`+past, `"`+name+`":`+until), why)
			f.addSigned("fold: "+name+", then past exp", f.header(), f.without("exp", `"`+name+`":`+until, `"exp":`+past), why)
		}
	}
	if !f.skips("nbf") {
		f.addSigned("fold: future nbf, then NBF", f.header(), f.without("nbf", `"nbf":`+future, `"NBF":`+past), why)
		f.addSigned("fold: NBF, then future nbf", f.header(), f.without("nbf", `"NBF":`+past, `"nbf":`+future), why)
	}
	for _, claim := range []string{"aud", "iss", "sub"} {
		right := f.claim(claim)
		if right == "" || f.skips(claim) {
			continue
		}
		for _, name := range []string{
			strings.ToUpper(claim), strings.ToUpper(claim[:1]) + claim[1:], claim + `\u0000`, claim + " ", " " + claim,
			claim + `\u200b`, `\ufeff` + claim, claim + "[]", "$" + claim, strings.Replace(claim, "s", "ſ", 1), strings.Replace(claim, "a", "ａ", 1),
		} {
			if name != claim {
				f.addSigned("fold: no "+claim+", but "+name, f.header(), f.without(claim, `"`+name+`":`+right), why)
			}
		}
		if claim != "sub" || !f.skips("sub-value") {
			upper := quote(strings.ToUpper(claim))
			f.addSigned("fold: other "+claim+", then upper case", f.header(), f.without(claim, quote(claim)+`:"https://attacker.example"`, upper+":"+right), why)
			f.addSigned("fold: upper case, then other "+claim, f.header(), f.without(claim, upper+":"+right, quote(claim)+`:"https://attacker.example"`), why)
		}
		const elsewhere = "The claim was read from another place than the object of claims."
		member := "{" + quote(claim) + ":" + right + "}"
		f.addSigned("fold: "+claim+" in __proto__", f.header(), f.without(claim, `"__proto__":`+member), elsewhere)
		f.addSigned("fold: "+claim+" in constructor", f.header(), f.without(claim, `"constructor":{"prototype":`+member+"}"), elsewhere)
		f.addSigned("fold: "+claim+" in claims", f.header(), f.without(claim, `"claims":`+member), elsewhere)
		f.addSigned("fold: "+claim+" in the header", f.header(quote(claim)+":"+right), f.without(claim), elsewhere)
	}

	right := quote(f.alg)
	sig := func(name, header string) { f.addSigned("fold: "+name, header, f.payload(), why) }
	sig("ALG without alg", f.headerAlg("", `"ALG":`+right))
	sig("Alg without alg", f.headerAlg("", `"Alg":`+right))
	sig("alg none, then ALG", f.headerAlg(`"none"`, `"ALG":`+right))
	sig("ALG, then alg none", f.headerAlg("", `"ALG":`+right, `"alg":"none"`))
	f.add("fold: ALG none, no signature", b64(f.headerAlg("", `"ALG":"none"`))+"."+b64(f.payload())+".", why)
	f.add("fold: alg, then ALG none, no signature", b64(f.header(`"ALG":"none"`))+"."+b64(f.payload())+".", why)
}
