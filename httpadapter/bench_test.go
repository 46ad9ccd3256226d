package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// bench serves one request over and over. Making it anew would cost as much as answering it.
func bench(b *testing.B, h http.Handler, r *http.Request, body string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func newRequest(method, path, header, value string) *http.Request {
	r := httptest.NewRequest(method, path, http.NoBody)
	r.Header.Set(header, value)
	return r
}

func BenchmarkSigninAnonymously(b *testing.B) {
	const text = `{"id_project":"` + projectID + `","firstname":"Guest","attributes":{"page":"https://example.com/pricing"}}`
	off := deskauth.Limits{GuestsPerClient: deskauth.NoLimit, GuestsPerProject: deskauth.NoLimit}
	bench(b, start(b, setup{auth: deskauth.Config{Limits: off}}), newRequest(http.MethodPost, "/signinAnonymously", "Content-Type", "application/json"), text)
}

// BenchmarkAuthenticate has the look-up in memory that stands behind a good token.
func BenchmarkAuthenticate(b *testing.B) {
	s := start(b, setup{})
	tokens := s.tokens(b)
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
		for name, cfg := range map[string]httpadapter.MiddlewareConfig{"Verify": {}, "Stateless": {Stateless: true}} {
			b.Run(string(kind)+"/"+name, func(b *testing.B) {
				bench(b, httpadapter.Authenticate(s.auth, cfg)(next), newRequest(http.MethodGet, "/me", "Authorization", tokens[kind]), "")
			})
		}
	}
}

// BenchmarkSigninWithCustomToken has an external user who is known and unchanged.
func BenchmarkSigninWithCustomToken(b *testing.B) {
	token := "JWT " + signed(`{"alg":"HS256","typ":"JWT"}`, fullClaims, projectSecret)
	bench(b, start(b, setup{}), newRequest(http.MethodPost, "/signinWithCustomToken", "Authorization", token), "")
}
