package httpadapter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

// MiddlewareConfig holds the settings of [Authenticate] and [Optional]. The zero value is
// safe.
type MiddlewareConfig struct {
	// Stateless weakens the check: it does not ask the store, see
	// [deskauth.Auth.VerifyStateless].
	Stateless bool

	// Token, when set, replaces the Authorization header as the place of the token, for
	// WebSockets, event streams and cookies of the host's own. The header is then not read.
	// Token returns the session token, with or without its scheme. The zero value reads the
	// header.
	//
	// For a request without a token, Token returns an empty text, or an error that wraps
	// [http.ErrNoCookie]. For a token that cannot be taken, such as one of two, the error
	// wraps [deskauth.ErrInvalidToken]. The answer is 401. Any other error or a panic is a
	// failure of the host's. It is logged, so it must not name the token, and the answer is
	// 500.
	//
	// A browser sends cookies with requests that other sites make. Where Token reads one,
	// put [http.CrossOriginProtection] around the handlers: see docs/embedding.md.
	Token func(r *http.Request) (string, error)

	// Logger gets the failures and panics of Token. The default is [slog.Default] at the
	// time of [Authenticate] or [Optional].
	Logger *slog.Logger
}

// Authenticate returns a middleware that lets a request through only with a good token in
// its Authorization header, as "JWT <token>" or "Bearer <token>". The next handler finds
// the identity with [IdentityFrom] or [MustIdentity]. Any other request is answered with
// 401, with 500 if the store or the keys failed, or with 503 if the request's context
// ended.
//
// It checks with [deskauth.Auth.Verify], unless MiddlewareConfig.Stateless says otherwise.
// It lets in guests and external users of every project: use [Require], and compare
// Identity.ProjectID. Authenticate panics on a nil Auth.
func Authenticate(auth *deskauth.Auth, cfg MiddlewareConfig) func(next http.Handler) http.Handler {
	check := newChecker("Authenticate", auth, cfg)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, err := check.identity(r)
			if err != nil {
				writeError(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(withCaller(r.Context(), caller{id, check.now, true})))
		})
	}
}

// Optional is [Authenticate] for what everybody may see. A request without a token, or with
// one that is no longer good, goes on without an identity. So the next handler has to look
// at what [IdentityFrom] says. If the store or the keys fail, nothing is known of a token:
// the answer is 500 or 503, and never the page of a stranger.
//
// Where an identity is in the context before, it stays unless a good token comes. So two of
// them, one behind the other, look for a token in two places. Optional panics on a nil
// Auth.
func Optional(auth *deskauth.Auth, cfg MiddlewareConfig) func(next http.Handler) http.Handler {
	check := newChecker("Optional", auth, cfg)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, err := check.identity(r)
			switch {
			case err == nil:
				r = r.WithContext(withCaller(r.Context(), caller{id, check.now, true}))
			case !errors.Is(err, deskauth.ErrInvalidToken):
				writeError(w, r, err)
				return
			default:
				if _, looked := callerOf(r.Context()); !looked {
					r = r.WithContext(withCaller(r.Context(), caller{}))
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// A checker finds out whose token a request brings.
type checker struct {
	verify func(ctx context.Context, token string) (deskauth.Identity, error)
	now    func() time.Time
	token  func(r *http.Request) (string, error)
	logger *slog.Logger
}

func newChecker(caller string, auth *deskauth.Auth, cfg MiddlewareConfig) checker {
	if auth == nil {
		panic("httpadapter: " + caller + " needs an Auth: check the error that deskauth.New returned")
	}
	c := checker{verify: auth.Verify, now: auth.Now, token: bearer, logger: cfg.Logger}
	if cfg.Stateless {
		c.verify = auth.VerifyStateless
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if cfg.Token != nil {
		c.token = c.contain(cfg.Token)
	}
	return c
}

// identity returns an error that wraps ErrInvalidToken if there is no good token. Any other
// error is a failure.
func (c checker) identity(r *http.Request) (deskauth.Identity, error) {
	token, err := c.token(r)
	if err != nil {
		return deskauth.Identity{}, err
	}
	return c.verify(r.Context(), token)
}

// contain keeps a panic in MiddlewareConfig.Token from the server, and its errors from
// being taken for anything but what that field's comment says.
func (c checker) contain(read func(*http.Request) (string, error)) func(*http.Request) (string, error) {
	return func(r *http.Request) (token string, err error) {
		defer func() {
			if p := recover(); p != nil {
				c.logger.ErrorContext(r.Context(), "httpadapter: panic in MiddlewareConfig.Token",
					"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				token, err = "", errPanic
			}
		}()
		token, err = read(r)
		switch {
		case errors.Is(err, http.ErrNoCookie), err == nil && token == "":
			return "", errNoToken
		case errors.Is(err, deskauth.ErrInvalidToken):
			return "", deskauth.ErrInvalidToken
		case err != nil:
			if r.Context().Err() == nil { // else the client has gone
				c.logger.ErrorContext(r.Context(), "httpadapter: MiddlewareConfig.Token failed", "error", err)
			}
			return "", errTokenFailed
		}
		return token, nil
	}
}

var errTokenFailed = errors.New("httpadapter: MiddlewareConfig.Token failed")

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
