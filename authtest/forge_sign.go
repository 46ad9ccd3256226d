package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of every algorithm
	_ "crypto/sha512"
	"errors"
	"fmt"
	"sync"
)

// A signer returns the signature over any bytes, however wrong they are.
type signer func(signed string) ([]byte, error)

// algorithms are those of RFC 7518 §3.1 and RFC 8037 §3.1, without none.
var algorithms = []string{
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
	"ES256", "ES384", "ES512", "EdDSA",
}

// family returns the first two letters of an algorithm. Algorithms that share them share a
// kind of key and a scheme: PS is apart from RS.
func family(alg string) string { return alg[:2] }

func hashOf(alg string) crypto.Hash {
	switch alg[2:] {
	case "384":
		return crypto.SHA384
	case "512":
		return crypto.SHA512
	}
	return crypto.SHA256
}

func digest(h crypto.Hash, s string) []byte {
	d := h.New()
	d.Write([]byte(s))
	return d.Sum(nil)
}

// signerFor returns the signer of an algorithm and a key, once it has signed something.
func signerFor(alg string, key any) (s signer, err error) {
	defer func() {
		if recover() != nil { // package crypto panics on keys with nil numbers
			s, err = nil, fmt.Errorf("is an incomplete %T", key)
		}
	}()
	switch alg {
	case "HS256", "HS384", "HS512":
		if secret, ok := key.([]byte); ok {
			s = signHMAC(hashOf(alg), secret)
		}
	case "RS256", "RS384", "RS512":
		if private, ok := key.(*rsa.PrivateKey); ok {
			s = signPKCS1(private, hashOf(alg))
		}
	case "PS256", "PS384", "PS512":
		if private, ok := key.(*rsa.PrivateKey); ok {
			s = signPSS(private, hashOf(alg))
		}
	case "ES256", "ES384", "ES512":
		if private, ok := key.(*ecdsa.PrivateKey); ok {
			if private.Curve != curveOf(alg) {
				return nil, fmt.Errorf("is on another curve than %s, which is %s's", curveOf(alg).Params().Name, alg)
			}
			s = signECDSA(private, hashOf(alg))
		}
	case "EdDSA":
		if private, ok := key.(ed25519.PrivateKey); ok {
			s = signEd25519(private)
		}
	default:
		return nil, fmt.Errorf("is for the algorithm %q, which is not one of %v", alg, algorithms)
	}
	if s == nil {
		return nil, fmt.Errorf("is a %T, with which %s cannot sign", key, alg)
	}
	_, err = s("try")
	return s, err
}

func signHMAC(h crypto.Hash, secret []byte) signer {
	return func(signed string) ([]byte, error) {
		mac := hmac.New(h.New, secret)
		mac.Write([]byte(signed))
		return mac.Sum(nil), nil
	}
}

func signPKCS1(key *rsa.PrivateKey, h crypto.Hash) signer {
	return func(signed string) ([]byte, error) {
		return rsa.SignPKCS1v15(nil, key, h, digest(h, signed))
	}
}

func signPSS(key *rsa.PrivateKey, h crypto.Hash) signer {
	return func(signed string) ([]byte, error) {
		return rsa.SignPSS(rand.Reader, key, h, digest(h, signed), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
}

// signECDSA writes r and s side by side (RFC 7518 §3.4).
func signECDSA(key *ecdsa.PrivateKey, h crypto.Hash) signer {
	return func(signed string) ([]byte, error) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest(h, signed))
		if err != nil {
			return nil, err
		}
		size := scalarSize(key)
		out := make([]byte, 2*size)
		r.FillBytes(out[:size])
		s.FillBytes(out[size:])
		return out, nil
	}
}

func signEd25519(key ed25519.PrivateKey) signer {
	return func(signed string) ([]byte, error) {
		if len(key) != ed25519.PrivateKeySize {
			return nil, errors.New("is an Ed25519 key of the wrong length")
		}
		return ed25519.Sign(key, []byte(signed)), nil
	}
}

func curveOf(alg string) elliptic.Curve {
	switch alg {
	case "ES384":
		return elliptic.P384()
	case "ES512":
		return elliptic.P521()
	}
	return elliptic.P256()
}

func scalarSize(key *ecdsa.PrivateKey) int { return (key.Curve.Params().BitSize + 7) / 8 }

// attackerSecret is the attacker's key for HMAC.
const attackerSecret = "what the attacker signs with, of any length at all"

// attackerRSA is made once, because an RSA key takes its time.
var attackerRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// attacker returns the attacker's key for an algorithm, and its signer. A failure ends up
// in the forger's err.
func (f *forger) attacker(alg string) (key any, sign signer) {
	var err error
	switch family(alg) {
	case "HS":
		key = []byte(attackerSecret)
	case "RS", "PS":
		key, err = attackerRSA()
	case "ES":
		key, err = ecdsa.GenerateKey(curveOf(alg), rand.Reader)
	default:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err == nil {
		sign, err = signerFor(alg, key)
	}
	if err != nil {
		if f.err == nil {
			f.err = fmt.Errorf("authtest: make the attacker's key: %w", err)
		}
		sign = func(string) ([]byte, error) { return nil, err }
	}
	return key, sign
}
