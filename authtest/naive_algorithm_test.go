package authtest_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
)

// believesAlg lets the header choose the algorithm.
func believesAlg(header object) (string, bool) { return header.text("alg"), true }

var naiveAlgorithms = []naive{{
	"takes none", "ES256",
	func(g *gate) {
		g.algorithm = believesAlg
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return alg == "none" || alg == "ES256" && verify(alg, key, signed, signature)
		}
	},
	[]string{"none, no signature", "none, escaped, no signature", "none, an honest token's signature"},
}, {
	"forbids none in one spelling", "ES256",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) { return header.text("alg"), header["alg"] != "none" }
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return strings.EqualFold(alg, "none") || alg == "ES256" && verify(alg, key, signed, signature)
		}
	},
	[]string{"None, no signature", "NONE, no signature", "nOnE, no signature"},
}, {
	"verifies what it knows and lets the rest in", "EdDSA",
	func(g *gate) {
		g.algorithm = believesAlg
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return alg != "EdDSA" || verify(alg, key, signed, signature)
		}
	},
	[]string{
		"unknown alg, no signature", "no alg, no signature", "array of none, no signature",
		"attacker's key for HS256", "fold: ALG none, no signature",
	},
}, {
	"lets the header choose between RS256 and HS256", "RS256",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) {
			return header.text("alg"), header["alg"] == "RS256" || header["alg"] == "HS256"
		}
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			if alg != "HS256" {
				return verify(alg, key, signed, signature)
			}
			der, err := x509.MarshalPKIXPublicKey(key)
			text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
			return err == nil && verify(alg, text, signed, signature)
		}
	},
	[]string{"public key as a secret: PEM"},
}, {
	"gives a raw key to HMAC", "EdDSA",
	func(g *gate) {
		g.algorithm = believesAlg
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			public, _ := key.(ed25519.PublicKey)
			return verify("EdDSA", key, signed, signature) ||
				alg == "HS256" && verify(alg, []byte(public), signed, signature)
		}
	},
	[]string{"public key as a secret: 32 bytes"},
}, {
	"lets the header choose the hash", "HS256",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) {
			return header.text("alg"), slices.Contains([]string{"HS256", "HS384", "HS512"}, header.text("alg"))
		}
	},
	[]string{"same key, HS384", "same key, HS512"},
}, {
	"does not read alg", "ES256",
	func(g *gate) { g.algorithm = func(object) (string, bool) { return "ES256", true } },
	[]string{"signed as ES256, labelled none", "signed, alg is missing", "alg in the other case"},
}}
