// Package jose makes and checks JSON Web Signatures in the compact serialisation
// (RFC 7515 §7.1), and nothing else: no other serialisation, no encryption, no user.
// The signatures are jwx's; the envelope around them is strict and our own, because a
// door must know exactly one spelling of each token. It is the only importer of jwx.
package jose

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// The signature algorithms of RFC 7518 §3 and RFC 8037 that a [Key] may have.
const (
	HS256 = "HS256"
	HS384 = "HS384"
	HS512 = "HS512"
	RS256 = "RS256"
	RS384 = "RS384"
	RS512 = "RS512"
	PS256 = "PS256"
	ES256 = "ES256"
	ES384 = "ES384"
	EdDSA = "EdDSA"
)

const (
	minSecretBytes = 32   // as many as HS256 puts out, RFC 7518 §3.2
	minRSABits     = 2048 // RFC 7518 §3.3
	maxRSABits     = 8 * maxSignatureBytes
	maxKeyIDBytes  = 256
)

// A Key is checked key material bound to one algorithm, ready for use. It never changes
// and is safe for concurrent use.
type Key struct {
	alg      string
	id       string
	header   string // the protected header of what the key signs, base64url
	signer   jws.Signer
	verifier jws.Verifier

	// material is a function because fmt prints what a pointer points at under some verbs,
	// wherever somebody keeps a Key, and never what a function encloses.
	material func() *material
}

// NewKey checks what is given against alg and returns a key. It is a []byte or string
// for HS…, a pointer to an rsa or ecdsa key, or an ed25519 key; a private key signs and
// verifies, a public key only verifies. id is the kid, empty for none. The error's text
// says what is wrong with the material and never quotes it.
func NewKey(alg, id string, given any) (k *Key, err error) {
	defer func() {
		if recover() != nil { // Go's own checks panic on keys with nil numbers in them
			k, err = nil, fmt.Errorf("is an incomplete %T", given)
		}
	}()
	if len(id) > maxKeyIDBytes || !utf8.ValidString(id) {
		return nil, fmt.Errorf("has an ID of %d bytes; it may have %d, of valid UTF-8", len(id), maxKeyIDBytes)
	}
	m := &material{alg: alg}
	switch alg {
	case HS256, HS384, HS512:
		err = m.secret(given)
	case RS256, RS384, RS512, PS256:
		err = m.rsa(given)
	case ES256:
		err = m.ecdsa(given, elliptic.P256())
	case ES384:
		err = m.ecdsa(given, elliptic.P384())
	case EdDSA:
		err = m.ed25519(given)
	default:
		return nil, fmt.Errorf("has the algorithm %.20q, which is not one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384, EdDSA", alg)
	}
	if err != nil {
		return nil, err
	}
	k = &Key{alg: alg, id: id, material: func() *material { return m }}
	if k.signer, err = jws.NewSigner(jwa.SignatureAlgorithm(alg)); err != nil {
		return nil, err
	}
	if k.verifier, err = jws.NewVerifier(jwa.SignatureAlgorithm(alg)); err != nil {
		return nil, err
	}
	header := []byte(`{"alg":"` + alg + `","typ":"JWT"`)
	if id != "" {
		header = strictjson.AppendString(append(header, `,"kid":`...), id)
	}
	k.header = base64.RawURLEncoding.EncodeToString(append(header, '}'))
	if k.CanSign() && !k.accepts(k) {
		return nil, fmt.Errorf("is a broken %T: it does not verify what it signs", given)
	}
	return k, nil
}

// accepts reports whether k verifies what other signs.
func (k *Key) accepts(other *Key) bool {
	probe := []byte("probe")
	signature, err := other.signer.Sign(probe, other.material().private)
	return err == nil && k.verifier.Verify(probe, signature, k.material().public) == nil
}

// Algorithm returns the key's algorithm, ID its kid.
func (k *Key) Algorithm() string { return k.alg }
func (k *Key) ID() string        { return k.id }

// CanSign reports whether k has a secret or a private key.
func (k *Key) CanSign() bool { return k.material().private != nil }

// Overlaps reports whether whoever holds one of two keys could sign for the other, be it
// with another algorithm. To HMAC, zeros at the end of a secret are as good as nothing.
func (k *Key) Overlaps(other *Key) bool {
	a, b := k.material(), other.material()
	if secret, ok := a.public.([]byte); ok {
		others, ok := b.public.([]byte)
		same := bytes.Equal(bytes.TrimRight(secret, "\x00"), bytes.TrimRight(others, "\x00"))
		hashed := max(len(secret), len(others)) > sha256.BlockSize // then HMAC keys itself with the hash
		return ok && (same || hashed && k.alg == other.alg && k.accepts(other))
	}
	public, ok := a.public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(b.public)
}
