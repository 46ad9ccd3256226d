package deskauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"encoding/base64"
	"errors"
	"math/big"
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
		add("RS"+size, rsaKey(), &rsaKey().PublicKey, func(signed, signature []byte) bool {
			return rsa.VerifyPKCS1v15(&rsaKey().PublicKey, h, digest(h, signed), signature) == nil
		})
	}
	add("PS256", rsaKey(), &rsaKey().PublicKey, func(signed, signature []byte) bool {
		return rsa.VerifyPSS(&rsaKey().PublicKey, crypto.SHA256, digest(crypto.SHA256, signed), signature, nil) == nil
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
			k.Store = store
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
			nobodyEnters(t, k, s.Token[:at+1]+testkit.B64(string(signature)), "bad signature")
			nobodyEnters(t, k, s.Token[:at+1]+testkit.B64(string(make([]byte, len(signature)))), "bad signature")
		})
	}
}

func TestS05_NewSaysWhatToMend(t *testing.T) {
	t.Parallel()
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := deskauth.NewKey("", "HS256", testkit.SessionSecret)
	over := rotated("old", testkit.SecretB)
	for name, c := range map[string]struct {
		session, project []deskauth.Key
		want             string
	}{
		"no key":            {nil, nil, `deskauth: there is no session key: session tokens need one, for example NewKey("", "HS256", 32 random bytes)`},
		"zero key":          {[]deskauth.Key{{}}, nil, `deskauth: session key is empty: make it with NewKey`},
		"zero second key":   {[]deskauth.Key{good, {}}, nil, `deskauth: session key is empty: make it with NewKey`},
		"empty secret":      {[]deskauth.Key{deskauth.NewKey("k1", "HS256", "")}, nil, `deskauth: session key "k1" has 0 bytes; HS256 needs 32 or more`},
		"short secret":      {[]deskauth.Key{deskauth.NewKey("k1", "HS256", "sixteen bytes...")}, nil, `deskauth: session key "k1" has 16 bytes; HS256 needs 32 or more`},
		"a byte short":      {[]deskauth.Key{deskauth.NewKey("k1", "HS256", strings.Repeat("x", 31))}, nil, `deskauth: session key "k1" has 31 bytes; HS256 needs 32 or more`},
		"wrong curve":       {[]deskauth.Key{deskauth.NewKey("k1", "ES384", small)}, nil, `deskauth: session key "k1" is on the curve P-256; ES384 needs P-384`},
		"public key first":  {[]deskauth.Key{deskauth.NewKey("k1", "ES256", &small.PublicKey), good}, nil, `deskauth: session key "k1" is a public key: the first session key signs and must be a secret or a private key`},
		"over":              {[]deskauth.Key{over}, nil, `deskauth: session key "old" signs and is past its NotAfter, 2026-01-02T04:04:05Z: put a key in force first`},
		"project zero key":  {[]deskauth.Key{good}, []deskauth.Key{{}}, `deskauth: project "` + testkit.ProjectA + `": key is empty: make it with NewKey`},
		"project short key": {[]deskauth.Key{good}, []deskauth.Key{deskauth.NewKey("p", "HS512", "short")}, `deskauth: project "` + testkit.ProjectA + `": key "p" has 5 bytes; HS512 needs 32 or more`},
	} {
		c2 := new(testkit.Clock)
		c2.Advance(2 * 3600e9)
		secrets := deskauth.StaticSecrets{Session: c.session, Projects: map[string][]deskauth.Key{testkit.ProjectA: c.project}}
		for _, s := range []deskauth.SecretProvider{secrets, &secrets} {
			a, err := deskauth.New(memstore.New(), s, deskauth.Config{Now: c2.Now})
			if err == nil || err.Error() != c.want || a != nil {
				t.Errorf("%s: New = %v\nwant %s", name, err, c.want)
			}
		}
	}
}

// A provider of the host's own is seen at the first use: its bad key signs nothing,
// verifies nothing, and is no fault of who asked.
func TestS05_FirstUseOfABadKey(t *testing.T) {
	t.Parallel()
	good, project := deskauth.NewKey("", "HS256", testkit.SessionSecret), deskauth.NewKey("", "HS256", testkit.SecretA)
	session := testkit.New(t, deskauth.Config{}).MustGuest(t, testkit.ProjectA)
	ofShort := testkit.Forge(testkit.HS256, testkit.PartOf(t, session.Token, 1), "short")
	for name, c := range map[string]struct{ session, project []deskauth.Key }{
		"no session key":         {nil, []deskauth.Key{project}},
		"zero session key":       {[]deskauth.Key{{}}, []deskauth.Key{project}},
		"short session key":      {[]deskauth.Key{deskauth.NewKey("", "HS256", "short")}, []deskauth.Key{project}},
		"zero session key later": {[]deskauth.Key{good, {}}, []deskauth.Key{project}},
		"zero project key":       {[]deskauth.Key{good}, []deskauth.Key{{}}},
		"zero project key later": {[]deskauth.Key{good}, []deskauth.Key{project, {}}},
		"short project key":      {[]deskauth.Key{good}, []deskauth.Key{deskauth.NewKey("", "HS256", "short")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := strings.Fields(name)[1] // session or project
			store := memstore.New()
			k := testkit.NewOn(t, store, &testkit.Provider{
				Session: func() ([]deskauth.Key, error) { return c.session, nil },
				Project: func(string) ([]deskauth.Key, error) { return c.project, nil },
			}, deskauth.Config{})
			custom := func(token string) error { _, err := k.TryCustom(t, token); return err }
			for call, c := range map[string]struct {
				asks string // whose keys
				do   func() error
			}{
				"SigninAnonymously": {"session project", func() error {
					_, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
					return err
				}},
				"a custom token": {"session project", func() error { return custom(testkit.TokenA(`"123"`)) }},
				"a custom token, no key": {"project", func() error {
					return custom(testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"1"`), ""))
				}},
				"a custom token, short key": {"project", func() error {
					return custom(testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"1"`), "short"))
				}},
				"coming back":            {"session", func() error { return custom(session.Token) }},
				"coming back, short key": {"session", func() error { return custom(ofShort) }},
				"Verify":                 {"session", func() error { _, err := k.Verify(t.Context(), session.Token); return err }},
				"VerifyStateless":        {"session", func() error { _, err := k.VerifyStateless(t.Context(), session.Token); return err }},
				"Verify, short key":      {"session", func() error { _, err := k.Verify(t.Context(), ofShort); return err }},
			} {
				if !strings.Contains(c.asks, of) {
					continue
				}
				k.Events.Take()
				before := store.Len()
				err := c.do()
				if err == nil || errors.Is(err, deskauth.ErrInvalidToken) || !strings.Contains(err.Error(), "key") {
					t.Errorf("%s: error %v, want one about the key", call, err)
				}
				if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed {
					t.Errorf("%s: event %+v, want it failed", call, e)
				}
				if n := store.Len(); n != before {
					t.Errorf("%s: an account was made, and nobody can get at it", call)
				}
			}
		})
	}
}
