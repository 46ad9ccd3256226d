package deskauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A signer is an algorithm with what signs, and with what another service checks the
// signature, by the standard library alone.
type signer struct {
	private, public any
	check           func(signed, signature []byte) bool
}

// signers are the ten algorithms.
func signers(t *testing.T) map[string]signer {
	t.Helper()
	private := testkit.RSAKey()
	public := &private.PublicKey
	all := map[string]signer{
		"PS256": {private, public, func(signed, signature []byte) bool {
			return rsa.VerifyPSS(public, crypto.SHA256, digest(crypto.SHA256, signed), signature, nil) == nil
		}},
		"ES256": ecdsaSigner(t, elliptic.P256(), crypto.SHA256),
		"ES384": ecdsaSigner(t, elliptic.P384(), crypto.SHA384),
	}
	secret := strings.Repeat("a secret of 64 bytes, for all. ", 3) + "."
	for size, h := range map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512} {
		all["HS"+size] = signer{secret, secret, func(signed, signature []byte) bool {
			mac := hmac.New(h.New, []byte(secret))
			mac.Write(signed)
			return hmac.Equal(mac.Sum(nil), signature)
		}}
		all["RS"+size] = signer{private, public, func(signed, signature []byte) bool {
			return rsa.VerifyPKCS1v15(public, h, digest(h, signed), signature) == nil
		}}
	}
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	all["EdDSA"] = signer{edPrivate, edPublic, func(signed, signature []byte) bool {
		return ed25519.Verify(edPublic, signed, signature)
	}}
	return all
}

func ecdsaSigner(t *testing.T, curve elliptic.Curve, hash crypto.Hash) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key, &key.PublicKey, func(signed, signature []byte) bool {
		half := curve.Params().BitSize / 8
		if len(signature) != 2*half {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
		return ecdsa.Verify(&key.PublicKey, digest(hash, signed), r, s)
	}}
}

func digest(h crypto.Hash, signed []byte) []byte {
	d := h.New()
	d.Write(signed)
	return d.Sum(nil)
}

// Whoever has the public key could sign with it, if it were taken for a secret.
func TestS02_NewKeyMakesNoSecretOfAPublicKey(t *testing.T) {
	t.Parallel()
	for algorithm, s := range signers(t) {
		der, err := x509.MarshalPKIXPublicKey(s.public)
		if err != nil {
			continue // a secret
		}
		text := base64.StdEncoding.EncodeToString(der)
		for _, material := range []any{der, string(der), text, []byte(text), text + "\n"} {
			key := deskauth.NewKey("k", "HS256", material)
			if err := key.Err(); err == nil || !strings.Contains(err.Error(), `key "k" is a public key in `) {
				t.Errorf("a public key for %s: %v", algorithm, err)
			}
			session := deskauth.StaticSecrets{Session: []deskauth.Key{key}}
			if _, err := deskauth.New(memstore.New(), session, deskauth.Config{}); err == nil {
				t.Errorf("New takes a public key for %s as a secret", algorithm)
			}
		}
	}
}

func TestSessionKeyAlgorithms(t *testing.T) {
	t.Parallel()
	all := signers(t)
	if len(all) != 10 {
		t.Fatalf("%d algorithms, want 10", len(all))
	}
	for alg, signer := range all {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			secrets := testkit.Secrets()
			secrets.Session = []deskauth.Key{deskauth.NewKey("k", alg, signer.private)}
			k := testkit.NewOn(t, store, secrets, deskauth.Config{})
			s := k.MustGuest(t, testkit.ProjectA)
			header := testkit.PartOf(t, s.Token, 0)
			if want := `{"alg":"` + alg + `","typ":"JWT","kid":"k"}`; header != want {
				t.Errorf("header %s, want %s", header, want)
			}
			at := strings.LastIndexByte(s.Token, '.')
			signature, err := base64.RawURLEncoding.DecodeString(s.Token[at+1:])
			if err != nil || !signer.check([]byte(s.Token[:at]), signature) {
				t.Errorf("the standard library does not verify the signature: %v", err)
			}
			if id, err := k.Verify(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
				t.Errorf("Verify = %+v, %v", id, err)
			}
			// A service with the public key alone verifies, and signs with a key of its
			// own.
			own := testkit.Key("own", testkit.SessionSecret)
			secrets.Session = []deskauth.Key{own, deskauth.NewKey("k", alg, signer.public)}
			other := testkit.NewOn(t, store, secrets, deskauth.Config{})
			if id, err := other.Verify(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
				t.Errorf("Verify with the public key = %+v, %v", id, err)
			}
			zeros := make([]byte, len(signature))
			signature[len(signature)/2] ^= 1
			k.RefusedEverywhere(t, s.Token[:at+1]+testkit.B64(string(signature)), "bad signature")
			k.RefusedEverywhere(t, s.Token[:at+1]+testkit.B64(string(zeros)), "bad signature")
		})
	}
}

// A kid leads to the keys of that ID and to those without one, and nowhere else.
func TestS14_KeyIDs(t *testing.T) {
	t.Parallel()
	const secret, other, third = testkit.SessionSecret, testkit.SecretA + "!", testkit.SecretB + "!"
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{
		testkit.Key("a", secret), testkit.Key("", other), testkit.Key("a", third),
	}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	payload := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	for _, c := range []struct {
		kid, secret string
		ok          bool
	}{
		{`"a"`, secret, true}, {`"a"`, other, true}, {`"a"`, third, true},
		{`""`, secret, true}, {`""`, third, true},
		{`"b"`, secret, false}, {`"b"`, other, true}, {`"b"`, third, false},
		{`"A"`, secret, false}, {`"a "`, secret, false}, {`"a\u0000"`, secret, false},
		{`"../../dev/null"`, secret, false}, {`"http://evil.com/a"`, secret, false},
		{`"a"`, testkit.ForeignSecret, false},
	} {
		token := testkit.Forge(`{"alg":"HS256","kid":`+c.kid+`}`, payload, c.secret)
		if !c.ok {
			k.RefusedEverywhere(t, token, "bad signature")
			continue
		}
		if _, err := k.Verify(t.Context(), token); err != nil {
			t.Errorf("kid %s, secret %.20q: %v", c.kid, c.secret, err)
		}
	}
	for _, kid := range []string{`null`, `1`, `["a"]`, `{}`} {
		k.RefusedEverywhere(t, testkit.Forge(`{"alg":"HS256","kid":`+kid+`}`, payload, secret), "malformed token")
	}
}

// The tokens of a key are taken for every ID that NewKey takes.
func TestKeyIDsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "k1", "a/b", `a"b\c`, "\x00\n", "<&>", "ключ", "\u2028", "😀", strings.Repeat("k", 256), "a\xff", "\xc3",
	} {
		key := testkit.Key(id, testkit.SessionSecret)
		if key.Err() != nil {
			continue
		}
		secrets := testkit.Secrets()
		secrets.Session = []deskauth.Key{key}
		k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
		if _, err := k.Verify(t.Context(), k.MustGuest(t, testkit.ProjectA).Token); err != nil {
			t.Errorf("a key with the ID %q was taken, its tokens are not: %v", id, err)
		}
	}
}
