package deskauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// keySet returns the kids of a kit's key set, in its order, and the kid of its next token.
func keySet(t *testing.T, k *testkit.Kit) (kids []string, signs string) {
	t.Helper()
	text, err := k.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []struct{ KID, Use string } }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, key := range set.Keys {
		kids = append(kids, key.KID)
		if key.Use != "sig" {
			t.Errorf("the use of key %q is %q", key.KID, key.Use)
		}
	}
	var header struct{ KID string }
	token := k.MustGuest(t, testkit.ProjectA).Token
	if err := json.Unmarshal([]byte(testkit.PartOf(t, token, 0)), &header); err != nil {
		t.Fatal(err)
	}
	return kids, header.KID
}

func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// TestJWKSOverARotation follows a key from its NotBefore to another's NotAfter. The kid of
// a token is in the set at each moment.
func TestJWKSOverARotation(t *testing.T) {
	t.Parallel()
	old := deskauth.NewKey("", "RS256", testkit.RSAKey())
	old.NotAfter = testkit.Start.Add(2 * time.Hour)
	next := deskauth.NewKey("next", "ES256", newECKey(t))
	next.NotBefore = testkit.Start.Add(time.Hour)
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{next, old}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	for _, c := range []struct {
		after time.Duration // since the step before
		kids  []string
		signs string
	}{
		{0, []string{"next", old.ID()}, old.ID()},
		{time.Hour - 1, []string{"next", old.ID()}, old.ID()},
		{1, []string{"next", old.ID()}, "next"},
		{time.Hour - 1, []string{"next", old.ID()}, "next"},
		{1, []string{"next"}, "next"},
	} {
		k.Clock.Advance(c.after)
		kids, signs := keySet(t, k)
		if !slices.Equal(kids, c.kids) || signs != c.signs {
			t.Errorf("at %v the set has %q and %q signs, want %q and %q",
				k.Clock.Now().Sub(testkit.Start), kids, signs, c.kids, c.signs)
		}
	}
}

func TestJWKSOfSomeKeys(t *testing.T) {
	t.Parallel()
	private := newECKey(t)
	secret, both := testkit.Key("k1", testkit.SessionSecret), deskauth.NewKey("", "ES256", private)
	for _, c := range []struct {
		name string
		keys []deskauth.Key
		want []string
	}{
		{"a secret alone", []deskauth.Key{secret}, nil},
		{"a secret that signs", []deskauth.Key{secret, both}, []string{both.ID()}},
		{"a public key alone", []deskauth.Key{deskauth.NewKey("", "ES256", &private.PublicKey)}, []string{both.ID()}},
		{"a key twice", []deskauth.Key{both, deskauth.NewKey("", "ES256", &private.PublicKey)}, []string{both.ID()}},
		{"a key by two names", []deskauth.Key{both, deskauth.NewKey("k2", "ES256", private)}, []string{both.ID(), "k2"}},
	} {
		k := testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{Session: c.keys}, deskauth.Config{})
		text, err := k.JWKS(t.Context())
		var set struct{ Keys []struct{ KID string } }
		if err == nil {
			err = json.Unmarshal(text, &set)
		}
		var kids []string
		for _, key := range set.Keys {
			kids = append(kids, key.KID)
		}
		if err != nil || set.Keys == nil || !slices.Equal(kids, c.want) {
			t.Errorf("%s: the set is %s (%v), want the keys %q", c.name, text, err, c.want)
		}
		if events := k.Events.Take(); len(events) != 0 {
			t.Errorf("%s: events %+v, want none", c.name, events)
		}
	}
}
