package gateway

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// remote are the libraries that read the keys at a URL.
var remote = map[string]func(t *testing.T, url string) checker{
	"keyfunc": func(t *testing.T, url string) checker {
		keys, err := keysAt(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return func(token string, kinds []string, project string) (identity, error) {
			return checkWith(keys, token, kinds, project)
		}
	},
	"jose-remote": startNode,
}

// sessionKeys is a provider whose session keys change.
type sessionKeys struct {
	deskauth.StaticSecrets
	now func() []deskauth.Key
}

func (s sessionKeys) SessionKeys(context.Context) ([]deskauth.Key, error) { return s.now(), nil }

func newRemoteSigner(t *testing.T, now func() time.Time, keys func() []deskauth.Key) *deskauth.Auth {
	t.Helper()
	secrets := deskauth.StaticSecrets{Projects: map[string][]deskauth.Key{project: nil}}
	auth, err := deskauth.New(memstore.New(), sessionKeys{secrets, keys}, deskauth.Config{
		Now: now, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// serve returns where the key set of an Auth is.
func serve(t *testing.T, auth *deskauth.Auth) (url string) {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/v1/auth", httpadapter.New(auth, httpadapter.Config{})))
	t.Cleanup(server.Close)
	return server.URL + "/v1/auth/.well-known/jwks.json"
}

// serveKeys returns where the set of these keys is.
func serveKeys(t *testing.T, keys func() []deskauth.Key) (url string) {
	t.Helper()
	return serve(t, newRemoteSigner(t, time.Now, keys))
}

// privateKeys returns a key of each algorithm that the checks allow.
func privateKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ES256": newKey(t, elliptic.P256()), "RS256": private, "EdDSA": ed}
}

// TestKeySetOverARotation lets both libraries check the tokens of a service whose key
// changes, by NotBefore and NotAfter. The tokens are of the last two hours, and in force to
// the libraries, which know the time of the machine alone.
func TestKeySetOverARotation(t *testing.T) {
	t.Parallel()
	private := privateKeys(t)
	for algorithm, after := range map[string]string{"ES256": "RS256", "RS256": "EdDSA", "EdDSA": "ES256"} {
		for library, start := range remote {
			t.Run(algorithm+" to "+after+"/"+library, func(t *testing.T) {
				t.Parallel()
				clock := time.Now().Add(-2 * time.Hour)
				old := deskauth.NewKey("", algorithm, private[algorithm])
				next := deskauth.NewKey("", after, private[after])
				next.NotBefore = clock.Add(time.Hour)
				both := []deskauth.Key{next, old}
				both[1].NotAfter = clock.Add(3 * time.Hour)
				keys := []deskauth.Key{old}
				auth := newRemoteSigner(t, func() time.Time { return clock }, func() []deskauth.Key { return keys })
				url := serve(t, auth)
				reader := start(t, url)

				first := guestOf(t, auth, old.ID())
				wantChecked(t, reader, "the old key's", first, true)
				keys = both
				second := guestOf(t, auth, old.ID())
				early := start(t, url) // which reads both keys, before the new one signs
				wantChecked(t, early, "the old key's, with the new one there", second, true)
				clock = next.NotBefore
				third := guestOf(t, auth, next.ID())
				wantChecked(t, early, "the new key's", third, true)
				wantChecked(t, early, "the old key's, while it verifies", second, true)
				wantChecked(t, reader, "the new key's, for a reader that knows the old one alone", third, true)

				clock = both[1].NotAfter
				late := start(t, url)
				wantChecked(t, late, "the new key's, behind the old one's end", third, true)
				wantChecked(t, late, "the old key's, behind its end", first, false)
			})
		}
	}
}

// guestOf returns a guest's token, which the key of an ID has signed.
func guestOf(t *testing.T, auth *deskauth.Auth, kid string) string {
	t.Helper()
	session, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: project})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := jwt.NewParser().ParseUnverified(session.Token, jwt.MapClaims{})
	if err != nil || token.Header["kid"] != kid {
		t.Fatalf("the token's kid is %v, want %q (%v)", token.Header["kid"], kid, err)
	}
	return session.Token
}

func wantChecked(t *testing.T, check checker, whose, token string, good bool) {
	t.Helper()
	got, err := check(token, visitors, project)
	if (err == nil) != good {
		t.Errorf("%s token: got %+v and the error %v, want that it is taken: %v", whose, got, err, good)
	}
}

// TestS02_KeySetIsNoSecret signs HS256 with what the key set shows, under the kid of each
// key. The oldest trick on JWTs works where a check takes the algorithm from the header.
func TestS02_KeySetIsNoSecret(t *testing.T) {
	t.Parallel()
	private := privateKeys(t)
	var keys []deskauth.Key
	for algorithm, key := range private {
		keys = append(keys, deskauth.NewKey("", algorithm, key))
	}
	auth := newRemoteSigner(t, time.Now, func() []deskauth.Key { return keys })
	url := serve(t, auth)
	good := guestOf(t, auth, keys[0].ID())
	forged := forgedWith(t, fetchSet(t, url), claimsOf(t, good))
	for _, key := range private {
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		for _, secret := range [][]byte{der, text, text[:len(text)-1]} {
			for _, k := range keys {
				forged = append(forged, hs256(t, k.ID(), secret, claimsOf(t, good)))
			}
		}
	}
	for library, start := range remote {
		t.Run(library, func(t *testing.T) {
			t.Parallel()
			check := start(t, url)
			wantChecked(t, check, "a good", good, true)
			for _, token := range forged {
				wantChecked(t, check, "a forged", token, false)
			}
			wantChecked(t, check, "a good", good, true) // forgeries have spoilt nothing
		})
	}
}

func hs256(t *testing.T, kid string, secret []byte, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = kid
	text, err := token.SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fetchSet returns the keys of a set, as their text is.
func fetchSet(t *testing.T, url string) (keys []json.RawMessage) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	var set struct{ Keys []json.RawMessage }
	if err == nil {
		err = json.Unmarshal(body, &set)
	}
	if err != nil || len(set.Keys) != 3 {
		t.Fatalf("the set is %s (%v)", body, err)
	}
	return append(set.Keys, body)
}

// forgedWith returns tokens signed with each member of each key, and with the whole of it.
func forgedWith(t *testing.T, keys []json.RawMessage, claims jwt.MapClaims) (tokens []string) {
	t.Helper()
	for _, key := range keys[:3] {
		var members map[string]string
		if err := json.Unmarshal(key, &members); err != nil {
			t.Fatal(err)
		}
		secrets := [][]byte{key, keys[3]}
		for _, value := range members {
			decoded, _ := base64.RawURLEncoding.DecodeString(value)
			secrets = append(secrets, []byte(value), decoded)
		}
		for _, secret := range secrets {
			tokens = append(tokens, hs256(t, members["kid"], secret, claims))
		}
	}
	return tokens
}
