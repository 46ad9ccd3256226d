package httpadapter_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

const jwksPath = "/.well-known/jwks.json"

// edKey is always the same.
func edKey(id, seed string) deskauth.Key {
	return deskauth.NewKey(id, "EdDSA", ed25519.NewKeyFromSeed([]byte(seed)))
}

func TestJWKS(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	secrets.Session = append([]deskauth.Key{edKey("", "the seed of a key of these tests")}, secrets.Session...)
	s := start(t, setup{secrets: secrets})
	got := ask(s, http.MethodGet, jwksPath, "", "Authorization: Bearer x", "Accept: application/jwk-set+json")
	public := ed25519.NewKeyFromSeed([]byte("the seed of a key of these tests")).Public().(ed25519.PublicKey)
	want := `{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"` + secrets.Session[0].ID() + `",` +
		`"kty":"OKP","use":"sig","x":"` + testkit.B64(string(public)) + `"}]}`
	if got.status != http.StatusOK || got.body != want {
		t.Errorf("got %v\nwant 200 %s", got, want)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "public, max-age=300",
		"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "",
	} {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
	head := ask(s, http.MethodHead, jwksPath, "")
	if head.status != http.StatusOK || head.body != "" || head.header.Get("ETag") != got.header.Get("ETag") ||
		head.header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: got %v", head)
	}
	known := ask(s, http.MethodGet, jwksPath, "", "If-None-Match: "+got.header.Get("ETag"))
	if known.status != http.StatusNotModified || known.body != "" || known.header.Get("Cache-Control") == "" {
		t.Errorf("If-None-Match: got %v, want 304", known)
	}
	post := s.post(jwksPath, "{}")
	refused(t, post, http.StatusMethodNotAllowed, "Method not allowed. Use GET, HEAD.")
	if post.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q", post.header.Get("Allow"))
	}
}

// A client that has the set says so by its tag, alone or in a list.
func TestJWKSIfNoneMatch(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	tag := ask(s, http.MethodGet, jwksPath, "").header.Get("ETag")
	if len(tag) < 10 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		t.Fatalf("the ETag is %q, want a strong one", tag)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for name, c := range map[string]struct {
			values []string
			want   int
		}{
			"its tag":                   {[]string{tag}, http.StatusNotModified},
			"made weak by a proxy":      {[]string{"W/" + tag}, http.StatusNotModified},
			"last of a list":            {[]string{`"x", W/"y,z" ,	` + tag}, http.StatusNotModified},
			"first of a list":           {[]string{tag + `,"x"`}, http.StatusNotModified},
			"in a second header":        {[]string{`"x"`, tag}, http.StatusNotModified},
			"any":                       {[]string{"*"}, http.StatusNotModified},
			"another":                   {[]string{`"x"`}, http.StatusOK},
			"without its quotes":        {[]string{strings.Trim(tag, `"`)}, http.StatusOK},
			"the start of it":           {[]string{tag[:8] + `"`}, http.StatusOK},
			"of another case, no match": {[]string{"w/" + tag}, http.StatusOK},
			"empty":                     {[]string{""}, http.StatusOK},
		} {
			var headers []string
			for _, value := range c.values {
				headers = append(headers, "If-None-Match: "+value)
			}
			got := ask(s, method, jwksPath, "", headers...)
			if got.status != c.want || got.header.Get("ETag") != tag || got.header.Get("Cache-Control") == "" {
				t.Errorf("%s, %s: got %v, want %d with the ETag", method, name, got, c.want)
			}
			if c.want == http.StatusNotModified && (got.body != "" || got.header.Get("Content-Type") != "") {
				t.Errorf("%s, %s: got %v, want nothing in it", method, name, got)
			}
		}
	}
}

// Whatever else a request has, the answer is one that the document has: the set is whole.
// The same goes for the document itself.
func TestNoPartOfADocument(t *testing.T) {
	t.Parallel()
	s := start(t, setup{http: httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: "/v1/auth"}}})
	for _, path := range []string{jwksPath, "/openapi.json"} {
		whole := ask(s, http.MethodGet, path, "")
		for _, header := range []string{
			"Range: bytes=0-3", "Range: bytes=9999999-", "Range: bytes=0-1,3-4", "Range: lines=1", "Range: x",
			`If-Match: "x"`, "If-Match: *", `If-Range: "x"`, "If-Modified-Since: Sun, 06 Nov 2050 08:49:37 GMT",
			"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "Accept-Encoding: gzip", "Accept: text/html",
		} {
			got := ask(s, http.MethodGet, path, "", header, "Range: bytes=0-3")
			if got.status != http.StatusOK || got.body != whole.body || !maps.EqualFunc(got.header, whole.header, slices.Equal) {
				t.Errorf("%s with %s: got %v\nwant %v", path, header, got, whole)
			}
		}
	}
	// A server of Go's sends a HEAD with the length of the body that a GET has.
	head := ask(s, http.MethodHead, jwksPath, "", "Range: bytes=0-3")
	if want := strconv.Itoa(len(ask(s, http.MethodGet, jwksPath, "").body)); head.header.Get("Content-Length") != want {
		t.Errorf("HEAD: the Content-Length is %q, want %s", head.header.Get("Content-Length"), want)
	}
}

// With secrets alone the set is there, and empty: the address stays when a key comes.
func TestJWKSOfSecretsAlone(t *testing.T) {
	t.Parallel()
	got := ask(start(t, setup{}), http.MethodGet, jwksPath, "")
	if got.status != http.StatusOK || got.body != `{"keys":[]}` {
		t.Errorf("got %v, want an empty set", got)
	}
}

// The ETag follows the keys, and a set without the old key is another one.
func TestJWKSChanges(t *testing.T) {
	t.Parallel()
	old, next := edKey("old", "the seed of a key of these tests"), edKey("next", "the seed of the key that follows")
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{next, old}
	s := start(t, setup{secrets: secrets})
	secrets.Session[1].NotAfter = s.clock.Now().Add(time.Hour)
	etag := ask(s, http.MethodGet, jwksPath, "").header.Get("ETag")
	s.clock.Advance(time.Hour)
	got := ask(s, http.MethodGet, jwksPath, "", "If-None-Match: "+etag)
	if got.status != http.StatusOK || got.header.Get("ETag") == etag || strings.Contains(got.body, `"old"`) {
		t.Errorf("after the old key's end: got %v", got)
	}
}

// A failure is never an empty set: whoever kept that would refuse every token.
func TestS23_JWKSOfAFailingProvider(t *testing.T) {
	t.Parallel()
	down := false
	s := start(t, setup{secrets: &testkit.Provider{Session: func() ([]deskauth.Key, error) {
		if down {
			return nil, errors.New("the vault is sealed")
		}
		return testkit.Secrets().SessionKeys(context.Background())
	}}})
	down = true
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		got := ask(s, method, jwksPath, "")
		if got.status != http.StatusInternalServerError || got.header.Get("Cache-Control") != "no-store" ||
			strings.Contains(got.body, "vault") || !json.Valid([]byte(got.body)) {
			t.Errorf("%s: got %v, want a 500 that nobody keeps", method, got)
		}
	}
}
