package secrets

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// keyOf returns the key in a PEM block, of crypto/rsa, crypto/ecdsa or crypto/ed25519, or
// of a kind that signs nothing.
func keyOf(block *pem.Block) (key any, err error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("has an encrypted private key: decrypt it with openssl pkey")
	}
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		return nil, errors.New("has a certificate: write its public key, as openssl x509 -pubkey -noout does")
	default:
		return nil, errors.New("has a PEM block that is neither a PRIVATE KEY nor a PUBLIC KEY")
	}
	if err != nil { // its text may quote numbers of the key
		return nil, fmt.Errorf("has a broken %s in PEM", block.Type)
	}
	return key, nil
}

// algorithmOf returns the algorithm that fits a key, and the public key.
func algorithmOf(key any) (algorithm string, public any, err error) {
	public = key
	if private, ok := key.(crypto.Signer); ok {
		public = private.Public()
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		return "RS256", public, nil
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P384() {
			return "ES384", public, nil
		}
		return "ES256", public, nil // NewKey says what is wrong with another curve
	case ed25519.PublicKey:
		return "EdDSA", public, nil
	}
	return "", nil, fmt.Errorf("has a %T, which signs nothing: use RSA, P-256, P-384 or Ed25519", key)
}
