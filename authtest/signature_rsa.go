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

// paddings are RSA signatures whose numbers are odd, or under which something else is
// than the one text that may be (RFC 8017 §8.2.2 compares it as a whole). The latter are
// made with the private key. Where a check lets any byte of the text be chosen, and the
// exponent is 3, everybody can make them.
func (s *scene) paddings() {
	key, ok := s.key.(*rsa.PrivateKey)
	if !ok {
		return
	}
	size := key.Size()
	fill := func(n *big.Int) []byte { return n.FillBytes(make([]byte, size)) }
	one := big.NewInt(1)
	sig := new(big.Int).SetBytes(s.sig)
	const trivial = "A number that is a power of itself is a signature: nothing under it is compared (RFC 8017 §8.2.2)."
	const outside = "A signature is a number below the modulus (RFC 8017 §5.2.2): else one token has many spellings."
	s.forged("the number 1", fill(one), trivial)
	s.forged("the number 2", fill(big.NewInt(2)), trivial)
	s.forged("the modulus less 1", fill(new(big.Int).Sub(key.N, one)), trivial)
	s.forged("the modulus", fill(key.N), outside)
	s.forged("the modulus and 1", fill(new(big.Int).Add(key.N, one)), outside)
	s.forged("the modulus and the right one", new(big.Int).Add(key.N, sig).Bytes(), outside)
	s.forged("the right one negated", fill(new(big.Int).Sub(key.N, sig)), "Signs are lost in the comparison.")

	// power returns the signature under which em is.
	power := func(em []byte) []byte {
		return fill(new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N))
	}
	h := hashOf(s.alg)
	sum := digest(h, s.signed)
	bare := make([]byte, size)
	copy(bare[size-len(sum):], sum)
	s.forged("hash without padding", power(bare), "The end of the text is compared and not its beginning (RFC 8017 §8.2.2).")
	if family(s.alg) == "PS" {
		s.paddingsPSS(key, power)
		return
	}
	const padding = "The text under the signature is taken apart and not compared as a whole, so bytes of it are free; with the exponent 3 that forges signatures (CVE-2006-4339, CVE-2014-1568)."
	for _, c := range []struct {
		name string
		em   []byte
	}{
		{"garbage after the hash", encoded(size, 1, 0xff, digestInfo(h, asn1.NullBytes, sum), 8)},
		{"garbage in the hash's parameters", encoded(size, 1, 0xff, digestInfo(h, octets(16), sum), -1)},
		{"long form of a length", encoded(size, 1, 0xff, longForm(digestInfo(h, asn1.NullBytes, sum)), -1)},
		{"no name of a hash", encoded(size, 1, 0xff, sum, -1)},
		{"name of another hash", encoded(size, 1, 0xff, digestInfo(crypto.SHA3_256, asn1.NullBytes, sum), -1)},
		{"padding of encryption", encoded(size, 2, 0xff, digestInfo(h, asn1.NullBytes, sum), -1)},
		{"padding of zeros", encoded(size, 0, 0x00, digestInfo(h, asn1.NullBytes, sum), -1)},
		{"padding of other bytes", encoded(size, 1, 0xfe, digestInfo(h, asn1.NullBytes, sum), -1)},
		{"SHA-1 of the signed bytes", encoded(size, 1, 0xff, digestInfo(crypto.SHA1, asn1.NullBytes, digest(crypto.SHA1, s.signed)), -1)},
	} {
		s.forged(c.name, power(c.em), padding)
	}
	const other = "The padding is another algorithm's (RFC 7518 §3.3, §3.5)."
	if pss, err := signPSS(key, h)(s.signed); err == nil {
		s.forged("PSS", pss, other)
	}
	s.otherHash(key, signPKCS1)
}

// paddingsPSS change what is under a right PSS signature.
func (s *scene) paddingsPSS(key *rsa.PrivateKey, power func([]byte) []byte) {
	const why = "Not all that RFC 8017 §9.1.2 says of the text under the signature is checked."
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
	s.forged("PKCS #1 v1.5", []byte(s.signature(signPKCS1(key, hashOf(s.alg)), s.signed)), "The padding is another algorithm's (RFC 7518 §3.3, §3.5).")
	s.otherHash(key, signPSS)
}

func (s *scene) otherHash(key *rsa.PrivateKey, sign func(*rsa.PrivateKey, crypto.Hash) signer) {
	h := crypto.SHA384
	if h == hashOf(s.alg) {
		h = crypto.SHA256
	}
	if sig, err := sign(key, h)(s.signed); err == nil {
		s.forged("right, over another hash", sig, "The hash is the algorithm's (RFC 7518 §3.3, §3.5).")
	}
}

// encoded returns 00, the block type, padding, 00 and text in size bytes: with pads bytes
// of padding and garbage in the rest, or, where pads is negative, padding to the end.
func encoded(size int, block, pad byte, text []byte, pads int) []byte {
	room := size - 3 - len(text)
	if pads < 0 {
		pads = room
	}
	em := append([]byte{0, block}, bytes.Repeat([]byte{pad}, pads)...)
	em = append(append(em, 0), text...)
	return append(em, bytes.Repeat([]byte{0xa5}, room-pads)...)
}

// digestInfo returns the DER of a hash's name, its parameters, which are DER, and the hash.
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
	if err != nil { // cannot be: all of it is ours
		return nil
	}
	return der
}

// octets returns n bytes as a DER octet string.
func octets(n byte) []byte { return append([]byte{4, n}, bytes.Repeat([]byte{0xa5}, int(n))...) }

// longForm returns a short DER sequence with its length in two bytes, which BER allows.
func longForm(der []byte) []byte { return slices.Concat(der[:1], []byte{0x81}, der[1:]) }
