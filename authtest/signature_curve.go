package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"slices"
)

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

// scalars are values of r and s with which some checks of an equation come out right, and
// the two in other clothes. To each right (r, s) there is an (r, n−s) that is as right and
// that RFC 7518 does not forbid, so it is not here.
func (s *scene) scalars(key *ecdsa.PrivateKey) {
	const outside = "r and s must be from 1 to n−1 (FIPS 186-5 §6.4.2); outside of that a signature fits any message (CVE-2022-21449)."
	const fixed = "A constant is a signature: r and s are not computed with."
	size := scalarSize(key)
	n := key.Curve.Params().N
	p := key.Curve.Params().P
	zero, one := big.NewInt(0), big.NewInt(1)
	less := new(big.Int).Sub(n, one)
	r := new(big.Int).SetBytes(s.sig[:size])
	v := new(big.Int).SetBytes(s.sig[size:])
	pair := func(r, v *big.Int) []byte {
		out := make([]byte, 2*size)
		r.FillBytes(out[:size])
		v.FillBytes(out[size:])
		return out
	}
	for _, c := range []struct {
		name string
		r, s *big.Int
		why  string
	}{
		{"r 0, s 1", zero, one, outside},
		{"r 1, s 0", one, zero, outside},
		{"r n, s n", n, n, outside},
		{"r n, s 1", n, one, outside},
		{"r 1, s n", one, n, outside},
		{"r 0, s n", zero, n, outside},
		{"r n, s 0", n, zero, outside},
		{"r p, s p", p, p, outside},
		{"r right, s 0", r, zero, outside},
		{"r 0, s right", zero, v, outside},
		{"r n, s right", n, v, outside},
		{"r right, s n", r, n, outside},
		{"r 1, s 1", one, one, fixed},
		{"r n-1, s n-1", less, less, fixed},
		{"r 1, s n-1", one, less, fixed},
		{"r and s exchanged", v, r, "r and s are read the wrong way round."},
		{"r negated", new(big.Int).Sub(n, r), v, "r is compared with either of two points."},
	} {
		s.forged(c.name, pair(c.r, c.s), c.why)
	}
	const der = "The signature is r and s side by side and not DER (RFC 7518 §3.4): it has two spellings, and the numbers in DER have no bound."
	asDER := func(name string, r, v *big.Int) {
		b, err := asn1.Marshal(struct{ R, S *big.Int }{r, v})
		if err == nil {
			s.forged(name, b, der)
		}
	}
	asDER("DER", r, v)
	asDER("DER, r 0, s 0", zero, zero)
	asDER("DER, r n, s n", n, n)
	asDER("DER, r minus 1, s minus 1", big.NewInt(-1), big.NewInt(-1))
	asDER("DER, r plus n", new(big.Int).Add(r, n), v)

	const wide = "r and s have the length of the curve's order and no other (RFC 7518 §3.4)."
	pad := make([]byte, 8)
	s.forged("r and s with zeros before them", slices.Concat(pad, s.sig[:size], pad, s.sig[size:]), wide)
	if sum := new(big.Int).Add(r, n); sum.BitLen() <= 8*size {
		s.forged("r plus n", pair(sum, v), outside)
	} else {
		s.forged("r plus n", slices.Concat(sum.Bytes(), []byte{0}, s.sig[size:]), wide)
	}
	little := slices.Clone(s.sig)
	slices.Reverse(little[:size])
	slices.Reverse(little[size:])
	s.forged("r and s little-endian", little, "r and s are big-endian (RFC 7518 §3.4).")

	other := crypto.SHA512
	if s.alg == "ES512" {
		other = crypto.SHA256
	}
	s.forged("right, over another hash", []byte(s.signature(signECDSA(key, other), s.signed)), "The hash is the algorithm's (RFC 7518 §3.4).")
}

// points are Ed25519 signatures that a check with a step left out takes.
func (s *scene) points(key ed25519.PrivateKey) {
	const unreduced = "S must be below the order L (RFC 8032 §5.1.7): else to each signature there are more, and one token has many spellings."
	order, _ := new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
	r, v := s.sig[:32], bigEndian(s.sig[32:])
	for _, c := range []struct {
		name  string
		times int64
	}{{"S plus L", 1}, {"S plus 2 L", 2}, {"S plus 14 L", 14}} {
		sum := new(big.Int).Mul(order, big.NewInt(c.times))
		s.forged(c.name, slices.Concat(r, littleEndian(sum.Add(sum, v))), unreduced)
	}
	const small = "A point of small order stands for R, and nobody computed S."
	for _, c := range []struct{ name, point string }{
		{"the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"},
		{"the point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"a point of order 4", "0000000000000000000000000000000000000000000000000000000000000080"},
		{"a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
		{"the neutral point, not reduced", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"the neutral point, negative zero", "0100000000000000000000000000000000000000000000000000000000000080"},
	} {
		point, err := hex.DecodeString(c.point)
		if err == nil {
			s.forged("R is "+c.name+", S 0", slices.Concat(point, make([]byte, 32)), small)
			s.forged("R is "+c.name+", S right", slices.Concat(point, s.sig[32:]), small)
		}
	}
	public := key.Public().(ed25519.PublicKey)
	s.forged("R is the public key, S 0", slices.Concat(public, make([]byte, 32)), small)
	s.forged("R is the public key, S 1", slices.Concat(public, littleEndian(big.NewInt(1))), small)
	s.forged("R right, S 0", slices.Concat(r, make([]byte, 32)), "S does not count.")
	s.forged("R right, S L", slices.Concat(r, littleEndian(order)), unreduced)
	s.forged("R and S exchanged", slices.Concat(s.sig[32:], r), "R and S are read the wrong way round.")
	reversed := slices.Clone(s.sig[32:])
	slices.Reverse(reversed)
	s.forged("S big-endian", slices.Concat(r, reversed), "S is little-endian (RFC 8032 §5.1.2).")
	s.forged("Ed448's length of zeros", make([]byte, 114), "A constant of another curve's length is a signature.")

	const variant = "EdDSA in JWS is the pure Ed25519 without context (RFC 8037 §3.1)."
	if sig, err := key.Sign(nil, digest(crypto.SHA512, s.signed), &ed25519.Options{Hash: crypto.SHA512}); err == nil {
		s.forged("Ed25519ph", sig, variant)
	}
	if sig, err := key.Sign(nil, []byte(s.signed), &ed25519.Options{Context: "JWT"}); err == nil {
		s.forged("Ed25519ctx", sig, variant)
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
