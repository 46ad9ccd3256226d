package authtest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
)

var naiveAlgorithms = []naive{{
	"takes none", "ES256",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) { return header.text("alg"), true }
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
		g.algorithm = func(header object) (string, bool) { return header.text("alg"), true }
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return alg != "EdDSA" || verify(alg, key, signed, signature)
		}
	},
	[]string{"unknown alg, no signature", "no alg, no signature", "array of none, no signature", "attacker's key for HS256", "fold: ALG none, no signature"},
}, {
	"lets the header choose between RS256 and HS256", "RS256",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) {
			return header.text("alg"), header["alg"] == "RS256" || header["alg"] == "HS256"
		}
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			if alg == "HS256" {
				der, err := x509.MarshalPKIXPublicKey(key)
				return err == nil && verify(alg, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), signed, signature)
			}
			return verify(alg, key, signed, signature)
		}
	},
	[]string{"public key as a secret: PEM"},
}, {
	"gives a raw key to HMAC", "EdDSA",
	func(g *gate) {
		g.algorithm = func(header object) (string, bool) { return header.text("alg"), true }
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			public, _ := key.(ed25519.PublicKey)
			return verify("EdDSA", key, signed, signature) || alg == "HS256" && verify(alg, []byte(public), signed, signature)
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
}, {
	"does not know crit", "HS256",
	func(g *gate) {
		g.params = func(header object) bool {
			delete(header, "crit")
			return knownParams(header)
		}
	},
	[]string{"crit: unknown extension", "crit: empty list", "crit: escaped"},
}, {
	"ignores parameters", "HS256",
	func(g *gate) { g.params = func(object) bool { return true } },
	[]string{"zip, not compressed", "cty JWT", "typ at+jwt", "kid array, signed", "crit: b64 false, encoded all the same"},
}, {
	"believes the jwk", "ES256",
	func(g *gate) {
		g.keyFor = func(header object) any {
			jwk, ok := header["jwk"].(map[string]any)
			if !ok {
				return g.key
			}
			x, _ := strictBase64(object(jwk).text("x"))
			y, _ := strictBase64(object(jwk).text("y"))
			key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
			if err != nil {
				return nil
			}
			return key
		}
	},
	[]string{"attacker's key, jwk", "attacker's key, jwk and the honest kid"},
}, {
	"believes the x5c", "ES256",
	func(g *gate) {
		g.keyFor = func(header object) any {
			list, ok := header["x5c"].([]any)
			if !ok {
				return g.key
			}
			der, err := base64.StdEncoding.DecodeString(list[0].(string))
			if err != nil {
				return nil
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil
			}
			return certificate.PublicKey
		}
	},
	[]string{"attacker's certificate, x5c", "attacker's certificate, x5c and its thumbprint"},
}, {
	"fetches the jku", "EdDSA",
	func(g *gate) {
		g.keyFor = func(header object) any {
			_, data, ok := strings.Cut(header.text("jku"), "data:application/json;base64,")
			if !ok {
				return g.key
			}
			var set struct{ Keys []struct{ X string } }
			text, err := base64.StdEncoding.DecodeString(data)
			if err != nil || json.Unmarshal(text, &set) != nil || len(set.Keys) == 0 {
				return nil
			}
			x, _ := strictBase64(set.Keys[0].X)
			return ed25519.PublicKey(x)
		}
	},
	[]string{"attacker's key, jku, data URL"},
}, {
	"has an empty secret for an unknown kid", "HS256",
	func(g *gate) {
		g.params = func(object) bool { return true }
		g.keyFor = func(header object) any {
			return map[string][]byte{"k1": g.key.([]byte)}[header.text("kid")]
		}
	},
	[]string{"kid: unknown", "kid: the empty device", "kid: empty", "kid: null, empty secret"},
}, {
	"has a secret of a template's", "HS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return verify(alg, key, signed, signature) || verify(alg, []byte("your-256-bit-secret"), signed, signature)
		}
	},
	[]string{`secret: "your-256-bit-secret"`},
}}

var naiveMathematics = []naive{{
	"compares as much of the HMAC as there is", "HS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return bytes.HasPrefix(mac(alg, key.([]byte), signed), signature)
		}
	},
	[]string{"signature: empty", "signature: first two bytes only", "signature: first half", "signature: cut to 80 bits"},
}, {
	"takes r 0 and s 0", "ES256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			k := key.(*ecdsa.PublicKey)
			r, s, ok := scalars(k, signature)
			if !ok {
				return false
			}
			n := k.Curve.Params().N
			r, s = new(big.Int).Mod(r, n), new(big.Int).Mod(s, n)
			return r.Sign() == 0 && s.Sign() == 0 || ecdsa.Verify(k, hash(alg, signed), r, s)
		}
	},
	[]string{"signature: all zero", "signature: r n, s n", "signature: r 0, s n"},
}, {
	"takes DER", "ES256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return verify(alg, key, signed, signature) || ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), hash(alg, signed), signature)
		}
	},
	[]string{"signature: DER"},
}, {
	"cuts signatures in half wherever that is", "ES256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			half := len(signature) / 2
			r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
			return len(signature)%2 == 0 && ecdsa.Verify(key.(*ecdsa.PublicKey), hash(alg, signed), r, s)
		}
	},
	[]string{"signature: r and s with zeros before them"},
}, {
	"reduces S", "EdDSA",
	func(g *gate) {
		g.verify = func(_ string, key any, signed string, signature []byte) bool {
			if len(signature) != ed25519.SignatureSize {
				return false
			}
			order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
			s := slices.Clone(signature[32:])
			slices.Reverse(s)
			s = new(big.Int).Mod(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
			slices.Reverse(s)
			return ed25519.Verify(key.(ed25519.PublicKey), []byte(signed), slices.Concat(signature[:32], s))
		}
	},
	[]string{"signature: S plus L", "signature: S plus 2 L", "signature: S plus 14 L"},
}, {
	"looks for the hash in the RSA text", "RS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			k := key.(*rsa.PublicKey)
			em := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(int64(k.E)), k.N)
			return bytes.Contains(em.Bytes(), hash(alg, signed))
		}
	},
	[]string{"signature: garbage after the hash", "signature: hash without padding", "signature: garbage in the hash's parameters", "signature: the modulus and the right one", "signature: padding of encryption"},
}, {
	"takes either padding", "PS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return verify("PS256", key, signed, signature) || verify("RS256", key, signed, signature)
		}
	},
	[]string{"signature: PKCS #1 v1.5"},
}}
