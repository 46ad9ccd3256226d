//lint:file-ignore SA1019 the tests make keys of raw numbers, broken ones too

package jose_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// An Ed25519 public key of 32 zero bytes is a point of order 4. The signature (R = 1,
// S = 0) can be written down without any key and is right for every fourth message.
func TestS05_EmptyEd25519KeyVerifiesNothing(t *testing.T) {
	t.Parallel()
	identity := append([]byte{1}, make([]byte, 31)...)
	negated := append([]byte{1}, make([]byte, 31)...)
	negated[31] = 0x80
	for _, public := range [][]byte{make([]byte, 32), identity, negated} {
		k, err := jose.NewKey(jose.EdDSA, "", ed25519.PublicKey(public))
		if err != nil {
			continue
		}
		for i := range 64 {
			forged := forge(`{"alg":"EdDSA"}`, fmt.Sprintf(`{"admin":%d}`, i), func(string) []byte {
				return append([]byte{1}, make([]byte, 63)...)
			})
			if opens(forged, k) {
				t.Errorf("the key %x of small order verifies a forgery", public)
				break
			}
		}
	}
}

// HMAC pads its key with zeros: 32 of them are the empty key.
func TestS05_ZeroSecretIsNoSecret(t *testing.T) {
	t.Parallel()
	if _, err := jose.NewKey(jose.HS256, "", make([]byte, 32)); err == nil {
		t.Error("NewKey took a secret of 32 zero bytes")
	}
}

// HMAC pads its key with zeros: these two secrets verify each other's tokens.
func TestOverlapsPadded(t *testing.T) {
	t.Parallel()
	a, b := newKey(t, jose.HS256, "", "\xff"+ourSecret), newKey(t, jose.HS256, "", "\xff"+ourSecret+"\x00")
	if token := must(a.Sign([]byte("{}"))); opens(token, b) && !a.Overlaps(b) {
		t.Error("two keys verify each other's tokens and share no secret")
	}
}

func TestS05_HalfPrivateKeys(t *testing.T) {
	t.Parallel()
	r, r2 := one(ours(), jose.RS256).private.(*rsa.PrivateKey), one(theirs(), jose.RS256).private.(*rsa.PrivateKey)
	p256, e2 := one(ours(), jose.ES256).private.(*ecdsa.PrivateKey), one(theirs(), jose.ES256).private.(*ecdsa.PrivateKey)
	ed, ed2 := one(ours(), jose.EdDSA).private.(ed25519.PrivateKey), one(theirs(), jose.EdDSA).private.(ed25519.PrivateKey)
	var nilCurve *elliptic.CurveParams
	for name, c := range map[string]struct {
		alg      string
		material any
	}{
		"ECDSA, D nil (Sign panics)":      {jose.ES256, &ecdsa.PrivateKey{PublicKey: p256.PublicKey}},
		"ECDSA, D 0":                      {jose.ES256, &ecdsa.PrivateKey{PublicKey: p256.PublicKey, D: new(big.Int)}},
		"ECDSA, another's D":              {jose.ES256, &ecdsa.PrivateKey{PublicKey: p256.PublicKey, D: e2.D}},
		"RSA, D nil":                      {jose.RS256, &rsa.PrivateKey{PublicKey: r.PublicKey}},
		"RSA, another's primes":           {jose.RS256, &rsa.PrivateKey{PublicKey: r.PublicKey, D: r2.D, Primes: r2.Primes}},
		"RSA, even modulus":               {jose.RS256, &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}},
		"RSA, negative modulus":           {jose.RS256, &rsa.PublicKey{N: new(big.Int).Neg(r.N), E: 65537}},
		"RSA, exponent over 32 bits":      {jose.RS256, &rsa.PublicKey{N: r.N, E: 1<<40 + 1}},
		"Ed25519, another's public half":  {jose.EdDSA, append(append(ed25519.PrivateKey{}, ed[:32]...), ed2[32:]...)},
		"Ed25519, 64 zero bytes":          {jose.EdDSA, ed25519.PrivateKey(make([]byte, 64))},
		"ECDSA, typed nil curve (panics)": {jose.ES256, &ecdsa.PublicKey{Curve: nilCurve, X: new(big.Int), Y: new(big.Int)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic: %v", r)
				}
			}()
			k, err := jose.NewKey(c.alg, "", c.material)
			if err != nil {
				return
			}
			t.Error("NewKey took it")
			if k.CanSign() {
				token, err := k.Sign([]byte("{}"))
				t.Logf("Sign: %v; verifies: %v", err, err == nil && opens(token, k))
			}
		})
	}
}

// A kid that is not UTF-8 would come back as U+FFFD, and the key would refuse its tokens.
func TestKeyIDIsUTF8(t *testing.T) {
	t.Parallel()
	if k, err := jose.NewKey(jose.HS256, "k\xff", ourSecret); err == nil && !opens(must(k.Sign([]byte("{}"))), k) {
		t.Error("the key refuses what it has signed")
	}
}

// A Key never changes.
func TestKeyCopiesPointers(t *testing.T) {
	t.Parallel()
	public := *one(ours(), jose.RS256).public.(*rsa.PublicKey)
	k := newKey(t, jose.RS256, "", &public)
	public.N = one(theirs(), jose.RS256).public.(*rsa.PublicKey).N
	mustRefuse(t, forge(`{"alg":"RS256"}`, "{}", one(theirs(), jose.RS256).sign), k)
}

// Parse takes the signature of the largest RSA key that NewKey takes, of 16,384 bits.
func TestLongestSignature(t *testing.T) {
	t.Parallel()
	token := forge(`{"alg":"RS512"}`, "{}", func(string) []byte { return make([]byte, 16384/8) })
	if _, err := jose.Parse(token); err != nil {
		t.Error(err)
	}
}

// What Sign returns without an error, Parse takes.
func TestSignMakesOnlyWhatParseTakes(t *testing.T) {
	t.Parallel()
	k := one(ours(), jose.HS256).key(t, "")
	for _, payload := range []string{"", strings.Repeat("x", jose.MaxTokenBytes)} {
		if token, err := k.Sign([]byte(payload)); err == nil && !opens(token, k) {
			t.Errorf("Sign made a token of %d bytes that Parse refuses", len(token))
		}
	}
}
