package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
)

// material is what a key is made of. Each of its methods checks one kind of it and keeps a
// copy. They refuse what is empty, too small or of another kind. [NewKey] then tries
// whether a private key belongs to its public key.
type material struct {
	alg     string
	private any // a []byte, *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or nil
	public  any // a []byte, *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey
	size    int // of a signature, in bytes
}

func newMaterial(alg string, given any) (*material, error) {
	m := &material{alg: alg}
	var err error
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
		err = fmt.Errorf("has the algorithm %.20q, which is not one of HS256, HS384, HS512, "+
			"RS256, RS384, RS512, PS256, ES256, ES384, EdDSA", alg)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *material) secret(given any) error {
	var secret []byte
	switch key := given.(type) {
	case []byte:
		secret = bytes.Clone(key)
	case string:
		secret = []byte(key)
	default:
		return fmt.Errorf("is a %T; %s needs a secret of type []byte or string", given, m.alg)
	}
	if err := NotSecret(m.alg, secret); err != nil {
		return err
	}
	if err := checkText(secret); err != nil {
		return err
	}
	if len(secret) < minSecretBytes {
		return fmt.Errorf("has %d bytes; %s needs %d or more", len(secret), m.alg, minSecretBytes)
	}
	if len(bytes.Trim(secret, "\x00")) == 0 {
		return errors.New("is nothing but zero bytes; fill it with crypto/rand")
	}
	m.private, m.public = secret, secret
	m.size = map[string]int{HS256: 32, HS384: 48, HS512: 64}[m.alg]
	return nil
}

func (m *material) rsa(given any) error {
	var public *rsa.PublicKey
	switch key := given.(type) {
	case *rsa.PrivateKey:
		if key == nil {
			return errors.New("is a nil *rsa.PrivateKey")
		}
		own := *key
		m.private, public = &own, &own.PublicKey
	case *rsa.PublicKey:
		if key != nil {
			own := *key
			public = &own
		}
	default:
		return fmt.Errorf("is a %T; %s needs a *rsa.PrivateKey or *rsa.PublicKey", given, m.alg)
	}
	if public == nil || public.N == nil {
		return errors.New("is an empty RSA key")
	}
	if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("has %d bits; %s needs %d to %d", bits, m.alg, minRSABits, maxRSABits)
	}
	oddModulus := public.N.Sign() == 1 && public.N.Bit(0) == 1
	if !oddModulus || public.E < 3 || public.E > math.MaxInt32 || public.E%2 == 0 {
		return errors.New("has a modulus or exponent that is not one of RSA's")
	}
	m.public = public
	m.size = public.Size()
	return nil
}

func (m *material) ecdsa(given any, curve elliptic.Curve) error {
	var public *ecdsa.PublicKey
	switch key := given.(type) {
	case *ecdsa.PrivateKey:
		if key == nil {
			return errors.New("is a nil *ecdsa.PrivateKey")
		}
		own := *key
		m.private, public = &own, &own.PublicKey
	case *ecdsa.PublicKey:
		if key != nil {
			own := *key
			public = &own
		}
	default:
		return fmt.Errorf("is a %T; %s needs a *ecdsa.PrivateKey or *ecdsa.PublicKey", given, m.alg)
	}
	if public == nil || public.Curve == nil {
		return errors.New("is an empty ECDSA key")
	}
	if public.Curve != curve {
		return fmt.Errorf("is on the curve %s; %s needs %s", public.Params().Name, m.alg, curve.Params().Name)
	}
	if _, err := public.ECDH(); err != nil {
		return errors.New("is not a point of its curve")
	}
	m.public = public
	m.size = 2 * (curve.Params().BitSize / 8)
	return nil
}

func (m *material) ed25519(given any) error {
	var public ed25519.PublicKey
	switch key := given.(type) {
	case ed25519.PrivateKey:
		if len(key) != ed25519.PrivateKeySize {
			return fmt.Errorf("has %d bytes; an Ed25519 private key has %d", len(key), ed25519.PrivateKeySize)
		}
		m.private, public = ed25519.PrivateKey(bytes.Clone(key)), key.Public().(ed25519.PublicKey)
	case ed25519.PublicKey:
		public = bytes.Clone(key)
	default:
		return fmt.Errorf("is a %T; %s needs an ed25519.PrivateKey or ed25519.PublicKey", given, m.alg)
	}
	if len(public) != ed25519.PublicKeySize {
		return fmt.Errorf("has %d bytes; an Ed25519 public key has %d", len(public), ed25519.PublicKeySize)
	}
	if smallOrder(public) {
		return errors.New("is a point of small order, whose signatures anyone can forge; make a new key")
	}
	m.public = public
	m.size = ed25519.SignatureSize
	return nil
}

// smallOrder reports whether public is one of the points of edwards25519 whose order
// divides 8, in any encoding that Go accepts. One of them is 32 zero bytes, which is a key
// that was never filled in.
func smallOrder(public ed25519.PublicKey) bool {
	y := bytes.Clone(public)
	y[31] &= 0x7f // the sign of x
	for _, weak := range [...]string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		if hex.EncodeToString(y) == weak {
			return true
		}
	}
	return false
}
