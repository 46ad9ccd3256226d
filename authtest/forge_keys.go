package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
	"time"
)

// A spelledKey is a public key in one of the forms in which public keys are handed out.
type spelledKey struct {
	name string
	text string
}

// publicForms returns the forms of the honest public key. The attacker has all of them.
func (f *forger) publicForms() []spelledKey {
	key, ok := f.key.(crypto.Signer)
	if !ok {
		return nil
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		f.err = err
		return nil
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return append([]spelledKey{
		{"PEM", text},
		{"PEM without the last line break", strings.TrimSuffix(text, "\n")},
		{"PEM with CR LF", strings.ReplaceAll(text, "\n", "\r\n")},
		{"base64 of the PEM", base64.StdEncoding.EncodeToString([]byte(text))},
		{"DER", string(der)},
		{"base64 of the DER", base64.StdEncoding.EncodeToString(der)},
		{"JWK", jwkOf(f.key)},
		{"JWK set", `{"keys":[` + jwkOf(f.key) + `]}`},
		{"line for SSH", sshLine(f.key)},
	}, formsOfKind(f.key)...)
}

// formsOfKind returns the forms that only one kind of key has.
func formsOfKind(key any) []spelledKey {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		pkcs1 := x509.MarshalPKCS1PublicKey(&k.PublicKey)
		n := k.N.Bytes()
		return []spelledKey{
			{"PKCS #1 PEM", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}))},
			{"PKCS #1 DER", string(pkcs1)},
			{"modulus", string(n)},
			{"modulus in base64url", b64(string(n))},
			{"modulus in hex", hex.EncodeToString(n)},
		}
	case *ecdsa.PrivateKey:
		point := pointOf(k)
		x := point[1 : 1+len(point)/2]
		return []spelledKey{
			{"point", point},
			{"compressed point", string([]byte{2 + point[len(point)-1]&1}) + x},
			{"point in hex", hex.EncodeToString([]byte(point))},
			{"x coordinate", x},
			{"x coordinate in base64url", b64(x)},
		}
	case ed25519.PrivateKey:
		x := string(k.Public().(ed25519.PublicKey))
		return []spelledKey{
			{"32 bytes", x},
			{"32 bytes in base64url", b64(x)},
			{"32 bytes in base64", base64.StdEncoding.EncodeToString([]byte(x))},
			{"32 bytes in hex", hex.EncodeToString([]byte(x))},
		}
	}
	return nil
}

// pointOf returns the uncompressed point, without coordinates for a key that has none.
func pointOf(k *ecdsa.PrivateKey) string {
	b, err := k.PublicKey.Bytes()
	if err != nil { // impossible: the key has signed
		return "\x04"
	}
	return string(b)
}

// jwkOf returns the key as a JWK of its required members, in the order of its thumbprint
// (RFC 7638 §3.2). A private key gives its public half.
func jwkOf(key any) string {
	switch k := key.(type) {
	case []byte:
		return `{"k":"` + b64(string(k)) + `","kty":"oct"}`
	case *rsa.PrivateKey:
		e := b64(string(big.NewInt(int64(k.E)).Bytes()))
		return `{"e":"` + e + `","kty":"RSA","n":"` + b64(string(k.N.Bytes())) + `"}`
	case *ecdsa.PrivateKey:
		point := pointOf(k)
		half := 1 + len(point)/2
		x, y := b64(point[1:half]), b64(point[half:])
		return `{"crv":"` + k.Curve.Params().Name + `","kty":"EC","x":"` + x + `","y":"` + y + `"}`
	case ed25519.PrivateKey:
		return `{"crv":"Ed25519","kty":"OKP","x":"` + b64(string(k.Public().(ed25519.PublicKey))) + `"}`
	}
	return "{}"
}

// sshLine returns the public key as OpenSSH writes it (RFC 4253 §6.6, RFC 5656 §3.1,
// RFC 8709 §4).
func sshLine(key any) string {
	var name string
	var fields []string
	switch k := key.(type) {
	case *rsa.PrivateKey:
		name = "ssh-rsa"
		fields = []string{string(big.NewInt(int64(k.E)).Bytes()), "\x00" + string(k.N.Bytes())}
	case *ecdsa.PrivateKey:
		curve := "nistp" + strings.TrimPrefix(k.Curve.Params().Name, "P-")
		name = "ecdsa-sha2-" + curve
		fields = []string{curve, pointOf(k)}
	case ed25519.PrivateKey:
		name = "ssh-ed25519"
		fields = []string{string(k.Public().(ed25519.PublicKey))}
	}
	var wire []byte
	for _, s := range append([]string{name}, fields...) {
		wire = append(binary.BigEndian.AppendUint32(wire, uint32(len(s))), s...)
	}
	return name + " " + base64.StdEncoding.EncodeToString(wire)
}

// certificate returns a self-signed certificate of a key in DER, or nothing for a key that
// has no public half.
func (f *forger) certificate(key any) string {
	private, ok := key.(crypto.Signer)
	if !ok {
		return ""
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil && f.err == nil {
		f.err = err
	}
	return string(der)
}
