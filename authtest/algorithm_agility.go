package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
)

// agilityAttacks use the honest key with an algorithm that it was not made for. The
// signature is right, so only the holder of the key can make them.
func agilityAttacks(f *forger) {
	const why = "One key was used with two algorithms, so the header chooses. RFC 8725 §3.1 binds a key to one."
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
		signed("Ed25519", f.sign) // the name of RFC 9864, which a target takes only if it lists it
		signed("Ed448", f.sign)
	case "ES":
		f.agilityECDSA(signed)
	}
}

// agilityECDSA signs with the hash of another curve.
func (f *forger) agilityECDSA(signed func(alg string, s signer)) {
	key, ok := f.key.(*ecdsa.PrivateKey)
	if !ok {
		return
	}
	for _, alg := range []string{"ES256", "ES384", "ES512"} {
		if alg != f.alg {
			signed(alg, signECDSA(key, hashOf(alg)))
		}
	}
	signed("ES256K", signECDSA(key, crypto.SHA256))
}

func truncated(s signer, n int) signer {
	return func(signed string) ([]byte, error) {
		sig, err := s(signed)
		return sig[:min(n, len(sig))], err
	}
}
