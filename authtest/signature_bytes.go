package authtest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"slices"
	"strings"
)

// A scene is the honest header and payload. Each attack puts a signature under them.
type scene struct {
	*forger
	signed string // header.payload
	sig    []byte // the right signature
}

// forged adds the honest header and payload with another signature.
func (s *scene) forged(name string, sig []byte, why string) {
	s.add("signature: "+name, s.signed+"."+b64(string(sig)), why)
}

// signatureAttacks put other bytes in the place of the signature.
func signatureAttacks(f *forger) {
	s := &scene{forger: f, signed: b64(f.header()) + "." + b64(f.payload())}
	s.sig = []byte(f.signature(f.sign, s.signed))
	if f.err != nil {
		return
	}
	s.fillers()
	s.cuts()
	s.ofOtherBytes()
	switch key := f.key.(type) {
	case []byte:
		s.hmacs(key)
	case *ecdsa.PrivateKey:
		s.scalars(key)
	case ed25519.PrivateKey:
		s.points(key)
	case *rsa.PrivateKey:
		s.paddings(key)
	}
}

// fillers are signatures that take no computing.
func (s *scene) fillers() {
	n := len(s.sig)
	const short = "The target compares the signature only as far as it goes, or not at all when it is empty " +
		"(CVE-2020-28042)."
	const zeros = "All zeros are taken for a signature. For ECDSA that is r = s = 0, which Java 15 to 18 took for " +
		"any message (CVE-2022-21449)."
	const constant = "A constant is taken for a signature. RFC 7515 §5.2 requires a check of each."
	s.forged("empty", nil, short)
	s.forged("one zero byte", []byte{0}, short)
	s.forged("all zero", make([]byte, n), zeros)
	s.forged("all ones", bytes.Repeat([]byte{0xff}, n), constant)
	s.forged("all the letter A", bytes.Repeat([]byte{'A'}, n), constant)
	s.forged("the bytes 1 to its length", counting(n), constant)
	s.forged("the text null", []byte("null"), constant)
	s.forged("plain hash of the signed bytes", digest(crypto.SHA256, s.signed),
		"A hash without a key is taken for a signature.")
	s.forged("the signed bytes", []byte(s.signed), "The target compares the signed bytes with themselves.")
}

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i + 1)
	}
	return b
}

// cuts change the right signature a little.
func (s *scene) cuts() {
	n := len(s.sig)
	const cut = "The target compares the signature only as far as it goes. A byte or two can be guessed (CVE-2020-28042)."
	s.forged("first two bytes only", s.sig[:2], cut)
	s.forged("first half", s.sig[:n/2], cut)
	s.forged("without its last byte", s.sig[:n-1], cut)
	s.forged("without its first byte", s.sig[1:], cut)
	s.forged("second half", s.sig[n/2:], cut)
	const long = "The target reads only as much of the signature as it expects, so one token has many spellings."
	s.forged("zero byte after", append(slices.Clone(s.sig), 0), long)
	s.forged("zero byte before", append([]byte{0}, s.sig...), long)
	s.forged("twice", append(slices.Clone(s.sig), s.sig...), long)
	s.forged("a kilobyte after", append(slices.Clone(s.sig), make([]byte, 1024)...), long)
	const flipped = "The target ignores some bits of the signature (RFC 7515 §5.2)."
	for _, flip := range []struct {
		name string
		at   int
		bit  byte
	}{
		{"lowest bit of the first byte", 0, 1},
		{"highest bit of the first byte", 0, 0x80},
		{"lowest bit in the middle", n / 2, 1},
		{"highest bit before the middle", n/2 - 1, 0x80},
		{"lowest bit of the last byte", n - 1, 1},
		{"highest bit of the last byte", n - 1, 0x80},
	} {
		sig := slices.Clone(s.sig)
		sig[flip.at] ^= flip.bit
		s.forged("flipped, "+flip.name, sig, flipped)
	}
	reversed := slices.Clone(s.sig)
	slices.Reverse(reversed)
	s.forged("reversed", reversed, flipped)
	const text = "The signature is bytes, not a text of them (RFC 7515 §7.1), and now has two spellings."
	s.forged("hex text", []byte(hex.EncodeToString(s.sig)), text)
	s.forged("encoded twice", []byte(b64(string(s.sig))), text)
	s.add("signature: hex instead of base64url", s.signed+"."+hex.EncodeToString(s.sig), text)
}

// ofOtherBytes are right signatures over other bytes than those of the token.
func (s *scene) ofOtherBytes() {
	const why = "The signature covers other bytes than those before it (RFC 7515 §5.2 step 8)."
	header, payload, _ := strings.Cut(s.signed, ".")
	for _, over := range []struct{ name, signed string }{
		{"another payload", header + "." + b64(s.payload(`"x":0`))},
		{"another header", b64(s.header(`"x":0`)) + "." + payload},
		{"the payload alone", payload},
		{"the header alone", header},
		{"the decoded texts", s.header() + "." + s.payload()},
		{"the decoded payload", s.payload()},
		{"both without the dot", header + payload},
		{"both and a dot", s.signed + "."},
		{"both the wrong way round", payload + "." + header},
		{"the hash of both", string(digest(crypto.SHA256, s.signed))},
		{"nothing", ""},
	} {
		s.forged("of "+over.name, []byte(s.signature(s.sign, over.signed)), why)
	}
	const after = "The token was changed after it was signed (RFC 7515 §5.2 step 8)."
	sig := "." + b64(string(s.sig))
	s.add("signature: claim added afterwards", header+"."+b64(s.payload(`"x":true`))+sig, after)
	s.add("signature: space added to the payload afterwards", header+"."+b64(s.payload()+" ")+sig, after)
	s.add("signature: header changed afterwards", b64(s.header(`"x":true`))+"."+payload+sig, after)
	s.add("signature: space added to the header afterwards", b64(s.header()+" ")+"."+payload+sig, after)
}
