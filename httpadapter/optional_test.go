package httpadapter_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// passes fails the test unless the handler is called once, without an identity.
func (g *guarded) passes(t *testing.T, what, authorization string) {
	t.Helper()
	before := g.calls
	if got := g.get(authorization); got.status != http.StatusOK || g.calls != before+1 || g.found || g.id.UserID != "" {
		t.Errorf("%s: got %v, %d calls, identity %+v; want one call without an identity",
			what, got, g.calls-before, g.id)
	}
}

func TestOptional(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	g := guard(s.optional())
	tokens := s.tokens(t)
	for kind, token := range tokens {
		if id := g.lets(t, token); id.Kind != kind {
			t.Errorf("the identity is %+v, want a %s", id, kind)
		}
	}
	user := tokens[deskauth.KindUser]
	for what, authorization := range map[string]string{
		"no header":                       "",
		"another scheme":                  "Basic YTpi",
		"garbage":                         "JWT garbage",
		"an edited token":                 user + "A",
		"two tokens":                      user + ", " + user,
		"S07 a custom token":              "JWT " + testkit.TokenA(`"123"`),
		"S02 a token that nobody signed":  "JWT " + testkit.Forge(`{"alg":"none"}`, referenceClaims, ""),
		"S31 no token of a user any more": s.signedOut(t),
	} {
		g.passes(t, what, authorization)
	}
	two := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	two.Header["Authorization"] = []string{user, user}
	if got := serve(g, two); got.status != http.StatusOK || g.found {
		t.Errorf("S24 two headers: got %v and the identity %+v, want none", got, g.id)
	}
	s.change(t, user, testkit.Disable)
	g.passes(t, "S34 a disabled account", user)
	guest := tokens[deskauth.KindGuest]
	s.clock.Advance(31 * testkit.Day)
	g.passes(t, "an expired token", guest)
}

// signedOut returns the token of a session that has ended.
func (s *service) signedOut(t *testing.T) string {
	t.Helper()
	token := s.post("/signin", body()).token(t)
	if got := ask(s, http.MethodPost, "/signout", "", "Authorization: "+token); got.status != http.StatusOK {
		t.Fatalf("sign out: %v", got)
	}
	return token
}

// A token in another place than the header is not read.
func TestS24_OptionalReadsTheHeaderAlone(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	g := guard(s.optional())
	for _, r := range elsewhere(strings.TrimPrefix(s.tokens(t)[deskauth.KindUser], "JWT ")) {
		if got := serve(g, r); got.status != http.StatusOK || g.found {
			t.Errorf("%s %v: got %v and the identity %+v, want none", r.URL, r.Header, got, g.id)
		}
	}
}

// Where nothing is known of a token, its owner is not shown the page of a stranger.
func TestS23_OptionalFailsClosed(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		for _, methods := range [][]string{{"UserByID"}, {"SessionKeys"}} {
			host := broken(fault)
			s := start(t, setup{users: host, secrets: host})
			token := s.tokens(t)[deskauth.KindUser]
			g := guard(s.optional())
			host.Break(testkit.Fault{Fail: fault}, methods...)
			g.refuses(t, token, http.StatusInternalServerError, internalError)
			if t.Failed() {
				t.Fatalf("that was %s of %s", name, methods)
			}
			g.passes(t, "no token needs no store", "")
		}
	}
	s := start(t, setup{})
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody).WithContext(ended(t))
	r.Header.Set("Authorization", s.tokens(t)[deskauth.KindUser])
	g := guard(s.optional())
	if got := serve(g, r); got.status != http.StatusServiceUnavailable || g.calls != 0 {
		t.Errorf("a request that has ended: got %v and %d calls, want 503 and none", got, g.calls)
	}
}

// ended returns a context that has ended.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// Two in a row look in two places. What the first one found is lost by no bad token.
func TestOptionalInARow(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	tokens := s.tokens(t)
	query := httpadapter.Optional(s.auth, httpadapter.MiddlewareConfig{
		Token:  func(r *http.Request) (string, error) { return r.URL.Query().Get("t"), nil },
		Logger: slog.New(slog.DiscardHandler),
	})
	g := guard(httpadapter.Require(), s.optional(), query)
	token := func(kind deskauth.Kind) string { return strings.TrimPrefix(tokens[kind], "JWT ") }
	for _, c := range []struct {
		name, query, header string
		want                deskauth.Kind
	}{
		{"the first", token(deskauth.KindUser), "", deskauth.KindUser},
		{"the second", "", "JWT " + token(deskauth.KindGuest), deskauth.KindGuest},
		{"both", token(deskauth.KindUser), "JWT " + token(deskauth.KindGuest), deskauth.KindGuest},
		{"the second is bad", token(deskauth.KindUser), "JWT bad", deskauth.KindUser},
		{"neither", "", "", ""},
		{"both are bad", "bad", "JWT bad", ""},
	} {
		g.id = deskauth.Identity{}
		r := httptest.NewRequest(http.MethodGet, "/?t="+c.query, http.NoBody)
		r.Header.Set("Authorization", c.header)
		got := serve(g, r)
		if g.id.Kind != c.want || (got.status == http.StatusOK) != (c.want != "") {
			t.Errorf("%s: got %v for %q, want %q", c.name, got, g.id.Kind, c.want)
		}
	}
}
