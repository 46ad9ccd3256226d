package httpadapter_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	const forbidden = "Forbidden."
	s := start(t, setup{})
	tokens := s.tokens(t)
	authenticate := s.authenticate()
	all := []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}
	for _, kinds := range [][]deskauth.Kind{nil, all[:1], all[1:2], all[2:], all[:2], all[1:], all} {
		g := guard(httpadapter.Require(kinds...), authenticate)
		for _, kind := range all {
			allowed := len(kinds) == 0
			for _, k := range kinds {
				allowed = allowed || k == kind
			}
			if allowed {
				g.lets(t, tokens[kind])
			} else {
				g.refuses(t, tokens[kind], http.StatusForbidden, forbidden)
			}
		}
		g.refuses(t, "", http.StatusUnauthorized, unauthorized)
		g.refuses(t, "JWT garbage", http.StatusUnauthorized, unauthorized)
	}
}

const signInAgain = "Sign in again."

func TestRequireFresh(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for kind, token := range s.tokens(t) {
		g := guard(httpadapter.RequireFresh(10*time.Minute), s.authenticate())
		stateless := guard(httpadapter.RequireFresh(10*time.Minute), s.stateless())
		optional := guard(httpadapter.RequireFresh(10*time.Minute), s.optional())
		begin := s.clock.Now()
		s.clock.Advance(10*time.Minute + 999*time.Millisecond - time.Duration(begin.Nanosecond()))
		for _, fresh := range []*guarded{g, stateless, optional} {
			fresh.lets(t, token)
		}
		s.clock.Advance(time.Millisecond) // 10 minutes and a second after the second of the sign-in
		renewed := token
		if kind != deskauth.KindUser { // the account of a user has a password to sign in with anew
			s.clock.Advance(20 * 24 * time.Hour)
			if kind == deskauth.KindExternal {
				s.clock.Set(begin.Add(13 * time.Hour))
			}
			renewed = s.custom(token).token(t)
			if renewed == token {
				t.Fatalf("%s: the token was not renewed", kind)
			}
		}
		for _, stale := range []*guarded{g, stateless, optional} {
			stale.refuses(t, renewed, http.StatusForbidden, signInAgain)
		}
		g.refuses(t, "", http.StatusUnauthorized, unauthorized)
		optional.refuses(t, "", http.StatusUnauthorized, unauthorized)
		guard(httpadapter.RequireFresh(math.MaxInt64), s.authenticate()).lets(t, renewed)
		s.clock.Set(begin)
	}
}

// A sign-in of which nothing is known is not fresh, nor is one of a clock that was ahead.
// Clocks of several servers may differ a little.
func TestRequireFreshEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		auth   time.Time
		maxAge time.Duration
		want   int
	}{
		{"unknown", time.Time{}, time.Hour, http.StatusForbidden},
		{"unknown, and any age will do", time.Time{}, math.MaxInt64, http.StatusForbidden},
		{"now", time.Now(), time.Minute, http.StatusOK},
		{"by a clock ahead", time.Now().Add(time.Hour), time.Second, http.StatusForbidden},
		{"by a clock a little ahead", time.Now().Add(30 * time.Second), time.Second, http.StatusOK},
		{"yesterday", time.Now().Add(-24 * time.Hour), time.Hour, http.StatusForbidden},
	} {
		id := deskauth.Identity{UserID: "1", AuthTime: c.auth}
		h := as(id, guard(httpadapter.RequireFresh(c.maxAge)))
		if got := ask(h, http.MethodGet, "/", ""); got.status != c.want {
			t.Errorf("%s: got %v, want %d", c.name, got, c.want)
		}
	}
	for _, maxAge := range []time.Duration{0, -time.Second} {
		if text := panicOf(func() { httpadapter.RequireFresh(maxAge) }); text == "" {
			t.Errorf("RequireFresh(%v) does not panic", maxAge)
		}
	}
}
