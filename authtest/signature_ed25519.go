package authtest

import (
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"math/big"
	"slices"
)

const (
	whyUnreduced = "S must be below the order L (RFC 8032 §5.1.7). " +
		"Otherwise each signature has more forms, and one token has many spellings."
	whySmallOrder = "A point of small order stands for R, with an S that takes no computing."
	whyVariant    = "EdDSA in JWS is pure Ed25519 without a context (RFC 8037 §3.1)."
)

// smallPoints are the encodings of points of small order, in hex.
var smallPoints = []struct{ name, point string }{
	{"the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"},
	{"the point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{"a point of order 4", "0000000000000000000000000000000000000000000000000000000000000080"},
	{"a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
	{"the neutral point, not reduced", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{"the neutral point, negative zero", "0100000000000000000000000000000000000000000000000000000000000080"},
}

// points are Ed25519 signatures that a check takes when it leaves a step out.
func (s *scene) points(key ed25519.PrivateKey) {
	order, _ := new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
	r, v := s.sig[:32], bigEndian(s.sig[32:])
	for _, c := range []struct {
		name  string
		times int64
	}{{"S plus L", 1}, {"S plus 2 L", 2}, {"S plus 14 L", 14}} {
		sum := new(big.Int).Mul(order, big.NewInt(c.times))
		s.forged(c.name, slices.Concat(r, littleEndian(sum.Add(sum, v))), whyUnreduced)
	}
	zero := make([]byte, 32)
	for _, c := range smallPoints {
		point, err := hex.DecodeString(c.point)
		if err == nil {
			s.forged("R is "+c.name+", S 0", slices.Concat(point, zero), whySmallOrder)
			s.forged("R is "+c.name+", S right", slices.Concat(point, s.sig[32:]), whySmallOrder)
		}
	}
	public := key.Public().(ed25519.PublicKey)
	s.forged("R is the public key, S 0", slices.Concat(public, zero), whySmallOrder)
	s.forged("R is the public key, S 1", slices.Concat(public, littleEndian(big.NewInt(1))), whySmallOrder)
	s.forged("R right, S 0", slices.Concat(r, zero), "The target ignores S.")
	s.forged("R right, S L", slices.Concat(r, littleEndian(order)), whyUnreduced)
	s.forged("R and S exchanged", slices.Concat(s.sig[32:], r), "The target reads R and S the wrong way round.")
	reversed := slices.Clone(s.sig[32:])
	slices.Reverse(reversed)
	s.forged("S big-endian", slices.Concat(r, reversed), "S is little-endian (RFC 8032 §5.1.2).")
	s.forged("Ed448's length of zeros", make([]byte, 114),
		"A constant of another curve's length is taken for a signature.")

	ph, err := key.Sign(nil, digest(crypto.SHA512, s.signed), &ed25519.Options{Hash: crypto.SHA512})
	if err == nil {
		s.forged("Ed25519ph", ph, whyVariant)
	}
	ctx, err := key.Sign(nil, []byte(s.signed), &ed25519.Options{Context: "JWT"})
	if err == nil {
		s.forged("Ed25519ctx", ctx, whyVariant)
	}
}

func littleEndian(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

func bigEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}
