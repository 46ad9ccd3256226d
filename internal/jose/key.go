// Package jose makes and checks JSON Web Signatures in the compact serialisation
// (RFC 7515 §7.1). It has no other serialisation and no encryption, and it knows no claims
// and no users. The signatures are those of crypto/hmac and of jwx, which no other package
// imports. The envelope around them is strict and our own, because a door must know one
// spelling of each token.
package jose

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/lestrrat-go/jwx/v2/jwk"
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
	minSecretBytes = 32   // the output of HS256, RFC 7518 §3.2
	minRSABits     = 2048 // RFC 7518 §3.3
	maxRSABits     = 8 * maxSignatureBytes
	maxKeyIDBytes  = 256
)

// A Key is checked key material that is bound to one algorithm. It never changes and is
// safe for concurrent use.
type Key struct {
	alg     string
	id      string // as it was given
	shownID string // id, or the thumbprint
	header  string // the protected header of what the key signs, in base64url

	// What holds the secret is behind a function, because fmt prints what a pointer points
	// at, under some verbs, but never what a function encloses. A host may print the struct
	// that holds a Key.
	secrets func() (*material, scheme)
	derived sync.Map // by label: what Derive has made
}

// NewKey checks the given material against alg and returns a key. The material of HS256,
// HS384 and HS512 is a []byte or string. That of the others is a pointer to a key of
// crypto/rsa or crypto/ecdsa, or a key of crypto/ed25519: a private key signs and verifies,
// a public key only verifies. id is the kid, up to 256 bytes. Where it is empty, the kid of
// what an asymmetric key signs is the key's thumbprint (RFC 7638), and a secret has none.
//
// The error's text goes on from the name of a key ("has 16 bytes; HS256 needs 32 or more").
// It never quotes the material.
func NewKey(alg, id string, given any) (k *Key, err error) {
	defer func() {
		if recover() != nil { // Go's own checks panic on keys with nil numbers in them
			k, err = nil, fmt.Errorf("is an incomplete %T", given)
		}
	}()
	if len(id) > maxKeyIDBytes {
		return nil, fmt.Errorf("has an ID of %d bytes; it may have %d at most", len(id), maxKeyIDBytes)
	}
	if !utf8.ValidString(id) {
		return nil, errors.New("has an ID that is not valid UTF-8")
	}
	m, err := newMaterial(alg, given)
	if err != nil {
		return nil, err
	}
	shownID := id
	if id == "" {
		if shownID, err = thumbprint(m.public); err != nil {
			return nil, err
		}
	}
	sch, err := newScheme(m)
	if err != nil {
		return nil, err
	}
	k = &Key{
		alg: alg, id: id, shownID: shownID, header: header(alg, shownID),
		secrets: func() (*material, scheme) { return m, sch },
	}
	if k.CanSign() && !k.accepts(k) {
		return nil, fmt.Errorf("is a broken %T: it does not verify what it signs", given)
	}
	return k, nil
}

// thumbprint returns the RFC 7638 thumbprint of a public key, and nothing of a secret, of
// which it would say too much.
func thumbprint(public any) (string, error) {
	if _, secret := public.([]byte); secret {
		return "", nil
	}
	key, err := jwk.FromRaw(public)
	if err != nil {
		return "", err
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}

// header returns the protected header of the tokens that a key signs, in base64url.
func header(alg, id string) string {
	text := []byte(`{"alg":"` + alg + `","typ":"JWT"`)
	if id != "" {
		text = strictjson.AppendString(append(text, `,"kid":`...), id)
	}
	return base64.RawURLEncoding.EncodeToString(append(text, '}'))
}

// accepts reports whether k verifies what other signs.
func (k *Key) accepts(other *Key) bool {
	probe := []byte("probe")
	signature, err := other.scheme().sign(nil, probe)
	return err == nil && k.scheme().verifies(probe, signature)
}

func (k *Key) material() *material {
	m, _ := k.secrets()
	return m
}

func (k *Key) scheme() scheme {
	_, s := k.secrets()
	return s
}

// Algorithm returns the key's algorithm.
func (k *Key) Algorithm() string { return k.alg }

// ID returns the kid of what the key signs, empty for none.
func (k *Key) ID() string { return k.shownID }

// CanSign reports whether k has a secret or a private key.
func (k *Key) CanSign() bool { return k.material().private != nil }

// Overlaps reports whether the holder of one key could sign for the other, with another
// algorithm if need be.
func (k *Key) Overlaps(other *Key) bool {
	a, b := k.material().public, other.material().public
	secret, ok := a.([]byte)
	if !ok {
		return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
	}
	otherSecret, ok := b.([]byte)
	return ok && shareOne(hmacKeys(secret), hmacKeys(otherSecret))
}

// hmacKeys returns what a secret is to HMAC with any of its hashes. It is padded with zeros
// there, which are left out here, and one that is longer than a block is hashed (RFC 2104
// §2).
func hmacKeys(secret []byte) map[string]bool {
	keys := map[string]bool{string(bytes.TrimRight(secret, "\x00")): true}
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		if hash := h.New(); len(secret) > hash.BlockSize() {
			hash.Write(secret)
			keys[string(bytes.TrimRight(hash.Sum(nil), "\x00"))] = true
		}
	}
	return keys
}

func shareOne(a, b map[string]bool) bool {
	for key := range a {
		if b[key] {
			return true
		}
	}
	return false
}
