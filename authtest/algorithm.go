package authtest

// These attacks are about the header's alg: the key says which algorithm is used, and a
// header that says anything else is refused (RFC 8725 §3.1).

// noneAttacks ask to be believed without a signature.
func noneAttacks(f *forger) {
	unsigned := func(name, alg, signature, why string) {
		f.add(name, b64(f.headerAlg(alg))+"."+b64(f.payload())+signature, why)
	}
	const why = "Anybody can write such a token: alg none is no algorithm in any spelling (RFC 8725 §2.1, §3.2)."
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
		unsigned(spelled.name+", no signature", spelled.alg, ".", why)
	}
	unsigned("none, no second dot", `"none"`, "", "Two parts are no compact JWS (RFC 7515 §7.1), and nobody signed them.")
	unsigned("none, one byte of signature", `"none"`, ".AA", "A signature that is there is not one that is right (RFC 8725 §3.2).")
	unsigned("none, a signature's length of zeros", `"none"`, "."+b64(string(make([]byte, 64))), "A signature that has the right length is not one that is right (RFC 8725 §3.2).")

	const absent = "A header without a usable alg selects no algorithm, which is what none means (RFC 7515 §4.1.1 demands one)."
	unsigned("no alg, no signature", "", ".", absent)
	unsigned("null alg, no signature", "null", ".", absent)
	unsigned("false alg, no signature", "false", ".", absent)
	unsigned("zero alg, no signature", "0", ".", absent)
	unsigned("array of none, no signature", `["none"]`, ".", absent)
	unsigned("empty array alg, no signature", "[]", ".", absent)
	unsigned("empty object alg, no signature", "{}", ".", absent)

	honest := b64(f.signature(f.sign, b64(f.header())+"."+b64(f.payload())))
	unsigned("none, an honest token's signature", `"none"`, "."+honest, "The signature was taken from another token: it counts for the bytes that were signed, and for no others (RFC 7515 §5.2).")
	_, foreign := f.attacker(f.alg)
	f.add("none, the attacker's signature", f.tokenBy(foreign, f.headerAlg(`"none"`), f.payload()), "The attacker's signature is one by nobody (RFC 8725 §3.2).")
	f.add("header is an empty object, no signature", b64("{}")+"."+b64(f.payload())+".", absent)
}

// mislabelledAttacks carry the right signature under a wrong alg. Nobody but the key's
// holder can make them; a target that lets them in reads something else than it checks.
func mislabelledAttacks(f *forger) {
	signed := func(name, alg, why string) { f.addSigned(name, f.headerAlg(alg), f.payload(), why) }
	const another = "The header names an algorithm that is not the key's: a target that does not compare them has nothing that binds the key to its algorithm (RFC 8725 §3.1)."
	for _, alg := range append([]string{"none", "dir", "RSA-OAEP", "ES256K", "HS1", "XS256"}, algorithms...) {
		if alg != f.alg {
			signed("signed as "+f.alg+", labelled "+alg, quote(alg), another)
		}
	}
	const spelling = "The names of algorithms are compared to the byte (RFC 7515 §4.1.1)."
	for _, s := range []struct{ name, alg string }{
		{"in the other case", quote(swapCase(f.alg))},
		{"with a space after it", quote(f.alg + " ")},
		{"with a NUL after it", quote(f.alg + "\x00")},
		{"with a zero width space", quote(f.alg + "\u200b")},
		{"with more behind it", quote(f.alg + ",none")},
	} {
		signed("alg "+s.name, s.alg, spelling)
	}
	const kind = "The alg must be there and be a string (RFC 7515 §4.1.1); guessing one is letting the token choose."
	for _, s := range []struct{ name, alg string }{
		{"missing", ""},
		{"null", "null"},
		{"number", "256"},
		{"true", "true"},
		{"array", "[" + quote(f.alg) + "]"},
		{"array with none", `["none",` + quote(f.alg) + "]"},
		{"object", `{"alg":` + quote(f.alg) + "}"},
		{"empty string", `""`},
	} {
		signed("signed, alg is "+s.name, s.alg, kind)
	}
}

// swapCase returns s with its ASCII letters in the other case.
func swapCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c|0x20 && c|0x20 <= 'z' {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}
