package authtest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"math/big"
	"slices"
)

// orderEd25519 is the order of the base point of Ed25519 (RFC 8032 §5.1).
var orderEd25519, _ = new(big.Int).SetString(
	"7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

var naiveSignatures = []naive{{
	"compares as much of the HMAC as there is", "HS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return bytes.HasPrefix(mac(alg, key.([]byte), signed), signature)
		}
	},
	[]string{
		"signature: empty", "signature: first two bytes only", "signature: first half", "signature: cut to 80 bits",
	},
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
			return verify(alg, key, signed, signature) ||
				ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), hash(alg, signed), signature)
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
			s := slices.Clone(signature[32:])
			slices.Reverse(s)
			s = new(big.Int).Mod(new(big.Int).SetBytes(s), orderEd25519).FillBytes(make([]byte, 32))
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
	[]string{
		"signature: garbage after the hash", "signature: hash without padding",
		"signature: garbage in the hash's parameters", "signature: the modulus and the right one",
		"signature: padding of encryption",
	},
}, {
	"takes either padding", "PS256",
	func(g *gate) {
		g.verify = func(alg string, key any, signed string, signature []byte) bool {
			return verify("PS256", key, signed, signature) || verify("RS256", key, signed, signature)
		}
	},
	[]string{"signature: PKCS #1 v1.5"},
}}
