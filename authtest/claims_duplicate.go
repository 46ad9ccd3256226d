package authtest

const (
	whyClaimTwice = "The name of a claim appears once (RFC 7519 §4). RFC 8259 §4 leaves open which of two counts. " +
		"RFC 7519 lets a reader keep the last one, if every other reader of the token does so too."
	whyParamTwice = "The name of a parameter appears once (RFC 7515 §4)."
)

// duplicateAttacks have a name twice. Of two readers, one checks the first value and the
// other uses the second. The honest key signs them: a signer that appends its claims to
// those of others makes such tokens.
func duplicateAttacks(f *forger) {
	f.duplicateClaims()
	f.duplicateParameters()
}

func (f *forger) duplicateClaims() {
	until := f.claim("exp")
	if until == "" {
		until = future
	}
	twice := func(name, first, second string) {
		f.addSigned("twice: "+name, f.header(), f.without(first, quote(first)+":"+second), whyClaimTwice)
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
	twice("an unknown claim", "x", `1,"x":2`)
	twice("an empty name", "", `1,"":2`)
	twice("within a claim", "x", `{"y":1,"y":2}`)
	twice("within a list in a claim", "x", `[{"y":1,"y":2}]`)
}

func (f *forger) duplicateParameters() {
	right, typ, kid := quote(f.alg), `"typ":`+quote(f.typ), `"kid":`+quote(f.kid)
	noneFirst, noneLast := f.headerAlg(`"none"`, `"alg":`+right), f.header(`"alg":"none"`)
	for _, h := range []struct{ name, header string }{
		{"alg, none first", noneFirst},
		{"alg, none last", noneLast},
		{"alg, the same", f.header(`"alg":` + right)},
		{"alg, none last and escaped", f.header(`"\u0061lg":"none"`)},
		{"kid, the honest one last", headerOf(right, typ, `"kid":"x"`, kid)},
		{"kid, the honest one first", headerOf(right, typ, kid, `"kid":"x"`)},
		{"typ", f.typed(`"x",` + typ)},
		{"an unknown parameter", f.header(`"x":1,"x":2`)},
	} {
		f.addSigned("twice: "+h.name, h.header, f.payload(), whyParamTwice)
	}
	f.add("twice: alg, none last, no signature", b64(noneLast)+"."+b64(f.payload())+".", whyParamTwice)
	f.add("twice: alg, none first, no signature", b64(noneFirst)+"."+b64(f.payload())+".", whyParamTwice)
}
