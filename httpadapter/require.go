package httpadapter

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// Require returns a middleware to use after [Authenticate]. It lets only these kinds of
// account through, or any kind if none is given. Other kinds are answered with 403, and a
// request without an identity, behind [Optional], with 401.
//
// Where no [Authenticate], [Optional] or [WithIdentity] stands before it, nobody has looked
// for a token. That is a mistake of the program: it is logged with what to do, to
// [slog.Default], and each request is answered with 500. Require panics on a kind that is
// none.
func Require(kinds ...deskauth.Kind) func(next http.Handler) http.Handler {
	for _, kind := range kinds {
		if !slices.Contains(allKinds, kind) {
			panic(fmt.Sprintf("httpadapter: Require(%q): there is no such kind of account; the kinds are %q, "+
				"which are deskauth.KindUser, KindGuest and KindExternal", kind, allKinds))
		}
	}
	return require("Require", func(c caller) error {
		if len(kinds) > 0 && !slices.Contains(kinds, c.id.Kind) {
			return errForbidden
		}
		return nil
	})
}

// RequireFresh returns a middleware to use after [Authenticate], for what needs more than a
// session that was left open, such as a payment. It lets a request through only if its
// owner signed in within the last maxAge: Identity.AuthTime, which renewals of the session
// keep, by the clock of Config.Now. A longer ago or unknown sign-in is answered with 403
// and "Sign in again.", and a request without an identity, behind [Optional], with 401.
// Without any of them before it, the answer is 500, as that of [Require] is.
//
// A sign-in that is more than a minute in the future was by a clock that was wrong, so
// nobody knows how long ago it is. It is answered with the same 403.
//
// RequireFresh panics if maxAge is not above 0.
func RequireFresh(maxAge time.Duration) func(next http.Handler) http.Handler {
	if maxAge <= 0 {
		panic(fmt.Sprintf("httpadapter: RequireFresh(%v) lets nobody through: use 10*time.Minute or so", maxAge))
	}
	return require("RequireFresh", func(c caller) error {
		// A token says whole seconds of its sign-in.
		age := c.now().Truncate(time.Second).Sub(c.id.AuthTime)
		if c.id.AuthTime.IsZero() || age > maxAge || age < -clocksDiffer {
			return deskauth.ErrSigninTooOld
		}
		return nil
	})
}

// clocksDiffer is how far the clocks of several servers may be apart.
const clocksDiffer = time.Minute

var allKinds = []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}

var errNotLooked = errors.New("httpadapter: " + notLooked)

// require returns a middleware that answers requests of callers whom check refuses. A
// mistake of the program is no 401, with which every client would sign in again and again.
func require(name string, check func(caller) error) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, looked := callerOf(r.Context())
			var err error
			switch {
			case !looked:
				err = errNotLooked
				slog.ErrorContext(r.Context(), "httpadapter: "+name+" lets nobody through: "+notLooked, "pattern", r.Pattern)
			case !c.known:
				err = errNoToken
			default:
				err = check(c)
			}
			if err != nil {
				writeError(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
