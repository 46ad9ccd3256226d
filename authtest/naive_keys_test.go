package authtest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

var naiveKeys = []naive{{
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
	"has the secret of a template", "HS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return verify(alg, key, signed, signature) || verify(alg, []byte("your-256-bit-secret"), signed, signature)
		}
	},
	[]string{`secret: "your-256-bit-secret"`},
}}
