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
	good := deskauth.NewKey("good", "HS256", testkit.SessionSecret)
	short := deskauth.NewKey("k1", "HS256", "0123456789abcdef")
	project := func(id string, keys ...deskauth.Key) deskauth.StaticSecrets {
		return deskauth.StaticSecrets{Session: []deskauth.Key{good}, Projects: map[string][]deskauth.Key{id: keys}}
	}
	ended := deskauth.NewKey("ended", "HS256", testkit.SecretA)
	ended.NotAfter = testkit.Start
	for _, tt := range []struct {
		name    string
		secrets deskauth.StaticSecrets
		says    string // good if empty
	}{
		{"a short session key", deskauth.StaticSecrets{Session: []deskauth.Key{short}}, `deskauth: session key "k1" has 16 bytes; HS256 needs 32 or more`},
		{"a zero session key", deskauth.StaticSecrets{Session: []deskauth.Key{{}}}, "NewKey"},
		{"a short second session key", deskauth.StaticSecrets{Session: []deskauth.Key{good, short}}, `"k1"`},
		{"a signing key past its end", deskauth.StaticSecrets{Session: []deskauth.Key{ended, good}}, "NotAfter"},
		{"an old key past its end", deskauth.StaticSecrets{Session: []deskauth.Key{good, ended}}, ""},
		{"a short project key", project(testkit.ProjectA, short), `project "` + testkit.ProjectA + `": key "k1" has 16 bytes`},
		{"a zero project key", project(testkit.ProjectA, deskauth.Key{}), "NewKey"},
		{"a session key for a project", project(testkit.ProjectA, good), "of its own"},
		{"its secret under another name", project(testkit.ProjectA, deskauth.NewKey("other", "HS512", testkit.SessionSecret)), "of its own"},
		{"a project without keys", project(testkit.ProjectA), ""},
		{"an empty project ID", project("", ended), "project ID"},
		{"a project ID with a slash", project("a/b", ended), "project ID"},
		{"a long project ID", project(strings.Repeat("p", 129), ended), "project ID"},
	} {
		for form, secrets := range map[string]deskauth.SecretProvider{"value": tt.secrets, "pointer": &tt.secrets} {
			_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{Now: func() time.Time { return testkit.Start }})
			if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("%s, by %s: %v, want %q", tt.name, form, err, tt.says)
			}
		}
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

// rotated is a key of an ID that ends an hour after the start.
func rotated(id, secret string) deskauth.Key {
	k := deskauth.NewKey(id, "HS256", secret)
	k.NotAfter = testkit.Start.Add(time.Hour)
	return k
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
					_, err := k.TryGuest(t, testkit.ProjectA)
					return err
				}},
				"a custom token": {"session project", func() error { return custom(testkit.TokenA(`"123"`)) }},
				"a custom token, no key": {"project", func() error {
					return custom(testkit.Forge(testkit.HS256, testkit.PayloadA(`"1"`), ""))
				}},
				"a custom token, short key": {"project", func() error {
					return custom(testkit.Forge(testkit.HS256, testkit.PayloadA(`"1"`), "short"))
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

// Who signs a project's custom tokens must not hold what session tokens are signed or
// verified with, in whatever form and for whatever algorithm.
func TestS07_KeysAreNotShared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ session, project deskauth.Key }{
		"one secret":                {deskauth.NewKey("a", "HS256", testkit.SecretB), deskauth.NewKey("b", "HS256", testkit.SecretB)},
		"one secret, two sizes":     {deskauth.NewKey("", "HS256", testkit.SecretB), deskauth.NewKey("", "HS512", testkit.SecretB)},
		"zeros at the end":          {deskauth.NewKey("", "HS256", testkit.SecretB), deskauth.NewKey("", "HS256", testkit.SecretB+"\x00\x00")},
		"one RSA key":               {deskauth.NewKey("", "RS256", testkit.RSAKey()), deskauth.NewKey("", "RS256", testkit.RSAKey())},
		"its public half":           {deskauth.NewKey("", "RS256", testkit.RSAKey()), deskauth.NewKey("", "RS256", &testkit.RSAKey().PublicKey)},
		"one RSA key, two sizes":    {deskauth.NewKey("", "RS256", testkit.RSAKey()), deskauth.NewKey("", "RS512", testkit.RSAKey())},
		"one RSA key, two paddings": {deskauth.NewKey("", "RS256", testkit.RSAKey()), deskauth.NewKey("", "PS256", &testkit.RSAKey().PublicKey)},
		"two public halves":         {deskauth.NewKey("", "RS256", &testkit.RSAKey().PublicKey), deskauth.NewKey("", "RS256", &testkit.RSAKey().PublicKey)},
	} {
		for where, sessions := range map[string][]deskauth.Key{
			"first": {c.session, deskauth.NewKey("", "HS256", testkit.SessionSecret)},
			"later": {deskauth.NewKey("", "HS256", testkit.SessionSecret), c.session},
		} {
			if where == "first" && name == "two public halves" {
				continue // it could not sign
			}
			secrets := testkit.Secrets()
			secrets.Session = sessions
			secrets.Projects[testkit.ProjectB] = []deskauth.Key{deskauth.NewKey("", "HS256", testkit.ForeignSecret), c.project}
			_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
			if err == nil || !strings.Contains(err.Error(), `project "`+testkit.ProjectB+`" has a session key`) || strings.Contains(err.Error(), testkit.SecretB) {
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
	for _, id := range []string{"../../etc/passwd", "a b", "a/b", "a%2fb", "a?b", "a#b", "a:b", "a@b", "a'b", "\u00e9"} {
		if _, err := k.TryGuest(t, id); !errors.Is(err, deskauth.ErrProjectNotFound) || asked != "" {
			t.Errorf("project %q: %v, and the provider was asked for %q", id, err, asked)
		}
	}
}

// nothing is a store that must not be used.
type nothing struct{ deskauth.UserStore }
