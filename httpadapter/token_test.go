package httpadapter_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// withToken returns the two middlewares with a Token function.
func (s *service) withToken(logger *slog.Logger, read func(*http.Request) (string, error)) map[string]*guarded {
	cfg := httpadapter.MiddlewareConfig{Token: read, Logger: logger}
	return map[string]*guarded{
		"Authenticate": guard(httpadapter.Authenticate(s.auth, cfg)),
		"Optional":     guard(httpadapter.Optional(s.auth, cfg)),
	}
}

func TestTokenFromElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	for _, text := range []string{token, strings.TrimPrefix(token, "JWT "), strings.Replace(token, "JWT", "Bearer", 1)} {
		for name, g := range s.withToken(testkit.Quiet, func(*http.Request) (string, error) { return text, nil }) {
			if id := g.lets(t, ""); id.Email != adaEmail {
				t.Errorf("%s: the identity is %+v, want Ada's", name, id)
			}
		}
	}
}

// Where Token says where the token is, the header does not.
func TestS24_TokenReplacesTheHeader(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	for _, none := range []error{nil, http.ErrNoCookie, deskauth.ErrInvalidToken} {
		all := s.withToken(testkit.Quiet, func(*http.Request) (string, error) { return "", none })
		all["Authenticate"].refuses(t, token, http.StatusUnauthorized, unauthorized)
		all["Optional"].passes(t, "a good token in the header", token)
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	for _, c := range []struct {
		name      string
		token     string
		err       error
		challenge string
	}{
		{"nothing", "", nil, plainChallenge},
		{"no cookie", "", http.ErrNoCookie, plainChallenge},
		{"no cookie, in other words", token, fmt.Errorf("cookie: %w", http.ErrNoCookie), plainChallenge},
		{"two cookies", "", fmt.Errorf("two cookies: %w", deskauth.ErrInvalidToken), badToken},
		{"a token that is refused", token, deskauth.ErrTokenExpired, badToken},
		{"a bad token", "bad", nil, badToken},
		{"a token and more", token + " " + token, nil, badToken},
	} {
		all := s.withToken(testkit.Quiet, func(*http.Request) (string, error) { return c.token, c.err })
		all["Authenticate"].refuses(t, "", http.StatusUnauthorized, unauthorized)
		challenged(t, c.name, all["Authenticate"].get(""), c.challenge)
		all["Optional"].passes(t, c.name, "")
	}
}

// A Token function that fails or panics lets nobody in, signs nobody out, and is logged.
func TestS23_FailingTokenFunction(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	fails := func(err error) func(*http.Request) (string, error) {
		return func(*http.Request) (string, error) { return token, err }
	}
	for name, read := range map[string]func(*http.Request) (string, error){
		"an error":                fails(errors.New("the cookie jar is down")),
		"a sentinel of ours":      fails(deskauth.ErrUsersOnly),
		"a retry":                 fails(&deskauth.RetryError{Err: deskauth.ErrBusy}),
		"a panic":                 func(*http.Request) (string, error) { panic("the cookie jar is down") },
		"a panic with a sentinel": func(*http.Request) (string, error) { panic(deskauth.ErrInvalidToken) },
		"an index out of range":   func(r *http.Request) (string, error) { return r.Cookies()[7].Value, nil },
	} {
		t.Run(name, func(t *testing.T) {
			log := new(testkit.Logbook)
			for middleware, g := range s.withToken(log.Logger(), read) {
				g.refuses(t, token, http.StatusInternalServerError, internalError)
				if lines := log.Take(t, slog.LevelError); len(lines) != 1 || !strings.Contains(lines[0].Msg, "Token") {
					t.Errorf("%s: the log has %+v, want one error that names Token", middleware, lines)
				}
			}
		})
	}
}

// A client that has gone is no fault of Token's.
func TestTokenOfARequestThatEnded(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	log := new(testkit.Logbook)
	read := func(r *http.Request) (string, error) { return "", r.Context().Err() }
	for name, g := range s.withToken(log.Logger(), read) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		if got := serve(g, r.WithContext(ended(t))); got.status != http.StatusServiceUnavailable || g.calls != 0 {
			t.Errorf("%s: got %v and %d calls, want 503 and none", name, got, g.calls)
		}
	}
	if text := log.TakeText(); text != "" {
		t.Errorf("the log has %s, want nothing", text)
	}
}

// What the next handler panics with is not Token's, and is the server's to handle.
func TestPanicBehindAuthenticate(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	read := func(*http.Request) (string, error) { return token, nil }
	h := httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{Token: read})(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("of the handler") }))
	if text := panicOf(func() { ask(h, http.MethodGet, "/", "") }); text != "of the handler" {
		t.Errorf("the panic is %q, want the handler's", text)
	}
}

func TestMiddlewaresNeedAnAuth(t *testing.T) {
	t.Parallel()
	type newMiddleware func(*deskauth.Auth, httpadapter.MiddlewareConfig) func(http.Handler) http.Handler
	for name, newMiddleware := range map[string]newMiddleware{
		"Authenticate": httpadapter.Authenticate, "Optional": httpadapter.Optional,
	} {
		text := panicOf(func() { newMiddleware(nil, httpadapter.MiddlewareConfig{}) })
		if !strings.Contains(text, name) || !strings.Contains(text, "deskauth.New") {
			t.Errorf("%s of no Auth panics with %q, want its name and the mend", name, text)
		}
	}
}
