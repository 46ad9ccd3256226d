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
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// signers are the ten algorithms, each with what signs and with what another service
// checks the signature, by the standard library alone.
func signers(t *testing.T) map[string]struct {
	private, public any
	check           func(signed, signature []byte) bool
} {
	t.Helper()
	digest := func(h crypto.Hash, signed []byte) []byte {
		d := h.New()
		d.Write(signed)
		return d.Sum(nil)
	}
	all := make(map[string]struct {
		private, public any
		check           func(signed, signature []byte) bool
	})
	add := func(alg string, private, public any, check func(signed, signature []byte) bool) {
		all[alg] = struct {
			private, public any
			check           func(signed, signature []byte) bool
		}{private, public, check}
	}
	secret := strings.Repeat("a secret of 64 bytes, for all. ", 3)
	for size, h := range map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512} {
		add("HS"+size, secret, secret, func(signed, signature []byte) bool {
			mac := hmac.New(h.New, []byte(secret))
			mac.Write(signed)
			return hmac.Equal(mac.Sum(nil), signature)
		})
		add("RS"+size, testkit.RSAKey(), &testkit.RSAKey().PublicKey, func(signed, signature []byte) bool {
			return rsa.VerifyPKCS1v15(&testkit.RSAKey().PublicKey, h, digest(h, signed), signature) == nil
		})
	}
	add("PS256", testkit.RSAKey(), &testkit.RSAKey().PublicKey, func(signed, signature []byte) bool {
		return rsa.VerifyPSS(&testkit.RSAKey().PublicKey, crypto.SHA256, digest(crypto.SHA256, signed), signature, nil) == nil
	})
	for alg, c := range map[string]struct {
		curve elliptic.Curve
		hash  crypto.Hash
	}{"ES256": {elliptic.P256(), crypto.SHA256}, "ES384": {elliptic.P384(), crypto.SHA384}} {
		key, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		add(alg, key, &key.PublicKey, func(signed, signature []byte) bool {
			half := c.curve.Params().BitSize / 8
			r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
			return len(signature) == 2*half && ecdsa.Verify(&key.PublicKey, digest(c.hash, signed), r, s)
		})
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	add("EdDSA", private, public, func(signed, signature []byte) bool { return ed25519.Verify(public, signed, signature) })
	return all
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
			if got, want := testkit.PartOf(t, s.Token, 0), `{"alg":"`+alg+`","typ":"JWT","kid":"k"}`; got != want {
				t.Errorf("header %s, want %s", got, want)
			}
			at := strings.LastIndexByte(s.Token, '.')
			signature, err := base64.RawURLEncoding.DecodeString(s.Token[at+1:])
			if err != nil || !signer.check([]byte(s.Token[:at]), signature) {
				t.Errorf("the standard library does not verify the signature: %v", err)
			}
			if id, err := k.Verify(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
				t.Errorf("Verify = %+v, %v", id, err)
			}
			// A service that has only the public key verifies, and signs with a key of its own.
			secrets.Session = []deskauth.Key{deskauth.NewKey("own", "HS256", testkit.SessionSecret), deskauth.NewKey("k", alg, signer.public)}
			other := testkit.NewOn(t, store, secrets, deskauth.Config{})
			if id, err := other.Verify(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
				t.Errorf("Verify with the public key = %+v, %v", id, err)
			}
			signature[len(signature)/2] ^= 1
			k.RefusedEverywhere(t, s.Token[:at+1]+testkit.B64(string(signature)), "bad signature")
			k.RefusedEverywhere(t, s.Token[:at+1]+testkit.B64(string(make([]byte, len(signature)))), "bad signature")
		})
	}
}

// A kid leads to the keys of that ID and to those without one, and nowhere else.
func TestS14_KeyIDs(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{deskauth.NewKey("a", "HS256", testkit.SessionSecret), deskauth.NewKey("", "HS256", testkit.SecretA+"!"), deskauth.NewKey("a", "HS256", testkit.SecretB+"!")}
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	payload := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	for _, c := range []struct {
		kid, secret string
		ok          bool
	}{
		{`"a"`, testkit.SessionSecret, true}, {`"a"`, testkit.SecretA + "!", true}, {`"a"`, testkit.SecretB + "!", true},
		{`""`, testkit.SessionSecret, true}, {`""`, testkit.SecretB + "!", true},
		{`"b"`, testkit.SessionSecret, false}, {`"b"`, testkit.SecretA + "!", true}, {`"b"`, testkit.SecretB + "!", false},
		{`"A"`, testkit.SessionSecret, false}, {`"a "`, testkit.SessionSecret, false}, {`"a\u0000"`, testkit.SessionSecret, false},
		{`"../../dev/null"`, testkit.SessionSecret, false}, {`"http://evil.com/a"`, testkit.SessionSecret, false}, {`"a"`, testkit.ForeignSecret, false},
	} {
		token := testkit.Forge(`{"alg":"HS256","kid":`+c.kid+`}`, payload, c.secret)
		if !c.ok {
			k.RefusedEverywhere(t, token, "bad signature")
		} else if _, err := k.Verify(t.Context(), token); err != nil {
			t.Errorf("kid %s, secret %.20q: %v", c.kid, c.secret, err)
		}
	}
	for _, kid := range []string{`null`, `1`, `["a"]`, `{}`} {
		k.RefusedEverywhere(t, testkit.Forge(`{"alg":"HS256","kid":`+kid+`}`, payload, testkit.SessionSecret), "malformed token")
	}
}

// Whatever ID NewKey takes, the tokens of that key are taken.
func TestKeyIDsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "k1", "a/b", `a"b\c`, "\x00\n", "<&>", "ключ", "\u2028", "😀", string(slices.Repeat([]byte{'k'}, 256)), "a\xff", "\xc3"} {
		key := deskauth.NewKey(id, "HS256", testkit.SessionSecret)
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
