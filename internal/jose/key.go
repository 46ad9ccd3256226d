// Package jose makes and checks JSON Web Signatures in the compact serialisation
// (RFC 7515 §7.1), and nothing else: no other serialisation, no encryption, no user.
// The signatures are jwx's; the envelope around them is strict and our own, because a
// door must know exactly one spelling of each token. It is the only importer of jwx.
package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

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
	maxKeyIDBytes  = 256
)

// A Key is checked key material bound to one algorithm, ready for use. It is immutable
// and safe for concurrent use.
type Key struct {
	alg      string
	id       string
	header   string // the protected header of what the key signs, base64url
	signer   jws.Signer
	verifier jws.Verifier
	private  any // a []byte, *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or nil
	public   any // a []byte, *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey
	size     int // of its signatures, in bytes
}

// NewKey checks material against alg and returns a key. Material is a []byte or string
// for HS…, a pointer to an rsa or ecdsa key, or an ed25519 key; a private key signs and
// verifies, a public key only verifies. id is the kid, empty for none. The error's text
// says what is wrong with the material and never quotes it.
func NewKey(alg, id string, material any) (*Key, error) {
	k := &Key{alg: alg, id: id}
	if len(id) > maxKeyIDBytes {
		return nil, fmt.Errorf("has an ID of %d bytes; %d is the most", len(id), maxKeyIDBytes)
	}
	var err error
	switch alg {
	case HS256, HS384, HS512:
		err = k.secret(material)
	case RS256, RS384, RS512, PS256:
		err = k.rsa(material)
	case ES256:
		err = k.ecdsa(material, elliptic.P256())
	case ES384:
		err = k.ecdsa(material, elliptic.P384())
	case EdDSA:
		err = k.ed25519(material)
	default:
		return nil, fmt.Errorf("has the algorithm %.20q, which is not one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384, EdDSA", alg)
	}
	if err != nil {
		return nil, err
	}
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
	return k, nil
}

// Algorithm returns the key's algorithm, ID its kid.
func (k *Key) Algorithm() string { return k.alg }
func (k *Key) ID() string        { return k.id }

// CanSign reports whether k has a secret or a private key.
func (k *Key) CanSign() bool { return k.private != nil }

// SharesSecret reports whether two keys are the same HMAC secret.
func (k *Key) SharesSecret(other *Key) bool {
	a, ok := k.private.([]byte)
	b, ok2 := other.private.([]byte)
	return ok && ok2 && subtle.ConstantTimeCompare(a, b) == 1
}

func (k *Key) secret(material any) error {
	var secret []byte
	switch m := material.(type) {
	case []byte:
		secret = bytes.Clone(m)
	case string:
		secret = []byte(m)
	default:
		return fmt.Errorf("is a %T; %s needs a secret of type []byte or string", material, k.alg)
	}
	if bytes.HasPrefix(bytes.TrimSpace(secret), []byte("-----BEGIN ")) {
		return fmt.Errorf("is a PEM text; %s needs a secret that nobody else has (to use a public key, parse it with crypto/x509 and choose an RS, PS, ES or EdDSA algorithm)", k.alg)
	}
	if len(secret) < minSecretBytes {
		return fmt.Errorf("has %d bytes; %s needs %d or more", len(secret), k.alg, minSecretBytes)
	}
	k.private, k.public = secret, secret
	k.size = map[string]int{HS256: 32, HS384: 48, HS512: 64}[k.alg]
	return nil
}

func (k *Key) rsa(material any) error {
	var public *rsa.PublicKey
	switch m := material.(type) {
	case *rsa.PrivateKey:
		if m == nil {
			return errors.New("is a nil *rsa.PrivateKey")
		}
		k.private, public = m, &m.PublicKey
	case *rsa.PublicKey:
		public = m
	default:
		return fmt.Errorf("is a %T; %s needs a *rsa.PrivateKey or *rsa.PublicKey", material, k.alg)
	}
	if public == nil || public.N == nil {
		return errors.New("is an empty RSA key")
	}
	if bits := public.N.BitLen(); bits < minRSABits {
		return fmt.Errorf("has %d bits; %s needs %d or more", bits, k.alg, minRSABits)
	}
	if public.E < 3 || public.E&1 == 0 {
		return fmt.Errorf("has the public exponent %d, which is not one of RSA's", public.E)
	}
	k.public = public
	k.size = public.Size()
	return nil
}

func (k *Key) ecdsa(material any, curve elliptic.Curve) error {
	var public *ecdsa.PublicKey
	switch m := material.(type) {
	case *ecdsa.PrivateKey:
		if m == nil {
			return errors.New("is a nil *ecdsa.PrivateKey")
		}
		k.private, public = m, &m.PublicKey
	case *ecdsa.PublicKey:
		public = m
	default:
		return fmt.Errorf("is a %T; %s needs a *ecdsa.PrivateKey or *ecdsa.PublicKey", material, k.alg)
	}
	//lint:ignore SA1019 ECDH panics on coordinates that are nil
	if public == nil || public.Curve == nil || public.X == nil || public.Y == nil {
		return errors.New("is an empty ECDSA key")
	}
	if public.Curve != curve {
		return fmt.Errorf("is on the curve %s; %s needs %s", public.Params().Name, k.alg, curve.Params().Name)
	}
	if _, err := public.ECDH(); err != nil {
		return errors.New("is not a point of its curve")
	}
	k.public = public
	k.size = 2 * (curve.Params().BitSize / 8)
	return nil
}

func (k *Key) ed25519(material any) error {
	var public ed25519.PublicKey
	switch m := material.(type) {
	case ed25519.PrivateKey:
		if len(m) != ed25519.PrivateKeySize {
			return fmt.Errorf("has %d bytes; an Ed25519 private key has %d", len(m), ed25519.PrivateKeySize)
		}
		k.private, public = ed25519.PrivateKey(bytes.Clone(m)), m.Public().(ed25519.PublicKey)
	case ed25519.PublicKey:
		public = bytes.Clone(m)
	default:
		return fmt.Errorf("is a %T; %s needs an ed25519.PrivateKey or ed25519.PublicKey", material, k.alg)
	}
	if len(public) != ed25519.PublicKeySize {
		return fmt.Errorf("has %d bytes; an Ed25519 public key has %d", len(public), ed25519.PublicKeySize)
	}
	k.public = public
	k.size = ed25519.SignatureSize
	return nil
}
