package jose_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

func mustKey(t *testing.T, alg string, material any) *jose.Key {
	t.Helper()
	k, err := jose.NewKey(alg, "", material)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustDerive(t *testing.T, k *jose.Key, label string) jose.Derived {
	t.Helper()
	d, ok := k.Derive(label)
	if !ok {
		t.Fatalf("%s derives nothing", k.Algorithm())
	}
	return d
}

// A derived secret is HKDF-SHA256 of the secret part, and its sums are HMAC-SHA256.
func TestDerive(t *testing.T) {
	t.Parallel()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := p256.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := bytes.Repeat([]byte("s3cret.."), 5)
	text := []byte("a text")
	for name, c := range map[string]struct {
		alg              string
		material, public any
		secretPart       []byte
	}{
		"a secret":                {jose.HS256, secret, nil, secret},
		"a secret of another alg": {jose.HS512, secret, nil, secret},
		"RSA":                     {jose.RS256, rsaKey, &rsaKey.PublicKey, rsaKey.D.Bytes()},
		"ECDSA":                   {jose.ES256, p256, &p256.PublicKey, scalar},
		"Ed25519":                 {jose.EdDSA, edKey, edPublic, edKey.Seed()},
	} {
		d := mustDerive(t, mustKey(t, c.alg, c.material), "codes")
		key, err := hkdf.Key(sha256.New, c.secretPart, nil, "codes", sha256.Size)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(text)
		sum := d.Sum([]byte("before "), text)
		if want := mac.Sum([]byte("before ")); !bytes.Equal(sum, want) || len(mac.Sum(nil)) != jose.SumBytes {
			t.Errorf("%s: got the sum %x, want %x", name, sum, want)
		}
		sum = sum[len("before "):]
		if !d.Verifies(text, sum) || d.Verifies(text[1:], sum) || d.Verifies(text, sum[1:]) || d.Verifies(text, nil) {
			t.Errorf("%s: it verifies another text or sum, or not its own", name)
		}
		if other := mustDerive(t, mustKey(t, c.alg, c.material), "other"); other.Verifies(text, sum) {
			t.Errorf("%s: two labels have one secret", name)
		}
		if c.public != nil {
			if _, ok := mustKey(t, c.alg, c.public).Derive("codes"); ok {
				t.Errorf("%s: a public key derives a secret", name)
			}
		}
	}
}

// Deriving the same again, also at once, makes the same secret, and allocates no other.
func TestDeriveAgain(t *testing.T) {
	k := mustKey(t, jose.HS256, strings.Repeat("s3cret..", 5))
	sum := mustDerive(t, k, "codes").Sum(nil, []byte("text"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, label := range []string{"codes", "other"} {
				if d, ok := k.Derive(label); !ok || d.Verifies([]byte("text"), sum) != (label == "codes") {
					t.Errorf("the label %s has the secret of another", label)
				}
			}
		})
	}
	wg.Wait()
	if n := testing.AllocsPerRun(100, func() { k.Derive("codes") }); n > 1 {
		t.Errorf("deriving once more makes %v allocations, want none but the label's", n)
	}
}

// What is derived prints no more of its secret than a key does.
func TestDerivedPrintsNoSecret(t *testing.T) {
	t.Parallel()
	k := mustKey(t, jose.HS256, strings.Repeat("s3cret..", 5))
	d := mustDerive(t, k, "codes")
	for _, v := range []any{k, d, &d, struct{ D jose.Derived }{d}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "s3cret") || strings.Contains(out, "733363726574") {
				t.Errorf("%s of %T prints the secret: %s", verb, v, out)
			}
		}
	}
}
