package authtest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
)

const (
	whySelfPower = "A number that is a power of itself is taken for a signature: " +
		"the target compares nothing of the text under it (RFC 8017 §8.2.2)."
	whyModulus = "A signature is a number below the modulus (RFC 8017 §5.2.2). " +
		"Otherwise one token has many spellings."
	whyPadding = "The target takes the text under the signature apart instead of comparing the whole, so some bytes " +
		"are free. With the exponent 3 that forges signatures (CVE-2006-4339, CVE-2014-1568)."
	whyOtherPadding = "The padding is another algorithm's (RFC 7518 §3.3, §3.5)."
)

// paddings are RSA signatures whose numbers are odd, or whose text is not the one text that
// RFC 8017 §8.2.2 allows. The latter are made with the private key. Where a check leaves
// any byte of the text free, and the exponent is 3, everyone can make them.
func (s *scene) paddings(key *rsa.PrivateKey) {
	size := key.Size()
	fill := func(n *big.Int) []byte { return n.FillBytes(make([]byte, size)) }
	one := big.NewInt(1)
	sig := new(big.Int).SetBytes(s.sig)
	s.forged("the number 1", fill(one), whySelfPower)
	s.forged("the number 2", fill(big.NewInt(2)), whySelfPower)
	s.forged("the modulus less 1", fill(new(big.Int).Sub(key.N, one)), whySelfPower)
	s.forged("the modulus", fill(key.N), whyModulus)
	s.forged("the modulus and 1", fill(new(big.Int).Add(key.N, one)), whyModulus)
	s.forged("the modulus and the right one", new(big.Int).Add(key.N, sig).Bytes(), whyModulus)
	s.forged("the right one negated", fill(new(big.Int).Sub(key.N, sig)), "The target ignores the sign when it compares.")

	// power returns the signature of a text.
	power := func(em []byte) []byte {
		return fill(new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N))
	}
	sum := digest(hashOf(s.alg), s.signed)
	bare := make([]byte, size)
	copy(bare[size-len(sum):], sum)
	s.forged("hash without padding", power(bare),
		"The target compares the end of the text and not its beginning (RFC 8017 §8.2.2).")
	if family(s.alg) == "PS" {
		s.paddingsPSS(key, power)
	} else {
		s.paddingsPKCS1(key, power)
	}
}

// paddingsPKCS1 are texts that are nearly the one of PKCS #1 v1.5.
func (s *scene) paddingsPKCS1(key *rsa.PrivateKey, power func([]byte) []byte) {
	size, h := key.Size(), hashOf(s.alg)
	sum := digest(h, s.signed)
	info := digestInfo(h, asn1.NullBytes, sum)
	sha1 := digestInfo(crypto.SHA1, asn1.NullBytes, digest(crypto.SHA1, s.signed))
	for _, c := range []struct {
		name string
		em   []byte
	}{
		{"garbage after the hash", encoded(size, 1, 0xff, info, 8)},
		{"garbage in the hash's parameters", encoded(size, 1, 0xff, digestInfo(h, octets(16), sum), -1)},
		{"long form of a length", encoded(size, 1, 0xff, longForm(info), -1)},
		{"no name of a hash", encoded(size, 1, 0xff, sum, -1)},
		{"name of another hash", encoded(size, 1, 0xff, digestInfo(crypto.SHA3_256, asn1.NullBytes, sum), -1)},
		{"padding of encryption", encoded(size, 2, 0xff, info, -1)},
		{"padding of zeros", encoded(size, 0, 0x00, info, -1)},
		{"padding of other bytes", encoded(size, 1, 0xfe, info, -1)},
		{"SHA-1 of the signed bytes", encoded(size, 1, 0xff, sha1, -1)},
	} {
		s.forged(c.name, power(c.em), whyPadding)
	}
	if pss, err := signPSS(key, h)(s.signed); err == nil {
		s.forged("PSS", pss, whyOtherPadding)
	}
	s.otherHash(key, signPKCS1)
}

// paddingsPSS change the text under a right PSS signature.
func (s *scene) paddingsPSS(key *rsa.PrivateKey, power func([]byte) []byte) {
	const why = "The target does not check all that RFC 8017 §9.1.2 says of the text under the signature."
	open := func() []byte {
		em := new(big.Int).Exp(new(big.Int).SetBytes(s.sig), big.NewInt(int64(key.E)), key.N)
		return em.FillBytes(make([]byte, key.Size()))
	}
	for _, c := range []struct {
		name string
		at   int // from the end
		xor  byte
	}{
		{"last byte is not 0xbc", 1, 0xbc ^ 0xcc},
		{"hash has another bit", 2, 1},
		{"salt has another bit", 2 + hashOf(s.alg).Size(), 1},
		{"padding has another bit", key.Size() - 1, 1},
	} {
		em := open()
		em[len(em)-c.at] ^= c.xor
		s.forged(c.name, power(em), why)
	}
	pkcs1 := []byte(s.signature(signPKCS1(key, hashOf(s.alg)), s.signed))
	s.forged("PKCS #1 v1.5", pkcs1, whyOtherPadding)
	s.otherHash(key, signPSS)
}

// otherHash is a right signature over another hash of the signed bytes.
func (s *scene) otherHash(key *rsa.PrivateKey, sign func(*rsa.PrivateKey, crypto.Hash) signer) {
	h := crypto.SHA384
	if h == hashOf(s.alg) {
		h = crypto.SHA256
	}
	if sig, err := sign(key, h)(s.signed); err == nil {
		s.forged("right, over another hash", sig, "The algorithm fixes the hash (RFC 7518 §3.3, §3.5).")
	}
}

// encoded returns size bytes: 00, the block type, padding, 00, text and garbage. There are
// pads bytes of padding, or where pads is negative, as many as leave no room for garbage.
func encoded(size int, block, pad byte, text []byte, pads int) []byte {
	room := size - 3 - len(text)
	if pads < 0 {
		pads = room
	}
	em := append([]byte{0, block}, bytes.Repeat([]byte{pad}, pads)...)
	em = append(append(em, 0), text...)
	return append(em, bytes.Repeat([]byte{0xa5}, room-pads)...)
}

// digestInfo returns the DER of a hash's name, of its parameters, which are DER, and of the
// hash.
func digestInfo(h crypto.Hash, parameters, sum []byte) []byte {
	name := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.SHA1:     {1, 3, 14, 3, 2, 26},
		crypto.SHA256:   {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384:   {2, 16, 840, 1, 101, 3, 4, 2, 2},
		crypto.SHA512:   {2, 16, 840, 1, 101, 3, 4, 2, 3},
		crypto.SHA3_256: {2, 16, 840, 1, 101, 3, 4, 2, 8},
	}[h]
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Sum       []byte
	}{pkix.AlgorithmIdentifier{Algorithm: name, Parameters: asn1.RawValue{FullBytes: parameters}}, sum})
	if err != nil { // impossible: all values are our own
		return nil
	}
	return der
}

// octets returns n bytes as a DER octet string.
func octets(n byte) []byte { return append([]byte{4, n}, bytes.Repeat([]byte{0xa5}, int(n))...) }

// longForm returns a short DER sequence with its length in two bytes, which BER allows.
func longForm(der []byte) []byte { return slices.Concat(der[:1], []byte{0x81}, der[1:]) }
