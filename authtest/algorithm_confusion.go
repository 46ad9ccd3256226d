package authtest

const (
	whyPublicSecret = "The public key was used as an HMAC secret, and everyone has it " +
		"(RFC 8725 §2.1, §3.1; CVE-2015-9235, CVE-2016-10555)."
	whyPKCS1Secret = "The public key was used as an HMAC secret, in a form of PEM that a list of forbidden " +
		"prefixes misses (CVE-2017-11424)."
	whySSHSecret = "The public key was used as an HMAC secret, in a form that a list of forbidden prefixes misses " +
		"(CVE-2022-29217)."
	whyMACUnderAlg = "The header names the right algorithm and the signature is an HMAC. The type of the key, " +
		"or the length of the signature, chose the check (RFC 8725 §3.1)."
	whyOtherKind = "The attacker's own key of another kind was taken, although nothing says where it comes from: " +
		"the target asked for no key (RFC 8725 §3.1)."
	whyOtherKindUnderAlg = "The signature is of another algorithm than the header says, and by the attacker's key " +
		"(RFC 8725 §3.1)."
)

// confusionAttacks choose an algorithm for which the attacker has a key: the public key as
// an HMAC secret, or a key of another kind.
func confusionAttacks(f *forger) {
	for _, form := range f.publicForms() {
		f.publicKeyAsSecret(form)
	}
	for _, alg := range []string{"HS256", "RS256", "PS256", "ES256", "EdDSA"} {
		if family(alg) != family(f.alg) {
			_, foreign := f.attacker(alg)
			f.add("attacker's key for "+alg,
				f.tokenBy(foreign, f.headerAlg(quote(alg)), f.payload()), whyOtherKind)
			f.add("attacker's key for "+alg+", labelled "+f.alg,
				f.tokenBy(foreign, f.header(), f.payload()), whyOtherKindUnderAlg)
		}
	}
}

// publicKeyAsSecret signs with a form of the honest public key.
func (f *forger) publicKeyAsSecret(form spelledKey) {
	why := whyPublicSecret
	switch form.name {
	case "PKCS #1 PEM":
		why = whyPKCS1Secret
	case "line for SSH":
		why = whySSHSecret
	}
	signed := func(name, alg string) {
		s := signHMAC(hashOf(alg), []byte(form.text))
		f.add(name+": "+form.name, f.tokenBy(s, f.headerAlg(quote(alg)), f.payload()), why)
	}
	signed("public key as a secret", "HS256")
	if form.name == "PEM" || form.name == "DER" {
		signed("public key as a secret for HS384", "HS384")
		signed("public key as a secret for HS512", "HS512")
	}
	if form.name == "PEM" {
		s := signHMAC(hashOf("HS256"), []byte(form.text))
		f.add("public key as a secret, labelled "+f.alg, f.tokenBy(s, f.header(), f.payload()), whyMACUnderAlg)
	}
}
