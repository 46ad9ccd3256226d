package authtest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	_ "crypto/sha256"
	"math/big"
	"strings"
)

func publicOf(key any) any {
	if signer, ok := key.(crypto.Signer); ok {
		return signer.Public()
	}
	return key
}

func hashOf(alg string) crypto.Hash {
	return map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[alg[len(alg)-3:]]
}

func hash(alg, signed string) []byte {
	h := hashOf(alg).New()
	h.Write([]byte(signed))
	return h.Sum(nil)
}

func mac(alg string, secret []byte, signed string) []byte {
	m := hmac.New(hashOf(alg).New, secret)
	m.Write([]byte(signed))
	return m.Sum(nil)
}

func verify(alg string, key any, signed string, signature []byte) bool {
	switch k := key.(type) {
	case []byte:
		return hmac.Equal(signature, mac(alg, k, signed))
	case *rsa.PublicKey:
		if strings.HasPrefix(alg, "PS") {
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return rsa.VerifyPSS(k, hashOf(alg), hash(alg, signed), signature, options) == nil
		}
		return rsa.VerifyPKCS1v15(k, hashOf(alg), hash(alg, signed), signature) == nil
	case *ecdsa.PublicKey:
		r, s, ok := scalars(k, signature)
		return ok && ecdsa.Verify(k, hash(alg, signed), r, s)
	case ed25519.PublicKey:
		return ed25519.Verify(k, []byte(signed), signature)
	}
	return false
}

func scalars(k *ecdsa.PublicKey, signature []byte) (r, s *big.Int, ok bool) {
	size := (k.Curve.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		return nil, nil, false
	}
	return new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]), true
}
