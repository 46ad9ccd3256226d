//lint:file-ignore SA1019 the tests look for raw numbers of keys in what is printed

package deskauth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// An exhibit is a value that holds a secret.
type exhibit struct {
	name  string
	value any
	json  bool // it is documented that its JSON shows what it holds
}

// The host's own types, in which the secrets may sit.
type (
	exportedField   struct{ Held any }
	exportedKey     struct{ K deskauth.Key }
	unexportedKey   struct{ k deskauth.Key }
	unexportedKeys  struct{ k []deskauth.Key }
	unexportedProv  struct{ s deskauth.SecretProvider }
	unexportedAuth  struct{ a *deskauth.Auth }
	unexportedStore struct{ s *memstore.Store }
	embeddedKey     struct{ deskauth.Key }
)

func exhibits(t *testing.T, c *cage) []exhibit {
	t.Helper()
	key := testkit.Key("kid", canarySession)
	secrets := deskauth.StaticSecrets{
		Session:  []deskauth.Key{key, deskauth.NewKey("old", "HS512", []byte(canaryOld))},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: {testkit.Key("", canaryProject)}},
	}
	store := memstore.New()
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", canaryPassword)
	session := k.MustSignin(t, "andrea@f22.it", canaryPassword)
	acc, err := store.UserByID(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, hash, _ := strings.Cut(acc.PasswordHash, "p=1$")
	c.add("the hash", hash)
	c.addToken("the session token", session.Token)
	password, token := deskauth.NewSecret(canaryPassword), deskauth.NewSecret(session.Token)
	signup, signin := deskauth.SignupInput{Password: password}, deskauth.SigninInput{Password: password}
	custom := deskauth.CustomTokenInput{Token: token, GuestToken: token}
	upgrade := deskauth.UpgradeGuestInput{GuestToken: token, SignupInput: signup}
	change := deskauth.ChangePasswordInput{Token: token, Current: password, New: password}
	profile, leave := deskauth.UpdateProfileInput{Token: token}, deskauth.DeleteAccountInput{Token: token}
	list := []exhibit{
		{name: "Key", value: key},
		{name: "StaticSecrets", value: secrets},
		{name: "Account", value: acc},
		{name: "SignupInput", value: signup},
		{name: "SigninInput", value: signin},
		{name: "CustomTokenInput", value: custom},
		{name: "UpgradeGuestInput", value: upgrade},
		{name: "ChangePasswordInput", value: change},
		{name: "UpdateProfileInput", value: profile},
		{name: "DeleteAccountInput", value: leave},
		{name: "Session", value: session, json: true},
		{name: "Auth", value: k.Auth},
		{name: "Store", value: store},
		{name: "pointer to Key", value: &key},
		{name: "pointer to StaticSecrets", value: &secrets},
		{name: "pointer to Account", value: &acc},
		{name: "pointer to SignupInput", value: &signup},
		{name: "pointer to SigninInput", value: &signin},
		{name: "pointer to CustomTokenInput", value: &custom},
		{name: "pointer to UpgradeGuestInput", value: &upgrade},
		{name: "pointer to ChangePasswordInput", value: &change},
		{name: "pointer to UpdateProfileInput", value: &profile},
		{name: "pointer to DeleteAccountInput", value: &leave},
		{name: "pointer to Session", value: &session, json: true},
		{name: "struct with a Key", value: exportedKey{key}},
		{name: "struct with a hidden Key", value: unexportedKey{key}},
		{name: "struct with hidden Keys", value: unexportedKeys{secrets.Session}},
		{name: "struct with a hidden provider", value: unexportedProv{secrets}},
		{name: "struct with a hidden Auth", value: unexportedAuth{k.Auth}},
		{name: "struct with a hidden Store", value: unexportedStore{store}},
		{name: "struct that embeds a Key", value: embeddedKey{key}},
	}
	for _, x := range privateKeys(t, c) {
		list = append(list, exhibit{name: x.Algorithm(), value: x})
		list = append(list, exhibit{name: "hidden " + x.Algorithm(), value: unexportedKey{x}})
	}
	bad := deskauth.NewKey("bad", "RS256", canaryOld)
	return append(list,
		exhibit{name: "bad Key", value: bad},
		exhibit{name: "hidden bad Key", value: unexportedKey{bad}},
		exhibit{name: "its error", value: bad.Err()})
}

// privateKeys returns a key of each other family and puts its private numbers in.
func privateKeys(t *testing.T, c *cage) (keys []deskauth.Key) {
	t.Helper()
	r := testkit.RSAKey()
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, d, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.add("the RSA exponent", string(r.D.Bytes()))
	c.add("the RSA exponent in decimal", r.D.String())
	c.add("the ECDSA scalar", string(e.D.Bytes()))
	c.add("the ECDSA scalar in decimal", e.D.String())
	c.add("the Ed25519 seed", string(d.Seed()))
	keys = []deskauth.Key{
		deskauth.NewKey("r", "RS256", r), deskauth.NewKey("e", "ES256", e), deskauth.NewKey("d", "EdDSA", d),
	}
	for _, k := range keys {
		if k.Err() != nil {
			t.Fatal(k.Err())
		}
	}
	return keys
}

func TestS22_NoVerbNoHandlerNoEncoderShowsASecret(t *testing.T) {
	t.Parallel()
	c := newCage()
	for _, x := range exhibits(t, c) {
		forms := map[string]any{
			"itself":                 x.value,
			"in a slice":             []any{x.value},
			"in a map":               map[string]any{"v": x.value},
			"in a struct":            exportedField{x.value},
			"by pointer in a struct": &exportedField{x.value},
			"in structs in a slice":  []exportedField{{x.value}},
		}
		t.Run(x.name+" printed", func(t *testing.T) {
			for form, v := range forms {
				for _, verb := range []string{
					"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%z", "%20v", "%-3.2s", "%T",
				} {
					c.check(t, form+" under "+verb, fmt.Sprintf(verb, v))
				}
				c.check(t, form+" in an error", fmt.Errorf("host: %v %w", v, testkit.ErrDown).Error())
				c.check(t, form+" in a text log", logged(v, false))
			}
		})
		if x.json {
			continue
		}
		t.Run(x.name+" as JSON", func(t *testing.T) {
			for form, v := range forms {
				text, err := json.Marshal(v)
				c.check(t, form+" as JSON", string(text)+fmt.Sprint(err))
				c.check(t, form+" in a JSON log", logged(v, true))
			}
		})
	}
}

func logged(v any, asJSON bool) string {
	var log bytes.Buffer
	var handler slog.Handler = slog.NewTextHandler(&log, nil)
	if asJSON {
		handler = slog.NewJSONHandler(&log, nil)
	}
	slog.New(handler).With("with", v).Info("host", "v", v, slog.Group("g", "v", v))
	return log.String()
}

// Every key of every kind goes in, and public members alone come out.
func TestS22_JWKSHasNothingSecret(t *testing.T) {
	t.Parallel()
	c := newCage()
	secrets := testkit.Secrets()
	secrets.Session = append(privateKeys(t, c),
		testkit.Key("secret", canarySession), deskauth.NewKey("old", "HS512", canaryOld))
	text, err := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{}).JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, "the set", string(text))
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 3 {
		t.Errorf("the set has %d keys, want the RSA, ECDSA and Ed25519 one", len(set.Keys))
	}
	for _, key := range set.Keys {
		for member := range maps.Keys(key) {
			if !slices.Contains([]string{"alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"}, member) {
				t.Errorf("the key %q has the member %q", key["kid"], member)
			}
		}
		if key["kty"] == "oct" || strings.HasPrefix(key["alg"], "HS") {
			t.Errorf("the secret %q is in the set", key["kid"])
		}
	}
}
