//lint:file-ignore SA1019 the tests make keys of raw numbers, broken ones too

package jose_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// bad is material that NewKey refuses, with what the error tells the reader: %s stands for
// the algorithm.
type bad struct {
	name     string
	material any
	want     string
}

// modulus is an odd number of so many bits. NewKey has to judge it by its size.
func modulus(bits int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return n.SetBit(n, 0, 1)
}

func publicPEM(public any) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(public))})
}

func badSecrets() []bad {
	r := one(ours(), jose.RS256).private.(*rsa.PrivateKey)
	p256 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey)
	ed := one(ours(), jose.EdDSA).private.(ed25519.PrivateKey)
	return []bad{
		{"no bytes", []byte{}, "has 0 bytes; %s needs 32"},
		{"nil bytes", []byte(nil), "has 0 bytes; %s needs 32"},
		{"empty string", "", "has 0 bytes; %s needs 32"},
		{"1 byte", "k", "has 1 bytes; %s needs 32"},
		{"31 bytes", []byte(ourSecret[:31]), "has 31 bytes; %s needs 32"},
		{"31 bytes as a string", ourSecret[:31], "has 31 bytes; %s needs 32"},
		{"zero bytes", make([]byte, 32), "is nothing but zero bytes; fill it with crypto/rand"},
		{"RSA public key's PEM", publicPEM(&r.PublicKey), "PEM text; %s needs a secret"},
		{"RSA public key's PEM as a string", string(publicPEM(&r.PublicKey)), "PEM text; %s needs a secret"},
		{"PEM after white space", "\r\n \t" + string(publicPEM(&p256.PublicKey)), "PEM text"},
		{"PEM of a certificate", "-----BEGIN CERTIFICATE-----\n" + strings.Repeat("A", 64), "PEM text"},
		{"nil", nil, "needs a secret of type []byte or string"},
		{"private RSA key", r, "is a *rsa.PrivateKey; %s needs a secret"},
		{"public Ed25519 key, a slice of bytes too", ed.Public(), "is a ed25519.PublicKey; %s needs a secret"},
		{"raw JSON, a slice of bytes too", json.RawMessage(ourSecret), "is a json.RawMessage; %s needs a secret"},
		{"array", [32]byte{1}, "is a [32]uint8; %s needs a secret"},
	}
}

func badRSA() []bad {
	r := one(ours(), jose.RS256).private.(*rsa.PrivateKey)
	p256 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey)
	small := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: modulus(1024), E: 65537}, D: big.NewInt(3)}
	const notRSA = "modulus or exponent that is not one of RSA's"
	return []bad{
		{"nil", nil, "needs a *rsa.PrivateKey or *rsa.PublicKey"},
		{"nil private key", (*rsa.PrivateKey)(nil), "nil *rsa.PrivateKey"},
		{"nil public key", (*rsa.PublicKey)(nil), "empty RSA key"},
		{"zero private key", &rsa.PrivateKey{}, "empty RSA key"},
		{"zero public key", &rsa.PublicKey{}, "empty RSA key"},
		{"modulus 0", &rsa.PublicKey{N: new(big.Int), E: 65537}, "has 0 bits; %s needs 2048"},
		{"512 bits", &rsa.PublicKey{N: modulus(512), E: 65537}, "has 512 bits; %s needs 2048"},
		{"1024 bits", &rsa.PublicKey{N: modulus(1024), E: 65537}, "has 1024 bits; %s needs 2048"},
		{"1024 bits, private", small, "has 1024 bits; %s needs 2048"},
		{"2047 bits", &rsa.PublicKey{N: modulus(2047), E: 65537}, "has 2047 bits; %s needs 2048"},
		{"16385 bits", &rsa.PublicKey{N: modulus(16385), E: 65537}, "has 16385 bits; %s needs 2048 to 16384"},
		{"exponent 65536", &rsa.PublicKey{N: r.N, E: 65536}, notRSA},
		{"exponent 0", &rsa.PublicKey{N: r.N}, notRSA},
		{"exponent 1, whose signature is the message", &rsa.PublicKey{N: r.N, E: 1}, notRSA},
		{"exponent 2", &rsa.PublicKey{N: r.N, E: 2}, notRSA},
		{"negative exponent", &rsa.PublicKey{N: r.N, E: -3}, notRSA},
		{"key by value", *r, "is a rsa.PrivateKey; %s needs a *rsa.PrivateKey"},
		{"ECDSA key", p256, "is a *ecdsa.PrivateKey; %s needs a *rsa.PrivateKey"},
		{"PEM", publicPEM(&r.PublicKey), "is a []uint8; %s needs a *rsa.PrivateKey"},
		{"secret", ourSecret, "is a string; %s needs a *rsa.PrivateKey"},
	}
}

// badECDSA returns material that is bad for every curve. other is a key of another curve
// than the right one, and want what the error says of it.
func badECDSA(other *ecdsa.PrivateKey, want string) []bad {
	r := one(ours(), jose.RS256).private.(*rsa.PrivateKey)
	p256 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey)
	p521 := must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	return []bad{
		{"nil", nil, "needs a *ecdsa.PrivateKey or *ecdsa.PublicKey"},
		{"nil private key", (*ecdsa.PrivateKey)(nil), "nil *ecdsa.PrivateKey"},
		{"nil public key", (*ecdsa.PublicKey)(nil), "empty ECDSA key"},
		{"zero private key", &ecdsa.PrivateKey{}, "empty ECDSA key"},
		{"zero public key", &ecdsa.PublicKey{}, "empty ECDSA key"},
		{"no coordinates", &ecdsa.PublicKey{Curve: other.Curve}, want},
		{"other curve", other, want},
		{"other curve, public", &other.PublicKey, want},
		{"P-521", p521, "is on the curve P-521; %s needs P-"},
		{"key by value", *p256, "is a ecdsa.PrivateKey; %s needs a *ecdsa.PrivateKey"},
		{"RSA key", r, "is a *rsa.PrivateKey; %s needs a *ecdsa.PrivateKey"},
		{"secret", []byte(ourSecret), "is a []uint8; %s needs a *ecdsa.PrivateKey"},
	}
}

func badPoints(c elliptic.Curve) []bad {
	const offCurve = "not a point of its curve"
	return []bad{
		{"point at infinity", &ecdsa.PublicKey{Curve: c, X: new(big.Int), Y: new(big.Int)}, offCurve},
		{"off the curve", &ecdsa.PublicKey{Curve: c, X: big.NewInt(1), Y: big.NewInt(1)}, offCurve},
		{"negative coordinate", &ecdsa.PublicKey{Curve: c, X: big.NewInt(-1), Y: big.NewInt(1)}, offCurve},
		{"coordinate over the field's size", &ecdsa.PublicKey{Curve: c, X: modulus(600), Y: modulus(600)}, offCurve},
	}
}

func badEd25519() []bad {
	p256 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey)
	ed := one(ours(), jose.EdDSA).private.(ed25519.PrivateKey)
	return []bad{
		{"nil", nil, "needs an ed25519.PrivateKey or ed25519.PublicKey"},
		{"nil private key", ed25519.PrivateKey(nil), "has 0 bytes; an Ed25519 private key has 64"},
		{"nil public key", ed25519.PublicKey(nil), "has 0 bytes; an Ed25519 public key has 32"},
		{"seed as a private key", ed25519.PrivateKey(ed.Seed()), "has 32 bytes; an Ed25519 private key has 64"},
		{"private key as a public one", ed25519.PublicKey(ed), "has 64 bytes; an Ed25519 public key has 32"},
		{"short private key", ed[:63], "has 63 bytes"},
		{"long private key", append(slices.Clone(ed), 0), "has 65 bytes"},
		{"short public key", ed25519.PublicKey(ed[:31]), "has 31 bytes"},
		{"bytes", []byte(ed), "is a []uint8; %s needs an ed25519.PrivateKey"},
		{"pointer", &ed, "is a *ed25519.PrivateKey; %s needs an ed25519.PrivateKey"},
		{"ECDSA key", p256, "is a *ecdsa.PrivateKey; %s needs an ed25519.PrivateKey"},
	}
}

func TestS05_NewKeyRefusesBadMaterial(t *testing.T) {
	t.Parallel()
	p256 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey)
	p384 := one(ours(), jose.ES384).private.(*ecdsa.PrivateKey)
	for alg, cases := range map[string][]bad{
		jose.HS256: badSecrets(), jose.HS384: badSecrets(), jose.HS512: badSecrets(),
		jose.RS256: badRSA(), jose.RS384: badRSA(), jose.RS512: badRSA(), jose.PS256: badRSA(),
		jose.ES256: append(badECDSA(p384, "is on the curve P-384; %s needs P-256"), badPoints(elliptic.P256())...),
		jose.ES384: append(badECDSA(p256, "is on the curve P-256; %s needs P-384"), badPoints(elliptic.P384())...),
		jose.EdDSA: badEd25519(),
	} {
		for _, c := range cases {
			t.Run(alg+" "+c.name, func(t *testing.T) {
				t.Parallel()
				k, err := jose.NewKey(alg, "id", c.material)
				if err == nil {
					t.Fatalf("NewKey took %T", c.material)
				}
				if k != nil {
					t.Error("NewKey returned a key with its error")
				}
				if want := strings.ReplaceAll(c.want, "%s", alg); !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want one with %q", err, want)
				}
				leaksNothing(t, err.Error(), c.material)
			})
		}
	}
}

// The bounds themselves are within.
func TestNewKeyTakesEveryRSAKeyWithinTheBounds(t *testing.T) {
	t.Parallel()
	n := one(ours(), jose.RS256).public.(*rsa.PublicKey).N
	for name, public := range map[string]*rsa.PublicKey{
		"2048 bits":         {N: modulus(2048), E: 65537},
		"16384 bits":        {N: modulus(16384), E: 65537},
		"exponent 3":        {N: n, E: 3},
		"exponent 2^31 - 1": {N: n, E: 1<<31 - 1},
	} {
		if _, err := jose.NewKey(jose.RS256, "", public); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// leaksNothing fails when text has 4 bytes of the material's secret in a row in it, as
// text, in hex or in base64.
func leaksNothing(t *testing.T, text string, material any) {
	t.Helper()
	var secret []byte
	switch m := material.(type) {
	case []byte:
		secret = m
	case json.RawMessage:
		secret = m
	case ed25519.PrivateKey:
		secret = m
	case string:
		secret = []byte(m)
	case *rsa.PrivateKey:
		if m != nil && m.D != nil {
			secret = m.D.Bytes()
		}
	case *ecdsa.PrivateKey:
		if m != nil && m.D != nil {
			secret = m.D.Bytes()
		}
	}
	if bytes.Contains(secret, []byte("-----BEGIN")) {
		return // public, and the error names the PEM's first words
	}
	for part := range slices.Chunk(secret, 6) {
		if len(part) < 6 {
			break
		}
		for _, s := range []string{
			string(part), fmt.Sprintf("%x", part),
			base64.RawURLEncoding.EncodeToString(part), base64.StdEncoding.EncodeToString(part),
		} {
			if strings.Contains(text, s) {
				t.Errorf("error %q quotes the secret", text)
			}
		}
	}
}
