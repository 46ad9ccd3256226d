package httpadapter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestIdentityFromNobody(t *testing.T) {
	t.Parallel()
	if id, ok := httpadapter.IdentityFrom(context.Background()); ok || id.UserID != "" {
		t.Errorf("the empty context has %+v", id)
	}
	g := guard()
	g.get("JWT " + testkit.TokenA(`"1"`))
	if g.calls != 1 || g.found {
		t.Errorf("a request that nobody authenticated has %+v", g.id)
	}
}

// as calls a handler with an identity.
func as(id deskauth.Identity, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(httpadapter.WithIdentity(r.Context(), id)))
	})
}

func TestWithIdentity(t *testing.T) {
	t.Parallel()
	ada := deskauth.Identity{UserID: "1", Kind: deskauth.KindUser}
	ctx := httpadapter.WithIdentity(context.Background(), ada)
	if id, ok := httpadapter.IdentityFrom(ctx); !ok || id.UserID != "1" {
		t.Errorf("the identity is %+v, %v; want Ada's", id, ok)
	}
	if id := httpadapter.MustIdentity(ctx); id.UserID != "1" {
		t.Errorf("MustIdentity is %+v, want Ada's", id)
	}
	inner := httpadapter.WithIdentity(ctx, deskauth.Identity{UserID: "2"})
	if id := httpadapter.MustIdentity(inner); id.UserID != "2" {
		t.Errorf("the identity is %+v, want the last one", id)
	}
	g := guard(httpadapter.Require(deskauth.KindUser))
	if got := ask(as(ada, g), http.MethodGet, "/", ""); got.status != http.StatusOK {
		t.Errorf("Require of a user: got %v, want 200", got)
	}
	g = guard(httpadapter.Require(deskauth.KindGuest))
	refused(t, ask(as(ada, g), http.MethodGet, "/", ""), http.StatusForbidden, "Forbidden.")
}

// Without an identity a handler must not go on as the account of the empty ID.
func TestMustIdentityOfNobody(t *testing.T) {
	t.Parallel()
	text := panicOf(func() { httpadapter.MustIdentity(context.Background()) })
	for _, mend := range []string{"Put Authenticate", "c.Request", "c.SetRequest", "fiber", "WithIdentity"} {
		if !strings.Contains(text, mend) {
			t.Errorf("MustIdentity panics with %q, want it to name %s", text, mend)
		}
	}
	s := start(t, setup{})
	behindOptional := ""
	ask(s.optional()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		behindOptional = panicOf(func() { httpadapter.MustIdentity(r.Context()) })
	})), http.MethodGet, "/", "")
	if !strings.Contains(behindOptional, "Use IdentityFrom") || strings.Contains(behindOptional, "c.Request") {
		t.Errorf("behind Optional it panics with %q, want IdentityFrom in its place", behindOptional)
	}
	token := s.tokens(t)[deskauth.KindUser]
	var must deskauth.Identity
	h := s.authenticate()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		must = httpadapter.MustIdentity(r.Context())
	}))
	got := ask(h, http.MethodGet, "/", "", "Authorization: "+token)
	if got.status != http.StatusOK || must.Email != adaEmail {
		t.Errorf("got %v and the identity %+v, want Ada's", got, must)
	}
}
