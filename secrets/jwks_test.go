package secrets_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/secrets"
)

// What one service publishes is what another verifies with: all keys but secrets, by their
// IDs and algorithms.
func TestParseJWKS_ReadsWhatAuthWrites(t *testing.T) {
	t.Parallel()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	private := []deskauth.Key{
		deskauth.NewKey("es", "ES256", must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))),
		deskauth.NewKey("", "ES384", must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))),
		deskauth.NewKey("rs", "RS512", rsaKey),
		deskauth.NewKey("ps", "PS256", rsaKey),
		deskauth.NewKey("ed", "EdDSA", edwards),
		deskauth.NewKey("hs", "HS256", oldSecret),
	}
	set, err := serviceOf(t, private...).JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	public, err := secrets.ParseJWKS(set)
	if err != nil || len(public) != 5 {
		t.Fatalf("%d keys, %v, want those of 5 in %s", len(public), err, set)
	}
	gateway := serviceOf(t, public...)
	for i, key := range private {
		session, err := serviceOf(t, key).SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "shop"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = gateway.VerifyStateless(t.Context(), session.Token)
		if taken := err == nil; taken != (i < 5) {
			t.Errorf("a token of %q with %s: %v", key.ID(), key.Algorithm(), err)
		}
		if i < 5 && public[i].Algorithm() != key.Algorithm() {
			t.Errorf("%q became a key for %s, want %s", key.ID(), public[i].Algorithm(), key.Algorithm())
		}
	}
}

func serviceOf(t *testing.T, keys ...deskauth.Key) *deskauth.Auth {
	t.Helper()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  keys,
		Projects: map[string][]deskauth.Key{"shop": nil},
	}, deskauth.Config{Logger: testkit.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// Members of a set, as systems publish them.
const (
	publishedEd = `{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	privateEd   = `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",` +
		`"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	mislabelled  = `{"kty":"OKP","crv":"Ed25519","alg":"HS256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	unsigned     = `{"kty":"OKP","crv":"Ed25519","alg":"none","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	forSecrecy   = `{"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	agreement    = `{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}`
	smallRSA     = `{"kty":"RSA","e":"AQAB","n":"vVpvNWu9T2tDSI-7j8rX0w"}`
	ofTheFuture  = `{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}`
	sharedSecret = `{"kty":"oct","k":"dGhlIHNlY3JldCB0aGF0IHRoZSBzeXN0ZW0gb2YgdGhlIHNob3AgaGFz"}`
)

// A member that checks no signature is left out, and so is one that lets readers sign.
func TestS05_ParseJWKSTakesOnlyPublicKeys(t *testing.T) {
	t.Parallel()
	keys, err := secrets.ParseJWKS([]byte(`{"keys":[` + strings.Join([]string{
		ofTheFuture, privateEd, publishedEd, mislabelled, unsigned, forSecrecy, agreement, smallRSA, sharedSecret,
		"null", "7",
	}, ",") + `],"more":1}`))
	if err != nil || len(keys) != 1 || keys[0].ID() != "k1" || keys[0].Algorithm() != "EdDSA" {
		t.Errorf("got %v, %v, want k1 alone", keys, err)
	}
	for _, text := range []string{
		"", "null", "{}", "[]", `{"keys":null}`, `{"keys":[]}`, `{"keys":{}}`, publishedEd, `{"keys":[` + publishedEd,
		`{"keys":[` + publishedEd + `]} {}`,
		`{"keys":[` + ofTheFuture + `]}`, `{"keys":[` + privateEd + `]}`, `{"keys":[` + mislabelled + `]}`,
		`{"keys":[` + unsigned + `]}`, `{"keys":[` + forSecrecy + `]}`, `{"keys":[` + agreement + `]}`,
		`{"keys":[` + smallRSA + `]}`, `{"keys":[` + sharedSecret + `]}`,
	} {
		keys, err := secrets.ParseJWKS([]byte(text))
		if keys != nil || err == nil {
			t.Fatalf("%s: got %v, %v, want an error", text, keys, err)
		}
		if quotes := err.Error(); strings.Contains(quotes, "11qY") || strings.Contains(quotes, "dGhl") ||
			!strings.HasPrefix(quotes, "secrets: ") || !strings.Contains(quotes, "JWK set") {
			t.Errorf("%s: the error is %q", text, quotes)
		}
	}
}

// What another system publishes may be anything.
func FuzzParseJWKS(f *testing.F) {
	for _, member := range []string{publishedEd, privateEd, mislabelled, agreement, smallRSA, sharedSecret, ofTheFuture} {
		f.Add([]byte(`{"keys":[` + member + `]}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := secrets.ParseJWKS(text)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, key := range keys {
			if key.Err() != nil || strings.HasPrefix(key.Algorithm(), "HS") {
				t.Fatalf("a key for %q: %v", key.Algorithm(), key.Err())
			}
		}
	})
}
