package authtest

const (
	whyOtherAlg = "The header names an algorithm that is not the key's. A target that does not compare them " +
		"does not bind the key to its algorithm (RFC 8725 §3.1)."
	whyAlgSpelling = "The names of algorithms are compared to the byte (RFC 7515 §4.1.1)."
	whyAlgKind     = "The alg must exist and be a string (RFC 7515 §4.1.1). " +
		"A target that guesses one lets the token choose."
)

// mislabelledAttacks carry the right signature under a wrong alg. Only the holder of the
// key can make them. A target that lets them in reads another alg than it checks.
func mislabelledAttacks(f *forger) {
	signed := func(name, alg, why string) { f.addSigned(name, f.headerAlg(alg), f.payload(), why) }
	for _, alg := range append([]string{"none", "dir", "RSA-OAEP", "ES256K", "HS1", "XS256"}, algorithms...) {
		if alg != f.alg {
			signed("signed as "+f.alg+", labelled "+alg, quote(alg), whyOtherAlg)
		}
	}
	for _, s := range []struct{ name, alg string }{
		{"in the other case", quote(swapCase(f.alg))},
		{"with a space after it", quote(f.alg + " ")},
		{"with a NUL after it", quote(f.alg + "\x00")},
		{"with a zero width space", quote(f.alg + "\u200b")},
		{"with more behind it", quote(f.alg + ",none")},
	} {
		signed("alg "+s.name, s.alg, whyAlgSpelling)
	}
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
		signed("signed, alg is "+s.name, s.alg, whyAlgKind)
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
