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
	"github.com/deskauth/deskauth/memstore"
)

// rotated is a key of an ID that ends an hour after the start.
func rotated(id, secret string) deskauth.Key {
	k := deskauth.NewKey(id, "HS256", secret)
	k.NotAfter = start.Add(time.Hour)
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
			secrets := testSecrets()
			secrets.Session = []deskauth.Key{deskauth.NewKey(c.oldID, "HS256", "the secret of the year before, 32 bytes")}
			before := newAuthOn(t, store, secrets, deskauth.Config{})
			agent := before.signup(t, "andrea@f22.it", "a long password")
			old := []deskauth.Session{before.signin(t, "andrea@f22.it", "a long password"), before.guest(t, projectA), before.custom(t, tokenA(`"123"`))}

			secrets.Session = []deskauth.Key{deskauth.NewKey(c.newID, "HS256", sessionSecret), rotated(c.oldID, "the secret of the year before, 32 bytes")}
			k := newAuthOn(t, store, secrets, deskauth.Config{})
			k.store = store
			fresh := k.signin(t, "andrea@f22.it", "a long password")
			if want := forge(partOf(t, fresh.Token, 0), partOf(t, fresh.Token, 1), sessionSecret); fresh.Token != want || fresh.User.ID != agent.ID {
				t.Error("the first key has not signed")
			}
			for _, s := range old {
				k.events.take()
				id, err := k.Verify(t.Context(), s.Token)
				if err != nil || id.UserID != s.User.ID {
					t.Errorf("%s: Verify with the old key = %+v, %v", s.User.Kind, id, err)
				}
				events := k.events.take()
				if len(events) != 1 || events[0].Type != deskauth.EventOldKeyUsed || events[0].KeyID != c.event || events[0].UserID != s.User.ID || events[0].Operation != "verify" {
					t.Errorf("%s: events %+v; want one, old_key_used, key %q of %s", s.User.Kind, events, c.event, s.User.ID)
				}
				k.custom(t, s.Token)
				if types := k.events.takeTypes(); !slices.Equal(types, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSessionRestored}) {
					t.Errorf("%s: events %v of coming back", s.User.Kind, types)
				}
			}
			if _, err := k.Verify(t.Context(), fresh.Token); err != nil || len(k.events.take()) != 0 {
				t.Errorf("Verify with the first key: %v, or there was an event", err)
			}
			k.clock.Set(start.Add(time.Hour - time.Nanosecond))
			for _, s := range old {
				k.custom(t, s.Token)
			}
			k.clock.Set(start.Add(time.Hour))
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
	secrets := testSecrets()
	before := newAuthOn(t, memstore.New(), secrets, deskauth.Config{})
	s := before.guest(t, projectA)
	secrets.Session = []deskauth.Key{deskauth.NewKey("new", "HS512", secretB+secretA), secrets.Session[0]}
	accounts := memstore.New()
	acc := deskauth.Account{User: s.User}
	if err := accounts.CreateUser(t.Context(), acc); err != nil {
		t.Fatal(err)
	}
	k := newAuthOn(t, accounts, secrets, deskauth.Config{})
	k.clock.Advance(20 * 24 * time.Hour)
	if got := partOf(t, k.custom(t, s.Token).Token, 0); got != `{"alg":"HS512","typ":"JWT","kid":"new"}` {
		t.Errorf("the renewed token's header is %s", got)
	}
}

func TestS14_ProjectKeys(t *testing.T) {
	t.Parallel()
	secrets := testSecrets()
	secrets.Projects[projectA] = []deskauth.Key{deskauth.NewKey("2026", "HS256", secretA), rotated("2025", secretB)}
	store := memstore.New()
	k := newAuthOn(t, store, secrets, deskauth.Config{})
	k.store = store
	payload := customPayload(projectA, `"123"`)
	k.custom(t, forge(hs256, payload, secretA))
	for _, c := range []struct {
		name, header, secret string
		events               []deskauth.EventType
	}{
		{"the first", hs256, secretA, []deskauth.EventType{deskauth.EventSignedIn}},
		{"the first by its ID", `{"alg":"HS256","kid":"2026"}`, secretA, []deskauth.EventType{deskauth.EventSignedIn}},
		{"the old one", hs256, secretB, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSignedIn}},
		{"the old one by its ID", `{"alg":"HS256","kid":"2025"}`, secretB, []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSignedIn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.clock.Set(start.Add(time.Hour - time.Second))
			k.events.take()
			k.custom(t, forge(c.header, payload, c.secret))
			events := k.events.take()
			types := []deskauth.EventType{}
			for _, e := range events {
				types = append(types, e.Type)
			}
			if !slices.Equal(types, c.events) {
				t.Errorf("events %v, want %v", types, c.events)
			}
			if e := events[0]; len(events) == 2 && (e.KeyID != "2025" || e.ProjectID != projectA || e.Operation != "custom_token") {
				t.Errorf("event %+v; want key 2025 of %s", e, projectA)
			}
			k.clock.Set(start.Add(time.Hour))
			if c.secret == secretB {
				k.refusedCustom(t, forge(c.header, payload, c.secret), "bad signature")
			} else {
				k.custom(t, forge(c.header, payload, c.secret))
			}
		})
	}
}

// A kid leads to the keys of that ID and to those without one, and nowhere else.
func TestS14_KeyIDs(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	secrets := testSecrets()
	secrets.Session = []deskauth.Key{deskauth.NewKey("a", "HS256", sessionSecret), deskauth.NewKey("", "HS256", secretA+"!"), deskauth.NewKey("a", "HS256", secretB+"!")}
	k := newAuthOn(t, store, secrets, deskauth.Config{})
	k.store = store
	payload := partOf(t, k.guest(t, projectA).Token, 1)
	for _, c := range []struct {
		kid, secret string
		ok          bool
	}{
		{`"a"`, sessionSecret, true}, {`"a"`, secretA + "!", true}, {`"a"`, secretB + "!", true},
		{`""`, sessionSecret, true}, {`""`, secretB + "!", true},
		{`"b"`, sessionSecret, false}, {`"b"`, secretA + "!", true}, {`"b"`, secretB + "!", false},
		{`"A"`, sessionSecret, false}, {`"a "`, sessionSecret, false}, {`"a\u0000"`, sessionSecret, false},
		{`"../../dev/null"`, sessionSecret, false}, {`"http://evil.com/a"`, sessionSecret, false}, {`"a"`, foreignSecret, false},
	} {
		token := forge(`{"alg":"HS256","kid":`+c.kid+`}`, payload, c.secret)
		if !c.ok {
			nobodyEnters(t, k, token, "bad signature")
		} else if _, err := k.Verify(t.Context(), token); err != nil {
			t.Errorf("kid %s, secret %.20q: %v", c.kid, c.secret, err)
		}
	}
	for _, kid := range []string{`null`, `1`, `["a"]`, `{}`} {
		nobodyEnters(t, k, forge(`{"alg":"HS256","kid":`+kid+`}`, payload, sessionSecret), "malformed token")
	}
}

// Whatever ID NewKey takes, the tokens of that key are taken.
func TestKeyIDsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "k1", "a/b", `a"b\c`, "\x00\n", "<&>", "ключ", "\u2028", "😀", string(slices.Repeat([]byte{'k'}, 256)), "a\xff", "\xc3"} {
		key := deskauth.NewKey(id, "HS256", sessionSecret)
		if key.Err() != nil {
			continue
		}
		secrets := testSecrets()
		secrets.Session = []deskauth.Key{key}
		k := newAuthOn(t, memstore.New(), secrets, deskauth.Config{})
		if _, err := k.Verify(t.Context(), k.guest(t, projectA).Token); err != nil {
			t.Errorf("a key with the ID %q was taken, its tokens are not: %v", id, err)
		}
	}
}

// Who comes back each day is not signed out when the old key ends, and is told honestly when
// the token does.
func TestS14_GuestsOutliveTheOldKey(t *testing.T) {
	t.Parallel()
	old := deskauth.NewKey("old", "HS256", sessionSecret)
	keys := []deskauth.Key{old}
	k := newAuthOn(t, memstore.New(), &provider{
		session: func() ([]deskauth.Key, error) { return keys, nil },
		project: func(string) ([]deskauth.Key, error) { return nil, nil },
	}, deskauth.Config{})
	s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectA})
	if err != nil {
		t.Fatal(err)
	}
	old.NotAfter = k.clock.Now().Add(12 * 24 * time.Hour)
	keys = []deskauth.Key{deskauth.NewKey("new", "HS256", secretB), old}
	for day := 1; day <= 40; day++ {
		k.clock.Advance(24 * time.Hour)
		if s, err = k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: s.Token}); err != nil {
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
	issuing := newAuthOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", private)},
		Projects: map[string][]deskauth.Key{projectA: nil},
	}, deskauth.Config{})
	s, err := issuing.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectA})
	if err != nil {
		t.Fatal(err)
	}
	verifying := newAuthOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", &private.PublicKey)},
		Projects: map[string][]deskauth.Key{projectA: nil},
	}, deskauth.Config{})
	if id, err := verifying.VerifyStateless(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
		t.Errorf("VerifyStateless = %v, %v", id, err)
	}
	got, err := verifying.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: projectA})
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
	return testSecrets().SessionKeys(ctx)
}
