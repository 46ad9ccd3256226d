package deskauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// rotated is a key of an ID that ends an hour after the start.
func rotated(id, secret string) deskauth.Key {
	k := deskauth.NewKey(id, "HS256", secret)
	k.NotAfter = testkit.Start.Add(time.Hour)
	return k
}

func TestS14_SessionKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ oldID, newID, event string }{
		"both have IDs": {"2025", "2026", "2025"},
		"none has":      {"", "", ""},
		"one got one":   {"", "2026", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			secrets := testkit.Secrets()
			secrets.Session = []deskauth.Key{deskauth.NewKey(c.oldID, "HS256", "the secret of the year before, 32 bytes")}
			before := testkit.NewOn(t, store, secrets, deskauth.Config{})
			agent := before.MustSignup(t, "andrea@f22.it", "a long password")
			old := []deskauth.Session{before.MustSignin(t, "andrea@f22.it", "a long password"), before.MustGuest(t, testkit.ProjectA), before.MustCustom(t, testkit.TokenA(`"123"`))}

			secrets.Session = []deskauth.Key{deskauth.NewKey(c.newID, "HS256", testkit.SessionSecret), rotated(c.oldID, "the secret of the year before, 32 bytes")}
			k := testkit.NewOn(t, store, secrets, deskauth.Config{})
			k.Store = store
			fresh := k.MustSignin(t, "andrea@f22.it", "a long password")
			if want := testkit.Forge(testkit.PartOf(t, fresh.Token, 0), testkit.PartOf(t, fresh.Token, 1), testkit.SessionSecret); fresh.Token != want || fresh.User.ID != agent.ID {
				t.Error("the first key has not signed")
			}
			for _, s := range old {
				k.Events.Take()
				id, err := k.Verify(t.Context(), s.Token)
				if err != nil || id.UserID != s.User.ID {
					t.Errorf("%s: Verify with the old key = %+v, %v", s.User.Kind, id, err)
				}
				events := k.Events.Take()
				if len(events) != 1 || events[0].Type != deskauth.EventOldKeyUsed || events[0].KeyID != c.event || events[0].UserID != s.User.ID || events[0].Operation != "verify" {
					t.Errorf("%s: events %+v; want one, old_key_used, key %q of %s", s.User.Kind, events, c.event, s.User.ID)
				}
				k.MustCustom(t, s.Token)
				if types := k.Events.TakeTypes(); !slices.Equal(types, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSessionRestored}) {
					t.Errorf("%s: events %v of coming back", s.User.Kind, types)
				}
			}
			if _, err := k.Verify(t.Context(), fresh.Token); err != nil || len(k.Events.Take()) != 0 {
				t.Errorf("Verify with the first key: %v, or there was an event", err)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour - time.Nanosecond))
			for _, s := range old {
				k.MustCustom(t, s.Token)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour))
			for _, s := range old {
				nobodyEnters(t, k, s.Token, "bad signature")
			}
			if _, err := k.Verify(t.Context(), fresh.Token); err != nil {
				t.Errorf("Verify with the first key, the old one over: %v", err)
			}
		})
	}
}

// A session by an old key comes back signed by the first one, once it is renewed.
func TestS14_RenewalMovesToTheFirstKey(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	before := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	s := before.MustGuest(t, testkit.ProjectA)
	secrets.Session = []deskauth.Key{deskauth.NewKey("new", "HS512", testkit.SecretB+testkit.SecretA), secrets.Session[0]}
	accounts := memstore.New()
	acc := deskauth.Account{User: s.User}
	if err := accounts.CreateUser(t.Context(), acc); err != nil {
		t.Fatal(err)
	}
	k := testkit.NewOn(t, accounts, secrets, deskauth.Config{})
	k.Clock.Advance(20 * 24 * time.Hour)
	if got := testkit.PartOf(t, k.MustCustom(t, s.Token).Token, 0); got != `{"alg":"HS512","typ":"JWT","kid":"new"}` {
		t.Errorf("the renewed token's header is %s", got)
	}
}

func TestS14_ProjectKeys(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	secrets.Projects[testkit.ProjectA] = []deskauth.Key{deskauth.NewKey("2026", "HS256", testkit.SecretA), rotated("2025", testkit.SecretB)}
	store := memstore.New()
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	k.Store = store
	payload := testkit.CustomPayload(testkit.ProjectA, `"123"`)
	k.MustCustom(t, testkit.Forge(testkit.HS256, payload, testkit.SecretA))
	for _, c := range []struct {
		name, header, secret string
		events               []deskauth.EventType
	}{
		{"the first", testkit.HS256, testkit.SecretA, []deskauth.EventType{deskauth.EventSignedIn}},
		{"the first by its ID", `{"alg":"HS256","kid":"2026"}`, testkit.SecretA, []deskauth.EventType{deskauth.EventSignedIn}},
		{"the old one", testkit.HS256, testkit.SecretB, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSignedIn}},
		{"the old one by its ID", `{"alg":"HS256","kid":"2025"}`, testkit.SecretB, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSignedIn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.Clock.Set(testkit.Start.Add(time.Hour - time.Second))
			k.Events.Take()
			k.MustCustom(t, testkit.Forge(c.header, payload, c.secret))
			events := k.Events.Take()
			types := []deskauth.EventType{}
			for _, e := range events {
				types = append(types, e.Type)
			}
			if !slices.Equal(types, c.events) {
				t.Errorf("events %v, want %v", types, c.events)
			}
			if e := events[0]; len(events) == 2 && (e.KeyID != "2025" || e.ProjectID != testkit.ProjectA || e.Operation != "custom_token") {
				t.Errorf("event %+v; want key 2025 of %s", e, testkit.ProjectA)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour))
			if c.secret == testkit.SecretB {
				k.RefusedCustom(t, testkit.Forge(c.header, payload, c.secret), "bad signature")
			} else {
				k.MustCustom(t, testkit.Forge(c.header, payload, c.secret))
			}
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
	k.Store = store
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
			nobodyEnters(t, k, token, "bad signature")
		} else if _, err := k.Verify(t.Context(), token); err != nil {
			t.Errorf("kid %s, secret %.20q: %v", c.kid, c.secret, err)
		}
	}
	for _, kid := range []string{`null`, `1`, `["a"]`, `{}`} {
		nobodyEnters(t, k, testkit.Forge(`{"alg":"HS256","kid":`+kid+`}`, payload, testkit.SessionSecret), "malformed token")
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

// Who comes back each day is not signed out when the old key ends, and is told honestly when
// the token does.
func TestS14_GuestsOutliveTheOldKey(t *testing.T) {
	t.Parallel()
	old := deskauth.NewKey("old", "HS256", testkit.SessionSecret)
	keys := []deskauth.Key{old}
	k := testkit.NewOn(t, memstore.New(), &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { return keys, nil },
		Project: func(string) ([]deskauth.Key, error) { return nil, nil },
	}, deskauth.Config{})
	s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
	if err != nil {
		t.Fatal(err)
	}
	old.NotAfter = k.Clock.Now().Add(12 * 24 * time.Hour)
	keys = []deskauth.Key{deskauth.NewKey("new", "HS256", testkit.SecretB), old}
	for day := 1; day <= 40; day++ {
		k.Clock.Advance(24 * time.Hour)
		if s, err = k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: deskauth.NewSecret(s.Token)}); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
		if day == 1 && !s.ExpiresAt.Equal(old.NotAfter) {
			t.Errorf("the token ends at %v, want the end of its key, %v", s.ExpiresAt, old.NotAfter)
		}
	}
}

// With public keys alone, another service verifies and cannot sign anybody in.
func TestVerifyOnly(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuing := testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", private)},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: nil},
	}, deskauth.Config{})
	s, err := issuing.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
	if err != nil {
		t.Fatal(err)
	}
	verifying := testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", &private.PublicKey)},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: nil},
	}, deskauth.Config{})
	if id, err := verifying.VerifyStateless(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
		t.Errorf("VerifyStateless = %v, %v", id, err)
	}
	got, err := verifying.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
	if err == nil || got.Token != "" {
		t.Errorf("a public key signed %q, %v", got.Token, err)
	}
}

// A provider that embeds StaticSecrets and has keys of its own is not judged by the empty ones.
func TestNewLooksOnlyAtStaticSecretsThemselves(t *testing.T) {
	t.Parallel()
	if _, err := deskauth.New(memstore.New(), embedding{}, deskauth.Config{}); err != nil {
		t.Errorf("New: %v", err)
	}
	if _, err := deskauth.New(memstore.New(), (*deskauth.StaticSecrets)(nil), deskauth.Config{}); err == nil {
		t.Error("New took a nil *StaticSecrets")
	}
}

type embedding struct{ deskauth.StaticSecrets }

func (embedding) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	return testkit.Secrets().SessionKeys(ctx)
}
