package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// keySet returns what the service publishes.
func keySet(t *testing.T, auth *deskauth.Auth) string {
	t.Helper()
	set, err := auth.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(set)
}

// newAuthOf returns a service whose session keys are the keys.
func newAuthOf(t *testing.T, keys ...deskauth.Key) *deskauth.Auth {
	t.Helper()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  keys,
		Projects: map[string][]deskauth.Key{"shop": nil},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// A session token is checked with the public keys that its service publishes.
func TestInspectWithAKeySet(t *testing.T) {
	t.Parallel()
	private, _, _ := pemPair(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mine := deskauth.NewKey("key-1", "ES256", private)
	foreign := newAuthOf(t, deskauth.NewKey("key-0", "RS256", other))
	auth := newAuthOf(t, mine, deskauth.NewKey("key-0", "RS256", other))
	token := guestToken(t, auth).Token
	set := keySet(t, auth)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/jwks.json":
			io.WriteString(w, set)
		case "/away":
			http.Redirect(w, r, "http://desk.example/jwks.json", http.StatusFound)
		case "/large":
			io.WriteString(w, strings.Repeat(" ", maxInput+1))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for _, source := range []string{file(t, "jwks.json", set), server.URL + "/jwks.json"} {
		got := call{in: token}.run(t, "token", "inspect", "--json", "--jwks", source, "--at", "2100-01-01T00:00:00Z")
		i := decodeJSON[inspectionRead](t, got.out)
		if i.Reason != deskauth.ReasonExpired || i.Key == nil || i.Key.ID != "key-1" || i.Key.Algorithm != "ES256" {
			t.Errorf("%s: got %+v, want it expired and signed by key-1", source, got)
		}
	}
	for path, says := range map[string]string{"/away": "use https", "/large": "a megabyte", "/none": "404"} {
		got := call{in: token}.run(t, "token", "inspect", "--jwks", server.URL+path)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, says) {
			t.Errorf("%s: got %+v, want an error that says %q", path, got, says)
		}
	}
	got := call{in: token}.run(t, "token", "inspect", "--json", "--jwks", file(t, "foreign.json", keySet(t, foreign)))
	if i := decodeJSON[inspectionRead](t, got.out); i.Reason != deskauth.ReasonBadSignature || i.Key != nil {
		t.Errorf("another service's keys: got %+v", got)
	}
}

// A secret that everybody can read signs nothing.
func TestASecretInAKeySetIsNoKey(t *testing.T) {
	t.Parallel()
	set := fmt.Sprintf(`{"keys":[{"kty":"oct","k":%q}]}`, base64.RawURLEncoding.EncodeToString([]byte(sessionSecret)))
	token := guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token
	got := call{in: token}.run(t, "token", "inspect", "--jwks", file(t, "jwks.json", set))
	if got.code != exitFailed || !strings.Contains(got.err, "has no public key") {
		t.Errorf("got %+v, want no key", got)
	}
}

// A key set may move, but not for ever, and no other machine sends us to this one.
func TestRedirectsOfAKeySet(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	if _, err := readKeySet(t.Context(), server.URL); err == nil || asked > maxRedirects+1 {
		t.Errorf("%d requests to a page that leads to itself, %v", asked, err)
	}
	from := func(first, next string) error {
		via, err := http.NewRequest(http.MethodGet, first, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodGet, next, nil)
		if err != nil {
			t.Fatal(err)
		}
		return checkRedirect(r, []*http.Request{via})
	}
	for _, c := range []struct {
		first, next string
		ok          bool
	}{
		{"https://desk.example/a", "https://keys.example/b", true},
		{"http://127.0.0.1:1/a", "http://localhost:2/b", true},
		{"https://desk.example/a", "http://127.0.0.1:8080/b", false},
		{"https://desk.example/a", "https://[::1]/b", false},
		{"https://desk.example/a", "http://desk.example/b", false},
		{"https://desk.example/a", "https://u:p@desk.example/b", false},
	} {
		if err := from(c.first, c.next); (err == nil) != c.ok {
			t.Errorf("from %s to %s: %v", c.first, c.next, err)
		}
	}
}
