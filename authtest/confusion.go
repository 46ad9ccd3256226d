package authtest

import "crypto/rsa"

// confusionAttacks choose an algorithm for which the attacker has the key: the public key
// as an HMAC secret, or a key of its own of another kind.
func confusionAttacks(f *forger) {
	const published = "The public key was used as an HMAC secret, and everybody has it (RFC 8725 §2.1, §3.1; CVE-2015-9235, CVE-2016-10555)."
	why := map[string]string{
		"PKCS #1 PEM":  "The public key was used as an HMAC secret, in a form of PEM that a list of forbidden prefixes misses (CVE-2017-11424).",
		"line for SSH": "The public key was used as an HMAC secret, in a form that a list of forbidden prefixes misses (CVE-2022-29217).",
	}
	sized := func(name, alg, secret, why string) {
		s := signHMAC(hashOf(alg), []byte(secret))
		f.add(name, f.tokenBy(s, f.headerAlg(quote(alg)), f.payload()), why)
	}
	for _, form := range f.publicForms() {
		w := why[form.name]
		if w == "" {
			w = published
		}
		sized("public key as a secret: "+form.name, "HS256", form.text, w)
		if form.name == "PEM" || form.name == "DER" {
			sized("public key as a secret for HS384: "+form.name, "HS384", form.text, w)
			sized("public key as a secret for HS512: "+form.name, "HS512", form.text, w)
		}
		if form.name == "PEM" {
			s := signHMAC(hashOf("HS256"), []byte(form.text))
			f.add("public key as a secret, labelled "+f.alg, f.tokenBy(s, f.header(), f.payload()),
				"The header names the right algorithm and the signature is an HMAC: the check was chosen by the key's type or the signature's length (RFC 8725 §3.1).")
		}
	}
	const own = "The attacker's own key of another kind was taken, with nothing that says where from: no key was asked for (RFC 8725 §3.1)."
	for _, alg := range []string{"HS256", "RS256", "PS256", "ES256", "EdDSA"} {
		if family(alg) != family(f.alg) {
			_, foreign := f.attacker(alg)
			f.add("attacker's key for "+alg, f.tokenBy(foreign, f.headerAlg(quote(alg)), f.payload()), own)
			f.add("attacker's key for "+alg+", labelled "+f.alg, f.tokenBy(foreign, f.header(), f.payload()),
				"The signature is of another algorithm than the header says, and by the attacker's key (RFC 8725 §3.1).")
		}
	}
}

// agilityAttacks use the honest key with an algorithm that it was not made for, and
// rightly so: only whoever holds the key could.
func agilityAttacks(f *forger) {
	const why = "One key was used with two algorithms, so the header chooses (RFC 8725 §3.1 binds a key to one)."
	signed := func(alg string, s signer) {
		f.add("same key, "+alg, f.tokenBy(s, f.headerAlg(quote(alg)), f.payload()), why)
	}
	for _, alg := range algorithms {
		if alg == f.alg {
			continue
		}
		switch key := f.key.(type) {
		case []byte:
			if family(alg) == "HS" {
				signed(alg, signHMAC(hashOf(alg), key))
			}
		case *rsa.PrivateKey:
			if s, err := signerFor(alg, key); err == nil { // a small key has no room for some
				signed(alg, s)
			}
		}
	}
	switch family(f.alg) {
	case "HS":
		signed("HS256/64", truncated(f.sign, 8))
		signed("HS256/128", truncated(f.sign, 16))
	case "Ed":
		signed("Ed25519", f.sign) // the name of RFC 9864, which only a target that lists it takes
		signed("Ed448", f.sign)
	case "ES":
		f.agilityECDSA(signed)
	}
}

func truncated(s signer, n int) signer {
	return func(signed string) ([]byte, error) {
		sig, err := s(signed)
		return sig[:min(n, len(sig))], err
	}
}
