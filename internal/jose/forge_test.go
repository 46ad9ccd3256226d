package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// The tests make their tokens byte by byte with the standard library's primitives: a
// forger that used the package under test would share its mistakes.

// A signFunc signs any bytes, however wrong, with the key that it encloses.
type signFunc func(signed string) []byte

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forge signs the header and payload texts as they are.
func forge(header, payload string, sign signFunc) string {
	return forgeParts(b64(header), b64(payload), sign)
}

// forgeParts signs parts that are encoded already, rightly or wrongly.
func forgeParts(header, payload string, sign signFunc) string {
	signed := header + "." + payload
	return signed + "." + b64(string(sign(signed)))
}

func signHMAC(newHash func() hash.Hash, secret []byte) signFunc {
	return func(signed string) []byte {
		mac := hmac.New(newHash, secret)
		mac.Write([]byte(signed))
		return mac.Sum(nil)
	}
}

func digest(h crypto.Hash, s string) []byte {
	d := h.New()
	d.Write([]byte(s))
	return d.Sum(nil)
}

func signPKCS1(key *rsa.PrivateKey, h crypto.Hash) signFunc {
	return func(signed string) []byte {
		return must(rsa.SignPKCS1v15(nil, key, h, digest(h, signed)))
	}
}

func signPSS(key *rsa.PrivateKey, h crypto.Hash) signFunc {
	return func(signed string) []byte {
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		return must(rsa.SignPSS(rand.Reader, key, h, digest(h, signed), options))
	}
}

// signECDSA returns r and s side by side, RFC 7518 §3.4.
func signECDSA(key *ecdsa.PrivateKey, h crypto.Hash) signFunc {
	return func(signed string) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest(h, signed))
		if err != nil {
			panic(err)
		}
		size := (key.Curve.Params().BitSize + 7) / 8
		out := make([]byte, 2*size)
		r.FillBytes(out[:size])
		s.FillBytes(out[size:])
		return out
	}
}

func signEd25519(key ed25519.PrivateKey) signFunc {
	return func(signed string) []byte { return ed25519.Sign(key, []byte(signed)) }
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A party is an algorithm with material for it. Ours and the attacker's are made once,
// because RSA keys take their time.
type party struct {
	alg             string
	private, public any
	sign            signFunc
}

// key returns the party's key with the given ID, which signs and verifies.
func (p party) key(t testing.TB, id string) *jose.Key {
	t.Helper()
	return newKey(t, p.alg, id, p.private)
}

func newKey(t testing.TB, alg, id string, material any) *jose.Key {
	t.Helper()
	k, err := jose.NewKey(alg, id, material)
	if err != nil {
		t.Fatalf("NewKey(%s): %v", alg, err)
	}
	return k
}

const ourSecret = "5Yq8ZpT3vN7xKd2mWc9RhG4bLs6JfE1u" // 32 bytes, the fewest

var (
	ours = sync.OnceValue(func() []party {
		return parties([]byte(ourSecret), must(rsa.GenerateKey(rand.Reader, 2048)))
	})
	theirs = sync.OnceValue(func() []party {
		return parties([]byte("Qw8nB5zX1cV7aS3dF9gH2jK4lP6oI0uYtR"), must(rsa.GenerateKey(rand.Reader, 2048)))
	})
)

// parties returns one party for each of the ten algorithms. The HMAC ones share their
// secret and the RSA ones their key, so that only the algorithm tells them apart.
func parties(secret []byte, r *rsa.PrivateKey) []party {
	p256 := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	edPublic, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return []party{
		{jose.HS256, secret, secret, signHMAC(sha256.New, secret)},
		{jose.HS384, secret, secret, signHMAC(sha512.New384, secret)},
		{jose.HS512, secret, secret, signHMAC(sha512.New, secret)},
		{jose.RS256, r, &r.PublicKey, signPKCS1(r, crypto.SHA256)},
		{jose.RS384, r, &r.PublicKey, signPKCS1(r, crypto.SHA384)},
		{jose.RS512, r, &r.PublicKey, signPKCS1(r, crypto.SHA512)},
		{jose.PS256, r, &r.PublicKey, signPSS(r, crypto.SHA256)},
		{jose.ES256, p256, &p256.PublicKey, signECDSA(p256, crypto.SHA256)},
		{jose.ES384, p384, &p384.PublicKey, signECDSA(p384, crypto.SHA384)},
		{jose.EdDSA, ed, edPublic, signEd25519(ed)},
	}
}

// one returns the party of all that has the algorithm.
func one(all []party, alg string) party {
	for _, p := range all {
		if p.alg == alg {
			return p
		}
	}
	panic("no party for " + alg)
}

// opens reports whether a door with the key k lets the token in.
func opens(token string, k *jose.Key) bool {
	t, err := jose.Parse(token)
	return err == nil && t.VerifiedBy(k)
}

// mustOpen is the control of a test of refusals: without the one thing that is wrong
// with its forgeries, the door opens, and the payload is the one that was signed.
func mustOpen(t *testing.T, token string, k *jose.Key, payload string) {
	t.Helper()
	parsed, err := jose.Parse(token)
	if err != nil {
		t.Fatalf("Parse(%.200q): %v", token, err)
	}
	if !parsed.VerifiedBy(k) {
		t.Fatalf("%s key does not verify its own token %.200q", k.Algorithm(), token)
	}
	if string(parsed.Payload) != payload {
		t.Fatalf("payload %q, want %q", parsed.Payload, payload)
	}
}

func mustRefuse(t *testing.T, token string, k *jose.Key) {
	t.Helper()
	if opens(token, k) {
		t.Errorf("%s key %q accepted %.300q", k.Algorithm(), k.ID(), token)
	}
}
