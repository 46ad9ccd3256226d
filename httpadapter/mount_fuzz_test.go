package httpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Whatever the path of a request, it is an endpoint of every mount or of none.
func FuzzMounts(f *testing.F) {
	for _, path := range []string{
		"/v1/auth/signin", "/v1/auth/v1/auth/signin", "/v1/auth", "/v1/auth/", "/v1/auth//signin", "/signin", "/",
		"/v1/auth/resetpsw/code", "/v1/auth/v1/auth/resetpsw/code", "/v1/auth/resetpsw/v1/auth/signin",
		"/v1%2Fauth/signin", "/v1/auth%2Fsignin", "/v1/auth/v1%2Fauth%2Fsignin", "/v1/a%75th/v1/auth/sign%69n",
		"/v1/auth/../auth/signin", "/v1/auth/signin?/v1/auth/signin", "/v1/authsignin", "/V1/auth/signin",
		"/v1/auth/v1/auth/changepsw", "/v1/auth/changepsw",
	} {
		f.Add(path)
	}
	s := start(f, setup{auth: deskauth.Config{Mailer: new(testkit.Mailbox)}})
	all := []map[string]http.Handler{}
	for _, newHandler := range []func(*deskauth.Auth, httpadapter.Config) http.Handler{
		httpadapter.New, httpadapter.NewUsers,
	} {
		plain := newHandler(s.auth, httpadapter.Config{})
		all = append(all, map[string]http.Handler{
			"StripPrefix": plainMux(http.StripPrefix("/v1/auth", plain), "/v1/auth", "/v1/auth/"),
			"a pattern":   plainMux(plain, "/v1/auth", "/v1/auth/"),
			"a wildcard":  plainMux(plain, "/v1/auth", "/v1/auth/{rest...}"),
			"Prefix":      plainMux(newHandler(s.auth, httpadapter.Config{Prefix: "/v1/auth"}), "/v1/auth", "/v1/auth/"),
		})
	}
	f.Fuzz(func(t *testing.T, path string) {
		if u, err := url.ParseRequestURI(path); err != nil || u.Host != "" || path[0] != '/' {
			return
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			for _, mounts := range all {
				want := askPath(mounts["Prefix"], method, path)
				for name, h := range mounts {
					got := askPath(h, method, path)
					// StripPrefix knows no prefix that is percent-encoded.
					unknown := name == "StripPrefix" && got == http.StatusNotFound && strings.Contains(path, "%")
					if got != want && !unknown {
						t.Errorf("%s %q: status %d with %s, %d with Prefix", method, path, got, name, want)
					}
				}
			}
		}
	})
}

// askPath returns the status of a request as a server would make it of a request line.
func askPath(h http.Handler, method, path string) int {
	r := httptest.NewRequest(method, "/", http.NoBody)
	r.RequestURI = path
	r.URL, _ = url.ParseRequestURI(path)
	return serve(h, r).status
}
