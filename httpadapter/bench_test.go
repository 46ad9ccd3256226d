package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// bench serves one request over and over. Making it anew would cost as much as answering
// it.
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
	const text = `{"id_project":"` + projectID + `","firstname":"Guest",` +
		`"attributes":{"page":"https://example.com/pricing"}}`
	s := start(b, setup{auth: deskauth.Config{Limits: testkit.NoLimits()}})
	bench(b, s, newRequest(http.MethodPost, "/signinAnonymously", "Content-Type", "application/json"), text)
}

// BenchmarkAuthenticate includes the look-up in memory behind a good token.
func BenchmarkAuthenticate(b *testing.B) {
	s := start(b, setup{})
	tokens := s.tokens(b)
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
		for name, authenticate := range s.both() {
			b.Run(string(kind)+"/"+name, func(b *testing.B) {
				r := newRequest(http.MethodGet, "/me", "Authorization", tokens[kind])
				bench(b, authenticate(next), r, "")
			})
		}
	}
}

// BenchmarkSigninWithCustomToken signs in an external user whose profile is unchanged.
func BenchmarkSigninWithCustomToken(b *testing.B) {
	token := "JWT " + testkit.ForgeA(fullClaims)
	bench(b, start(b, setup{}), newRequest(http.MethodPost, "/signinWithCustomToken", "Authorization", token), "")
}
