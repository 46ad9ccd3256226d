package deskauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	_ "crypto/sha512"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestNewChecksTheKeysItSees(t *testing.T) {
	t.Parallel()
	good, short := testkit.Key("good", testkit.SessionSecret), testkit.Key("k1", "0123456789abcdef")
	renamed := deskauth.NewKey("other", "HS512", testkit.SessionSecret)
	ended := testkit.Key("ended", testkit.SecretA)
	ended.NotAfter = testkit.Start
	session := func(keys ...deskauth.Key) deskauth.StaticSecrets {
		return deskauth.StaticSecrets{Session: keys}
	}
	project := func(id string, keys ...deskauth.Key) deskauth.StaticSecrets {
		return deskauth.StaticSecrets{Session: []deskauth.Key{good}, Projects: map[string][]deskauth.Key{id: keys}}
	}
	for _, tt := range []struct {
		name    string
		secrets deskauth.StaticSecrets
		says    string // good if empty
	}{
		{"a short session key", session(short), `deskauth: session key "k1" has 16 bytes; HS256 needs 32 or more`},
		{"a zero session key", session(deskauth.Key{}), "NewKey"},
		{"a short second session key", session(good, short), `"k1"`},
		{"a signing key past its end", session(ended, good), "NotAfter"},
		{"an old key past its end", session(good, ended), ""},
		{
			"a short project key", project(testkit.ProjectA, short),
			`project "` + testkit.ProjectA + `": key "k1" has 16 bytes`,
		},
		{"a zero project key", project(testkit.ProjectA, deskauth.Key{}), "NewKey"},
		{"a session key for a project", project(testkit.ProjectA, good), "of its own"},
		{"its secret under another name", project(testkit.ProjectA, renamed), "of its own"},
		{"a project without keys", project(testkit.ProjectA), ""},
		{"an empty project ID", project("", ended), "project ID"},
		{"a project ID with a slash", project("a/b", ended), "project ID"},
		{"a long project ID", project(strings.Repeat("p", 129), ended), "project ID"},
	} {
		cfg := deskauth.Config{Now: new(testkit.Clock).Now}
		for form, secrets := range map[string]deskauth.SecretProvider{"value": tt.secrets, "pointer": &tt.secrets} {
			_, err := deskauth.New(memstore.New(), secrets, cfg)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s, by %s: %v, want %q", tt.name, form, err, tt.says)
			}
		}
	}
}

// A provider that embeds StaticSecrets and has keys of its own is not judged by the empty
// ones.
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

// rotated is a key of an ID that ends an hour after the start.
func rotated(id, secret string) deskauth.Key {
	k := testkit.Key(id, secret)
	k.NotAfter = testkit.Start.Add(time.Hour)
	return k
}

func TestS05_NewSaysWhatToMend(t *testing.T) {
	t.Parallel()
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, zero := testkit.Key("", testkit.SessionSecret), deskauth.Key{}
	ofProject := func(k deskauth.Key) deskauth.StaticSecrets {
		return deskauth.StaticSecrets{
			Session:  []deskauth.Key{good},
			Projects: map[string][]deskauth.Key{testkit.ProjectA: {k}},
		}
	}
	ofSession := func(keys ...deskauth.Key) deskauth.StaticSecrets {
		secrets := ofProject(testkit.Key("", testkit.SecretA))
		secrets.Session = keys
		return secrets
	}
	const (
		none  = `there is no session key: session tokens need one, for example NewKey("", "HS256", 32 random bytes)`
		empty = `key is empty: make it with NewKey`
	)
	for _, c := range []struct {
		name    string
		secrets deskauth.StaticSecrets
		want    string // behind "deskauth: "
	}{
		{"no key", ofSession(), none},
		{"zero key", ofSession(zero), `session ` + empty},
		{"zero second key", ofSession(good, zero), `session ` + empty},
		{
			"empty secret", ofSession(testkit.Key("k1", "")),
			`session key "k1" has 0 bytes; HS256 needs 32 or more`,
		},
		{
			"short secret", ofSession(testkit.Key("k1", "sixteen bytes...")),
			`session key "k1" has 16 bytes; HS256 needs 32 or more`,
		},
		{
			"a byte short", ofSession(testkit.Key("k1", strings.Repeat("x", 31))),
			`session key "k1" has 31 bytes; HS256 needs 32 or more`,
		},
		{
			"wrong curve", ofSession(deskauth.NewKey("k1", "ES384", small)),
			`session key "k1" is on the curve P-256; ES384 needs P-384`,
		},
		{
			"public key first", ofSession(deskauth.NewKey("k1", "ES256", &small.PublicKey), good),
			`session key "k1" is a public key: the first session key signs and must be a secret or a private key`,
		},
		{
			"over", ofSession(rotated("old", testkit.SecretB)),
			`session key "old" signs and is past its NotAfter, 2026-01-02T04:04:05Z: put a key in force first`,
		},
		{"project zero key", ofProject(zero), `project "` + testkit.ProjectA + `": ` + empty},
		{
			"project short key", ofProject(deskauth.NewKey("p", "HS512", "short")),
			`project "` + testkit.ProjectA + `": key "p" has 5 bytes; HS512 needs 32 or more`,
		},
	} {
		clock := new(testkit.Clock)
		clock.Advance(2 * time.Hour)
		for _, secrets := range []deskauth.SecretProvider{c.secrets, &c.secrets} {
			a, err := deskauth.New(memstore.New(), secrets, deskauth.Config{Now: clock.Now})
			if err == nil || err.Error() != "deskauth: "+c.want || a != nil {
				t.Errorf("%s: New = %v\nwant deskauth: %s", c.name, err, c.want)
			}
		}
	}
}

// New has seen the session keys of a provider of the host's own, and no project's. A key
// that is bad later signs nothing, verifies nothing, and is not the caller's fault.
func TestS05_FirstUseOfABadKey(t *testing.T) {
	t.Parallel()
	good, project := testkit.Key("", testkit.SessionSecret), testkit.Key("", testkit.SecretA)
	zero, short := deskauth.Key{}, testkit.Key("", "short")
	for name, keys := range map[string]struct{ session, project []deskauth.Key }{
		"no session key":         {nil, []deskauth.Key{project}},
		"zero session key":       {[]deskauth.Key{zero}, []deskauth.Key{project}},
		"short session key":      {[]deskauth.Key{short}, []deskauth.Key{project}},
		"zero session key later": {[]deskauth.Key{good, zero}, []deskauth.Key{project}},
		"zero project key":       {[]deskauth.Key{good}, []deskauth.Key{zero}},
		"zero project key later": {[]deskauth.Key{good}, []deskauth.Key{project, zero}},
		"short project key":      {[]deskauth.Key{good}, []deskauth.Key{short}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &testkit.Provider{
				Session: func() ([]deskauth.Key, error) { return []deskauth.Key{good}, nil },
				Project: func(string) ([]deskauth.Key, error) { return keys.project, nil },
			}
			k := testkit.NewOn(t, memstore.New(), p, deskauth.Config{})
			p.Session = func() ([]deskauth.Key, error) { return keys.session, nil }
			usesBadKey(t, k, strings.Fields(name)[1])
		})
	}
}

// usesBadKey makes every call that asks for the keys of "session" or "project", one of
// which is bad.
func usesBadKey(t *testing.T, k *testkit.Kit, of string) {
	session := testkit.New(t, deskauth.Config{}).MustGuest(t, testkit.ProjectA).Token
	ofShort := testkit.Forge(testkit.HS256, testkit.PartOf(t, session, 1), "short")
	customOf := func(secret string) string { return testkit.Forge(testkit.HS256, testkit.PayloadA(`"1"`), secret) }
	guest := func(string) error { _, err := k.TryGuest(t, testkit.ProjectA); return err }
	custom := func(token string) error { _, err := k.TryCustom(t, token); return err }
	verify := func(token string) error { _, err := k.Verify(t.Context(), token); return err }
	stateless := func(token string) error { _, err := k.VerifyStateless(t.Context(), token); return err }
	for _, c := range []struct {
		name, asks string // whose keys
		call       func(token string) error
		token      string
	}{
		{"SigninAnonymously", "session project", guest, ""},
		{"a custom token", "session project", custom, testkit.TokenA(`"123"`)},
		{"a custom token, no key", "project", custom, customOf("")},
		{"a custom token, short key", "project", custom, customOf("short")},
		{"coming back", "session", custom, session},
		{"coming back, short key", "session", custom, ofShort},
		{"Verify", "session", verify, session},
		{"VerifyStateless", "session", stateless, session},
		{"Verify, short key", "session", verify, ofShort},
	} {
		if !strings.Contains(c.asks, of) {
			continue
		}
		k.Events.Take()
		before := k.Store.Len()
		err := c.call(c.token)
		if err == nil || errors.Is(err, deskauth.ErrInvalidToken) || !strings.Contains(err.Error(), "key") {
			t.Errorf("%s: error %v, want one about the key", c.name, err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed {
			t.Errorf("%s: event %+v, want it failed", c.name, e)
		}
		if n := k.Store.Len(); n != before {
			t.Errorf("%s: an account was made that has no session", c.name)
		}
	}
}

// The signer of a project's custom tokens must not hold what session tokens are signed or
// verified with, in any form and for any algorithm.
func TestS07_KeysAreNotShared(t *testing.T) {
	t.Parallel()
	private := testkit.RSAKey()
	public := &private.PublicKey
	for name, c := range map[string]struct{ session, project deskauth.Key }{
		"one secret": {testkit.Key("a", testkit.SecretB), testkit.Key("b", testkit.SecretB)},
		"one secret, two sizes": {
			testkit.Key("", testkit.SecretB), deskauth.NewKey("", "HS512", testkit.SecretB),
		},
		"zeros at the end": { // of bytes: a text with them is refused
			testkit.Key("", "\xff"+testkit.SecretB), testkit.Key("", "\xff"+testkit.SecretB+"\x00\x00"),
		},
		"one RSA key":               {deskauth.NewKey("", "RS256", private), deskauth.NewKey("", "RS256", private)},
		"its public half":           {deskauth.NewKey("", "RS256", private), deskauth.NewKey("", "RS256", public)},
		"one RSA key, two sizes":    {deskauth.NewKey("", "RS256", private), deskauth.NewKey("", "RS512", private)},
		"one RSA key, two paddings": {deskauth.NewKey("", "RS256", private), deskauth.NewKey("", "PS256", public)},
		"two public halves":         {deskauth.NewKey("", "RS256", public), deskauth.NewKey("", "RS256", public)},
	} {
		good := testkit.Key("", testkit.SessionSecret)
		for where, sessions := range map[string][]deskauth.Key{
			"first": {c.session, good},
			"later": {good, c.session},
		} {
			if where == "first" && name == "two public halves" {
				continue // it could not sign
			}
			secrets := testkit.Secrets()
			secrets.Session = sessions
			secrets.Projects[testkit.ProjectB] = []deskauth.Key{testkit.Key("", testkit.ForeignSecret), c.project}
			_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
			says := `project "` + testkit.ProjectB + `" has a session key`
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), testkit.SecretB) {
				t.Errorf("%s, %s: New: %v; want it to refuse the project's key", name, where, err)
			}
		}
	}
}

// An ID that no custom token's audience could name is not even looked up.
func TestProviderIsNotAskedForAnOddProjectID(t *testing.T) {
	t.Parallel()
	asked := ""
	secrets := &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { return testkit.Secrets().Session, nil },
		Project: func(id string) ([]deskauth.Key, error) { asked += id; return nil, nil },
	}
	k := testkit.NewOn(t, nothing{}, secrets, deskauth.Config{})
	for _, id := range []string{
		"../../etc/passwd", "a b", "a/b", "a%2fb", "a?b", "a#b", "a:b", "a@b", "a'b", "\u00e9",
	} {
		if _, err := k.TryGuest(t, id); !errors.Is(err, deskauth.ErrProjectNotFound) || asked != "" {
			t.Errorf("project %q: %v, and the provider was asked for %q", id, err, asked)
		}
	}
}

// nothing is a store that must not be used.
type nothing struct{ deskauth.UserStore }
