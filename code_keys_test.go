package deskauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// kitOfKeys returns a kit on a store and session keys.
func kitOfKeys(t *testing.T, store deskauth.UserStore, keys ...deskauth.Key) testkit.MailKit {
	t.Helper()
	secrets := &testkit.Provider{Session: func() ([]deskauth.Key, error) { return keys, nil }}
	return testkit.NewWithMail(t, store, secrets, deskauth.Config{})
}

// Every kind of session key makes codes, and only those who have it.
func TestS50_CodesOfEveryKey(t *testing.T) {
	t.Parallel()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	testkit.Must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	testkit.Must(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	testkit.Must(t, err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	testkit.Must(t, err)
	for algorithm, pair := range map[string]struct{ private, public any }{
		"HS256": {testkit.SessionSecret, nil}, "HS512": {testkit.SessionSecret, nil},
		"RS256": {rsaKey, &rsaKey.PublicKey}, "PS256": {rsaKey, &rsaKey.PublicKey},
		"ES256": {p256, &p256.PublicKey}, "ES384": {p384, &p384.PublicKey}, "EdDSA": {edKey, edKey.Public()},
	} {
		store := memstore.New()
		maker := kitOfKeys(t, store, deskauth.NewKey("", algorithm, pair.private))
		m := maker.MustMail(t, deskauth.MailPasswordReset, maker.MustAgent(t, "andrea@f22.it"))
		if n := len(m.CodeText()); n < 100 || n > 140 {
			t.Errorf("%s: a code of %d characters, want some 130", algorithm, n)
		}
		other := kitOfKeys(t, store, testkit.Key("", testkit.ForeignSecret))
		u, err := other.Use(t.Context(), m.Kind, m.Code, "")
		other.WantBadCode(t, algorithm+": a code of another key", u, err, deskauth.ReasonBadSignature)
		if pair.public != nil {
			verifier := kitOfKeys(t, store, deskauth.NewKey("", algorithm, pair.public))
			u, err := verifier.Use(t.Context(), m.Kind, m.Code, "")
			verifier.WantBadCode(t, algorithm+": with the public key", u, err, deskauth.ReasonBadSignature)
			err = verifier.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "andrea@f22.it"})
			testkit.WantFailure(t, "", err)
			if mails := verifier.Mail.Take(); len(mails) != 0 {
				t.Errorf("%s: a public key made the mails %v", algorithm, mails)
			}
		}
		again := kitOfKeys(t, store, deskauth.NewKey("another kid", algorithm, pair.private))
		if _, err := again.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
			t.Errorf("%s: another process with the key: %v", algorithm, err)
		}
	}
}

// A code of a key that signs no more is good until that key's end. The code of a key that
// ends sooner ends with it.
func TestS51_CodesAndTheEndOfAKey(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]time.Duration{"a minute": time.Minute, "a day": testkit.Day} {
		store := memstore.New()
		old := testkit.Key("old", testkit.SessionSecret)
		old.NotAfter = testkit.Start.Add(end)
		before := kitOfKeys(t, store, old)
		m := before.MustMail(t, deskauth.MailPasswordReset, before.MustAgent(t, "andrea@f22.it"))
		life := min(end, time.Hour)
		if want := testkit.Start.Add(life); !m.ExpiresAt.Equal(want) {
			t.Errorf("the key ends after %s: its code ends at %v, want %v", name, m.ExpiresAt, want)
		}
		after := kitOfKeys(t, store, testkit.Key("new", testkit.ForeignSecret), old)
		look := func() error {
			_, err := after.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
			return err
		}
		after.Clock.Advance(life - 1)
		if err := look(); err != nil {
			t.Errorf("the key ends after %s: %v before the end", name, err)
		}
		after.Clock.Advance(1)
		if err := look(); err != deskauth.ErrInvalidCode {
			t.Errorf("the key ends after %s: %v at the end, want ErrInvalidCode", name, err)
		}
	}
}

// A host that ends a key at once, because somebody may have it, ends its codes too.
func TestS51_AKeyThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	old := testkit.Key("old", testkit.SessionSecret)
	before := kitOfKeys(t, store, old)
	m := before.MustMail(t, deskauth.MailPasswordReset, before.MustAgent(t, "andrea@f22.it"))
	old.NotAfter = testkit.Start
	after := kitOfKeys(t, store, testkit.Key("new", testkit.ForeignSecret), old)
	u, err := after.Use(t.Context(), m.Kind, m.Code, "")
	after.WantBadCode(t, "a code of a key past its NotAfter", u, err, deskauth.ReasonBadSignature)
}

// A key that has ended takes none of those behind it along.
func TestCodesOfAKeyBehindAnEndedOne(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	old, ended := testkit.Key("old", testkit.SessionSecret), testkit.Key("ended", testkit.SecretB)
	before := kitOfKeys(t, store, old)
	m := before.MustMail(t, deskauth.MailPasswordReset, before.MustAgent(t, "andrea@f22.it"))
	ended.NotAfter = testkit.Start
	after := kitOfKeys(t, store, testkit.Key("new", testkit.ForeignSecret), ended, old)
	if _, err := after.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
		t.Errorf("a code of the last of three keys: %v", err)
	}
}

// Two services have the same session key, and one has a copy of the accounts of the other.
// As with session tokens, what one has made is nothing to the other.
func TestS50_CodesOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{Issuer: "https://staging.example.com"})
	other := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{Issuer: "https://www.example.com"})
	agent := k.MustAgent(t, "andrea@f22.it")
	for _, kind := range testkit.CodeKinds {
		m := k.MustMail(t, kind, agent)
		u, err := other.Use(t.Context(), m.Kind, m.Code, "")
		other.WantBadCode(t, "a code of "+string(kind), u, err, deskauth.ReasonSpentCode)
	}
}
