package authtest

// The attacks of the algorithm_ files are on the header's alg. The key decides on the
// algorithm, and a header that names another one is refused (RFC 8725 §3.1).

const (
	whyNone = "Anyone can write such a token: alg none, in any spelling, is not a signature " +
		"(RFC 8725 §2.1, §3.2)."
	whyNoAlg = "A header without a usable alg selects no algorithm, which is what none means. " +
		"RFC 7515 §4.1.1 requires an alg."
)

// noneAttacks ask to be believed without a signature.
func noneAttacks(f *forger) {
	unsigned := func(name, alg, signature, why string) {
		f.add(name, b64(f.headerAlg(alg))+"."+b64(f.payload())+signature, why)
	}
	for _, spelled := range []struct{ name, alg string }{
		{"none", `"none"`},
		{"None", `"None"`},
		{"NONE", `"NONE"`},
		{"nOnE", `"nOnE"`},
		{"none, escaped", `"n\u006fne"`},
		{"none, space after", `"none "`},
		{"none, space before", `" none"`},
		{"none, NUL after", `"none\u0000"`},
		{"none, line feed after", `"none\n"`},
		{"none, full width", `"ｎｏｎｅ"`},
		{"none, zero width space", `"no\u200bne"`},
		{"none, soft hyphen", `"no\u00adne"`},
		{"empty alg", `""`},
		{"the text null", `"null"`},
		{"unknown alg", `"XS256"`},
	} {
		unsigned(spelled.name+", no signature", spelled.alg, ".", whyNone)
	}
	unsigned("none, no second dot", `"none"`, "",
		"Two parts are not a compact JWS (RFC 7515 §7.1), and no key has signed them.")
	unsigned("none, one byte of signature", `"none"`, ".AA",
		"A signature that exists is not yet a right one (RFC 8725 §3.2).")
	unsigned("none, a signature's length of zeros", `"none"`, "."+b64(string(make([]byte, 64))),
		"A signature of the right length is not yet a right one (RFC 8725 §3.2).")

	for _, absent := range []struct{ name, alg string }{
		{"no alg", ""},
		{"null alg", "null"},
		{"false alg", "false"},
		{"zero alg", "0"},
		{"array of none", `["none"]`},
		{"empty array alg", "[]"},
		{"empty object alg", "{}"},
	} {
		unsigned(absent.name+", no signature", absent.alg, ".", whyNoAlg)
	}

	honest := b64(f.signature(f.sign, b64(f.header())+"."+b64(f.payload())))
	unsigned("none, an honest token's signature", `"none"`, "."+honest,
		"The signature was taken from another token. It covers the bytes of that token and no others (RFC 7515 §5.2).")
	_, foreign := f.attacker(f.alg)
	f.add("none, the attacker's signature", f.tokenBy(foreign, f.headerAlg(`"none"`), f.payload()),
		"The signature is by the attacker's key, which the target does not have (RFC 8725 §3.2).")
	f.add("header is an empty object, no signature", b64("{}")+"."+b64(f.payload())+".", whyNoAlg)
}
