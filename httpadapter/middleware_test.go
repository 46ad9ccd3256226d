package httpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A guarded handler notes whom it was called for.
type guarded struct {
	http.Handler
	calls int
	id    deskauth.Identity
	found bool
}

func guard(middleware ...func(http.Handler) http.Handler) *guarded {
	g := new(guarded)
	g.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.calls++
		g.id, g.found = httpadapter.IdentityFrom(r.Context())
	})
	for _, m := range middleware {
		g.Handler = m(g.Handler)
	}
	return g
}

func (g *guarded) get(authorization string) answer {
	r := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return serve(g, r)
}

// lets fails the test unless the handler is called once, and returns for whom.
func (g *guarded) lets(t *testing.T, authorization string) deskauth.Identity {
	t.Helper()
	before := g.calls
	if got := g.get(authorization); got.status != http.StatusOK || g.calls != before+1 || !g.found {
		t.Fatalf("got %v, %d calls, identity found: %v; want one call with an identity", got, g.calls-before, g.found)
	}
	return g.id
}

// refuses fails the test unless there is this answer, and no call.
func (g *guarded) refuses(t *testing.T, authorization string, status int, msg string) {
	t.Helper()
	before := g.calls
	refused(t, g.get(authorization), status, msg)
	if g.calls != before {
		t.Errorf("the next handler was called on a %d", status)
	}
}

func TestAuthenticateEveryKind(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	tokens := s.tokens(t)
	for check, authenticate := range s.both() {
		g := guard(authenticate)
		for kind, token := range tokens {
			id := g.lets(t, token)
			if id.Kind != kind || id.UserID == "" || id.SessionID == "" ||
				!id.AuthTime.Equal(s.clock.Now().Truncate(time.Second)) || !id.ExpiresAt.After(id.IssuedAt) {
				t.Errorf("%s: a %s is %+v", check, kind, id)
			}
			project, external, email := projectID, "", id.Email
			switch kind {
			case deskauth.KindUser:
				project, email = "", adaEmail
			case deskauth.KindExternal:
				external, email = "123", ""
			}
			if id.ProjectID != project || id.ExternalID != external || id.Email != email ||
				(id.Email == "") != (kind == deskauth.KindExternal) {
				t.Errorf("%s: a %s is %+v", check, kind, id)
			}
		}
	}
}

func TestAuthenticateRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	tokens := s.tokens(t)
	other := start(t, setup{secrets: deskauth.StaticSecrets{
		Session:  []deskauth.Key{testkit.Key("", "another secret of more than 32 bytes")},
		Projects: map[string][]deskauth.Key{projectID: {testkit.Key("", testkit.SecretA)}},
	}})
	foreign := other.tokens(t)[deskauth.KindUser]
	for _, authenticate := range s.both() {
		g := guard(authenticate)
		for name, authorization := range map[string]string{
			"nothing":                "",
			"garbage":                "JWT garbage",
			"a custom token":         "JWT " + testkit.TokenA(`"123"`),
			"another server's token": foreign,
			"an edited token":        tokens[deskauth.KindUser] + "A",
			"no exp":                 "JWT " + testkit.ForgeSession(referenceClaims),
		} {
			t.Run(name, func(t *testing.T) { g.refuses(t, authorization, http.StatusUnauthorized, unauthorized) })
		}
	}
	s.clock.Advance(25 * time.Hour)
	for _, authenticate := range s.both() {
		g := guard(authenticate)
		g.refuses(t, tokens[deskauth.KindUser], http.StatusUnauthorized, unauthorized)
		g.lets(t, tokens[deskauth.KindGuest])
	}
}

// referenceClaims are those of a session token by a reference server.
const referenceClaims = `{"_id":"5e259950a3f0c70017000001","email":"ada@example.com",` +
	`"firstname":"Ada","lastname":"Lovelace","emailverified":false,"iat":1579521000,` +
	`"aud":"https://tiledesk.com","iss":"https://tiledesk.com","sub":"user",` +
	`"jti":"9c5d0f0e-8c2e-4a0f-9a55-0242ac120002"}`

func TestTokensOfAReferenceServer(t *testing.T) {
	t.Parallel()
	s := start(t, setup{auth: deskauth.Config{BesideTiledesk: true}})
	s.signUpAda(t)
	ada, err := s.users.UserByEmail(t.Context(), adaEmail)
	if err != nil {
		t.Fatal(err)
	}
	token := "JWT " + testkit.ForgeSession(strings.Replace(referenceClaims, "5e259950a3f0c70017000001", ada.ID, 1))
	if id := guard(s.authenticate()).lets(t, token); id.Email != adaEmail || !id.ExpiresAt.IsZero() {
		t.Errorf("it is %+v, want Ada without an end", id)
	}
	if got := s.custom(token); got.token(t) != token {
		t.Errorf("a page load got %v, want the same token", got)
	}
	refused(t, start(t, setup{}).custom(token), http.StatusUnauthorized, unauthorized)
}

func TestAuthenticateLooksTheAccountUp(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*deskauth.Account){
		"S34 disabled": testkit.Disable, "S31 epoch raised": testkit.RaiseEpoch,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{})
			full := guard(s.authenticate())
			stateless := guard(s.stateless())
			for kind, token := range s.tokens(t) {
				full.lets(t, token)
				s.change(t, token, edit)
				full.refuses(t, token, http.StatusUnauthorized, unauthorized)
				if id := stateless.lets(t, token); id.Kind != kind {
					t.Errorf("stateless: %+v, want a %s", id, kind)
				}
			}
		})
	}
	t.Run("renamed", func(t *testing.T) {
		t.Parallel()
		s := start(t, setup{})
		token := s.tokens(t)[deskauth.KindUser]
		s.change(t, token, func(a *deskauth.Account) { a.FirstName = "Augusta" })
		if id := guard(s.authenticate()).lets(t, token); id.FirstName != "Augusta" {
			t.Errorf("the name is %q, want the store's", id.FirstName)
		}
		if id := guard(s.stateless()).lets(t, token); id.FirstName != "Ada" {
			t.Errorf("stateless: the name is %q, want the token's", id.FirstName)
		}
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		s, emptied := start(t, setup{}), start(t, setup{})
		for _, token := range s.tokens(t) {
			guard(emptied.authenticate()).refuses(t, token, http.StatusUnauthorized, unauthorized)
			guard(emptied.stateless()).lets(t, token)
		}
	})
}
