package httpadapter_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestOpenAPIOfAHost(t *testing.T) {
	t.Parallel()
	closed := httpadapter.Config{DisableSignup: true}
	mailer := deskauth.Config{Mailer: new(testkit.Mailbox)}
	for name, c := range map[string]struct {
		with      setup
		there     []string
		notThere  string
		howMany   int
		unmounted bool
	}{
		"by default":     {unmounted: true},
		"all of it":      {setup{auth: mailer}, []string{"/v1/auth/signup", "/v1/auth/resetpsw/{code}"}, "", 16, false},
		"without mail":   {setup{}, []string{"/v1/auth/signup", "/v1/users"}, "/resetpsw", 9, false},
		"without /users": {setup{}, []string{"/auth/signup", "/auth/openapi.json"}, "users", 7, false},
		"elsewhere":      {setup{auth: mailer}, []string{"/a/signin", "/b/c", "/b/c/changepsw"}, "/v1/", 16, false},
		"at the root":    {setup{}, []string{"/signin", "/users/changepsw"}, "//", 9, false},
		"no sign-up":     {setup{auth: mailer, http: closed}, []string{"/auth/signin", "/auth/signout"}, "signup", 11, false},
	} {
		c.with.http.OpenAPI = map[string]httpadapter.Mounts{
			"all of it":      {Auth: "/v1/auth", Users: "/v1/users"},
			"without mail":   {Auth: "/v1/auth/", Users: "/v1/users"},
			"without /users": {Auth: "/auth"},
			"elsewhere":      {Auth: "/a", Users: "/b/c"},
			"at the root":    {Auth: "/", Users: "/users/"},
			"no sign-up":     {Auth: "/auth"},
		}[name]
		got := ask(start(t, c.with), http.MethodGet, "/openapi.json", "")
		checkJSON(t, got)
		if c.unmounted {
			if got.status != http.StatusNotFound {
				t.Errorf("%s: got %v, want 404", name, got)
			}
			continue
		}
		paths := readDocument(t, got.body).Paths
		if got.status != http.StatusOK || len(paths) != c.howMany {
			t.Errorf("%s: got %d with %d paths, want 200 with %d", name, got.status, len(paths), c.howMany)
		}
		for path := range paths {
			if c.notThere != "" && strings.Contains(path, c.notThere) {
				t.Errorf("%s: the path %s is there", name, path)
			}
		}
		for _, path := range c.there {
			if _, ok := paths[path]; !ok {
				t.Errorf("%s: no path %s in %q", name, path, slices.Sorted(maps.Keys(paths)))
			}
		}
	}
}

func TestOpenAPIOfNoPath(t *testing.T) {
	t.Parallel()
	for _, mounts := range []httpadapter.Mounts{
		{Auth: "v1/auth"}, {Users: "/v1/users"}, {Auth: "/v1/auth", Users: "users"}, {Auth: "https://example.com/v1"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, "has to begin with a slash") {
					t.Errorf("%+v: got %s, want a panic that says what is wrong", mounts, got)
				}
			}()
			start(t, setup{http: httpadapter.Config{OpenAPI: mounts}})
		}()
	}
}
