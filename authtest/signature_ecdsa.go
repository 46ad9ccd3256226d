package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"encoding/asn1"
	"math/big"
	"slices"
)

const (
	whyScalarRange = "r and s must be from 1 to n−1 (FIPS 186-5 §6.4.2). " +
		"Outside of that range a signature fits any message (CVE-2022-21449)."
	whyScalarFixed = "A constant is taken for a signature: the target does not compute with r and s."
	whyScalarDER   = "The signature is r and s side by side, not DER (RFC 7518 §3.4). " +
		"In DER it has a second spelling, and its numbers have no bound."
	whyScalarWidth = "r and s have the length of the curve's order and no other (RFC 7518 §3.4)."
)

// A pair is the two numbers of an ECDSA signature.
type pair struct{ r, s *big.Int }

// bytes returns r and s side by side, size bytes each.
func (p pair) bytes(size int) []byte {
	out := make([]byte, 2*size)
	p.r.FillBytes(out[:size])
	p.s.FillBytes(out[size:])
	return out
}

// scalars are values of r and s with which an incomplete check succeeds, and the right
// values in other forms. The table leaves (r, n−s) out: it is as right as (r, s), and RFC
// 7518 does not forbid it.
func (s *scene) scalars(key *ecdsa.PrivateKey) {
	size := scalarSize(key)
	n := key.Curve.Params().N
	p := key.Curve.Params().P
	zero, one := big.NewInt(0), big.NewInt(1)
	less := new(big.Int).Sub(n, one)
	right := pair{new(big.Int).SetBytes(s.sig[:size]), new(big.Int).SetBytes(s.sig[size:])}
	r, v := right.r, right.s
	for _, c := range []struct {
		name string
		r, s *big.Int
		why  string
	}{
		{"r 0, s 1", zero, one, whyScalarRange},
		{"r 1, s 0", one, zero, whyScalarRange},
		{"r n, s n", n, n, whyScalarRange},
		{"r n, s 1", n, one, whyScalarRange},
		{"r 1, s n", one, n, whyScalarRange},
		{"r 0, s n", zero, n, whyScalarRange},
		{"r n, s 0", n, zero, whyScalarRange},
		{"r p, s p", p, p, whyScalarRange},
		{"r right, s 0", r, zero, whyScalarRange},
		{"r 0, s right", zero, v, whyScalarRange},
		{"r n, s right", n, v, whyScalarRange},
		{"r right, s n", r, n, whyScalarRange},
		{"r 1, s 1", one, one, whyScalarFixed},
		{"r n-1, s n-1", less, less, whyScalarFixed},
		{"r 1, s n-1", one, less, whyScalarFixed},
		{"r and s exchanged", v, r, "The target reads r and s the wrong way round."},
		{"r negated", new(big.Int).Sub(n, r), v, "The target compares r with either of two points."},
	} {
		s.forged(c.name, pair{c.r, c.s}.bytes(size), c.why)
	}
	s.scalarsInDER(right, n)
	s.scalarsMisspelled(right, n, size)

	other := crypto.SHA512
	if s.alg == "ES512" {
		other = crypto.SHA256
	}
	s.forged("right, over another hash", []byte(s.signature(signECDSA(key, other), s.signed)),
		"The algorithm fixes the hash (RFC 7518 §3.4).")
}

func (s *scene) scalarsInDER(right pair, n *big.Int) {
	zero, minusOne := big.NewInt(0), big.NewInt(-1)
	for _, c := range []struct {
		name string
		r, s *big.Int
	}{
		{"DER", right.r, right.s},
		{"DER, r 0, s 0", zero, zero},
		{"DER, r n, s n", n, n},
		{"DER, r minus 1, s minus 1", minusOne, minusOne},
		{"DER, r plus n", new(big.Int).Add(right.r, n), right.s},
	} {
		b, err := asn1.Marshal(struct{ R, S *big.Int }{c.r, c.s})
		if err == nil {
			s.forged(c.name, b, whyScalarDER)
		}
	}
}

func (s *scene) scalarsMisspelled(right pair, n *big.Int, size int) {
	pad := make([]byte, 8)
	s.forged("r and s with zeros before them", slices.Concat(pad, s.sig[:size], pad, s.sig[size:]), whyScalarWidth)
	sum := new(big.Int).Add(right.r, n)
	if sum.BitLen() <= 8*size {
		s.forged("r plus n", pair{sum, right.s}.bytes(size), whyScalarRange)
	} else {
		s.forged("r plus n", slices.Concat(sum.Bytes(), []byte{0}, s.sig[size:]), whyScalarWidth)
	}
	little := slices.Clone(s.sig)
	slices.Reverse(little[:size])
	slices.Reverse(little[size:])
	s.forged("r and s little-endian", little, "r and s are big-endian (RFC 7518 §3.4).")
}
