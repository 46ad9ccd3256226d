package authtest

const (
	whyCritUnknown = "The header demands an extension that the target does not know. Its author wanted the token " +
		"refused then (RFC 7515 §4.1.11; CVE-2025-59420)."
	whyCritMalformed = "A crit is a list of names that are in the header, are not those of the specification, " +
		"and appear once (RFC 7515 §4.1.11)."
	whyB64False = "The target believed a payload in a form that the signature does not cover, " +
		"or that ordinary tokens do not have (RFC 7797 §3, §8)."
)

// criticalAttacks carry a crit that demands what the target does not know, or that is not a
// list of demands. The honest key signs them all.
func criticalAttacks(f *forger) {
	for _, c := range []struct{ name, member, why string }{
		{"unknown extension", `"crit":["https://attacker.example/x"],"https://attacker.example/x":true`, whyCritUnknown},
		{"unknown extension beside b64", `"crit":["b64","x"],"b64":true,"x":true`, whyCritUnknown},
		{"exp in the header", `"crit":["exp"],"exp":1`, whyCritUnknown},
		{"extension named like a claim", `"crit":["sub"],"sub":"x"`, whyCritUnknown},
		{"extension of another case", `"crit":["B64"],"B64":true`, whyCritUnknown},
		{"name that is not there", `"crit":["x"]`, whyCritMalformed},
		{"name twice", `"crit":["x","x"],"x":true`, whyCritMalformed},
		{"alg", `"crit":["alg"]`, whyCritMalformed},
		{"typ", `"crit":["typ"]`, whyCritMalformed},
		{"itself", `"crit":["crit"]`, whyCritMalformed},
		{"empty list", `"crit":[]`, whyCritMalformed},
		{"empty name", `"crit":[""],"":true`, whyCritMalformed},
		{"null", `"crit":null`, whyCritMalformed},
		{"false", `"crit":false`, whyCritMalformed},
		{"text", `"crit":"x","x":true`, whyCritMalformed},
		{"object", `"crit":{"x":true},"x":true`, whyCritMalformed},
		{"number in the list", `"crit":[1],"1":true`, whyCritMalformed},
		{"null in the list", `"crit":[null]`, whyCritMalformed},
		{"list in the list", `"crit":[["x"]],"x":true`, whyCritMalformed},
		{"escaped", `"cr\u0069t":["x"],"x":true`, whyCritUnknown},
	} {
		f.addSigned("crit: "+c.name, f.header(c.member), f.payload(), c.why)
	}

	// With b64 false the payload stands in the token as it is (RFC 7797).
	plain := `"crit":["b64"],"b64":false`
	f.addSigned("crit: b64 false, encoded all the same", f.header(plain), f.payload(), whyB64False)
	header := b64(f.header(plain)) + "."
	sig := "." + b64(f.signature(f.sign, header+f.payload()))
	f.add("crit: b64 false, payload as it is", f.seal(f.sign, header+f.payload()), whyB64False)
	f.add("crit: b64 false, signed as it is and sent encoded", header+b64(f.payload())+sig, whyB64False)
	f.add("crit: b64 false, signed as it is and sent without", header+sig, whyB64False)
}
