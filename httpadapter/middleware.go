package httpadapter

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
)

type identityKey struct{}

// MiddlewareConfig holds the settings of [Authenticate]. The zero value is safe.
type MiddlewareConfig struct {
	// Stateless weakens the check: it does not ask the store, see
	// [deskauth.Auth.VerifyStateless].
	Stateless bool
}

// IdentityFrom returns the identity that [Authenticate] put into the context of a request,
// and false if there is none.
func IdentityFrom(ctx context.Context) (deskauth.Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(deskauth.Identity)
	return id, ok
}

// Authenticate returns a middleware that lets a request through only with a good token in
// its Authorization header, as "JWT <token>" or "Bearer <token>". The next handler finds
// the identity with [IdentityFrom]. Any other request is answered with 401, with 500 if the
// store or the keys failed, or with 503 if the request's context ended.
//
// It checks with [deskauth.Auth.Verify], unless MiddlewareConfig.Stateless says otherwise.
// It lets in guests and external users of every project: use [Require], and compare
// Identity.ProjectID. Authenticate panics on a nil Auth.
func Authenticate(auth *deskauth.Auth, cfg MiddlewareConfig) func(next http.Handler) http.Handler {
	if auth == nil {
		panic("httpadapter: Authenticate needs an Auth: check the error that deskauth.New returned")
	}
	verify := auth.Verify
	if cfg.Stateless {
		verify = auth.VerifyStateless
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := bearer(r)
			if err != nil {
				writeError(w, r, err)
				return
			}
			id, err := verify(r.Context(), token)
			if err != nil {
				writeError(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
		})
	}
}

// Require returns a middleware to use after [Authenticate]. It lets only these kinds of
// account through, or any kind if none is given. Other kinds are answered with 403, and a
// request without an identity with 401.
func Require(kinds ...deskauth.Kind) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, ok := IdentityFrom(r.Context())
			switch {
			case !ok:
				writeError(w, r, errNoToken)
			case len(kinds) > 0 && !slices.Contains(kinds, id.Kind):
				writeError(w, r, refusef(http.StatusForbidden, "Forbidden."))
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// errNoToken is the error of a request that brings no token.
var errNoToken = fmt.Errorf("httpadapter: no token: %w", deskauth.ErrInvalidToken)

// bearer returns the token of a request: one Authorization header with a scheme, one space,
// a token, and nothing after it. A token is read from nowhere else.
func bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", errNoToken
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "JWT") && !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errNoToken
	}
	if strings.ContainsAny(token, " \t,") {
		return "", deskauth.ErrInvalidToken
	}
	return token, nil
}
