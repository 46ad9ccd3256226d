package httpadapter_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// requirers are the middlewares that need another one before them.
func requirers() map[string]func(http.Handler) http.Handler {
	return map[string]func(http.Handler) http.Handler{
		"Require":        httpadapter.Require(),
		"Require a kind": httpadapter.Require(deskauth.KindUser),
		"Require all":    httpadapter.Require(deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal),
		"RequireFresh":   httpadapter.RequireFresh(time.Hour),
	}
}

// Where nobody has looked for a token, no token is good, and the log says what to do. The
// default logger is everybody's, so this test is not parallel.
func TestRequireOfNobodyWhoLooked(t *testing.T) {
	var logs bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logs, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	forgets := func(next http.Handler) http.Handler { // as an adapter that passes the first request on
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.authenticate()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				next.ServeHTTP(w, r)
			})).ServeHTTP(w, r)
		})
	}
	for name, require := range requirers() {
		for how, g := range map[string]*guarded{
			"alone":                  guard(require),
			"the wrong way round":    guard(s.authenticate(), require),
			"behind each other":      guard(require, require),
			"an adapter that forgot": guard(require, forgets),
		} {
			logs.Reset()
			g.refuses(t, token, http.StatusInternalServerError, "Internal error.")
			said := logs.String()
			for _, mend := range []string{"level=ERROR", "Put Authenticate before", "c.Request", "c.SetRequest", "fiber"} {
				if !strings.Contains(said, mend) {
					t.Errorf("%s, %s: the log says %q, want it to name %s", name, how, said, mend)
				}
			}
			if name, _, _ := strings.Cut(name, " "); !strings.Contains(said, "httpadapter: "+name+" lets nobody") {
				t.Errorf("%s, %s: the log says %q, want the middleware in it", name, how, said)
			}
		}
	}
	logs.Reset()
	for _, require := range requirers() { // a mistake of the client's is none of the program's
		guard(require, s.optional()).refuses(t, "", http.StatusUnauthorized, unauthorized)
		guard(require, s.optional()).refuses(t, "JWT x.y.z", http.StatusUnauthorized, unauthorized)
		guard(require, s.optional(), s.optional()).refuses(t, "", http.StatusUnauthorized, unauthorized)
		guard(require, s.authenticate()).refuses(t, "", http.StatusUnauthorized, unauthorized)
		guard(require, s.optional()).lets(t, token)
		guard(require, s.optional(), s.authenticate()).lets(t, token)
		guard(require, s.authenticate(), s.optional()).lets(t, token)
	}
	if logs.Len() > 0 {
		t.Errorf("the log says %s, want nothing of refused tokens", &logs)
	}
}

func TestRequireOfNoKind(t *testing.T) {
	t.Parallel()
	for _, kinds := range [][]deskauth.Kind{
		{"agent"}, {""}, {"User"}, {"external"}, {deskauth.KindUser, "agent"}, {"agent", deskauth.KindUser},
	} {
		text := panicOf(func() { httpadapter.Require(kinds...) })
		for _, kind := range []string{`"user"`, `"guest"`, `"userexternal"`, "KindUser, KindGuest and KindExternal"} {
			if !strings.Contains(text, kind) {
				t.Errorf("Require(%q) panics with %q, want it to name %s", kinds, text, kind)
			}
		}
	}
}

// A stranger is let through Optional without an identity, and with an empty one never.
func TestStrangerHasNoIdentity(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	g := guard(s.optional())
	if got := g.get(""); got.status != http.StatusOK || g.calls != 1 || g.found || g.id.UserID != "" {
		t.Errorf("got %v and the identity %+v, %v; want none", got, g.id, g.found)
	}
}
