package mounts_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/mounts"
	"github.com/deskauth/deskauth/memstore"
	"github.com/gin-gonic/gin"
)

var routers = map[string]func(*deskauth.Auth) http.Handler{
	"chi":  mounts.Chi,
	"gin":  mounts.Gin,
	"echo": mounts.Echo,
}

// A request is sent to each router. The answer starts with body.
type request struct {
	name, method, path, token, send string

	status int
	header string // "Name: value"
	body   string
}

const (
	isJSON     = "Content-Type: application/json; charset=utf-8"
	aToken     = `{"success":true,"token":"JWT ey`
	nothing    = `{"success":false,"msg":"Not found."}`
	notAllowed = `{"success":false,"msg":"Method not allowed. Use POST."}`
	noToken    = `{"success":false,"msg":"Unauthorized."}`
	notGuest   = `{"success":false,"msg":"Forbidden."}`
)

func TestRouters(t *testing.T) {
	gin.SetMode(gin.TestMode) // or it prints its routes
	auth, guest, agent := people(t)
	requests := []request{
		{"a guest signs in", "POST", "/v1/auth/signinAnonymously", "", `{"id_project":"demo"}`, 200, isJSON, aToken},
		{"fields are missing", "POST", "/v1/auth/signin", "", `{}`, 422, isJSON, `{"errors":[{`},
		{"a wrong method", "GET", "/v1/auth/signin", "", "", 405, "Allow: POST", notAllowed},
		{"a path that is not served", "POST", "/v1/auth/signin/twice", "", `{}`, 404, isJSON, nothing},
		{"a session comes back", "POST", "/v1/auth/signinWithCustomToken", guest, "", 200, isJSON, aToken},
		{"a guest is let through", "GET", "/hello", guest, "", 200, "", "Hello Ada"},
		{"no token", "GET", "/hello", "", "", 401, isJSON, noToken},
		{"a forged token", "GET", "/hello", guest + "A", "", 401, isJSON, noToken},
		{"another kind of account", "GET", "/hello", agent, "", 403, isJSON, notGuest},
	}
	for name, mount := range routers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(mount(auth))
			defer server.Close()
			for _, r := range requests {
				t.Run(r.name, func(t *testing.T) { r.check(t, server) })
			}
		})
	}
}

// check sends the request. An answer that ends in more than one JSON object, or goes on
// after it, comes from a handler that ran behind a refusal.
func (r request) check(t *testing.T, server *httptest.Server) {
	req, err := http.NewRequestWithContext(t.Context(), r.method, server.URL+r.path, strings.NewReader(r.send))
	if err != nil {
		t.Fatal(err)
	}
	if r.send != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "JWT "+r.token)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != r.status {
		t.Errorf("status %d, want %d", resp.StatusCode, r.status)
	}
	name, value, _ := strings.Cut(r.header, ": ")
	if got := resp.Header.Get(name); got != value {
		t.Errorf("%s is %q, want %q", name, got, value)
	}
	whole := r.status == http.StatusUnauthorized || r.status == http.StatusForbidden
	if got := string(body); !strings.HasPrefix(got, r.body) || whole && got != r.body {
		t.Errorf("the answer is %s, want %s", got, r.body)
	}
}

// people returns an Auth, and the tokens of a guest named Ada and of an agent.
func people(t *testing.T) (auth *deskauth.Auth, guest, agent string) {
	t.Helper()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 bytes or more, for this test alone")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, password := t.Context(), deskauth.NewSecret("correct horse battery")
	visitor, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "demo", FirstName: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth.Signup(ctx, deskauth.SignupInput{
		Email: "grace@example.com", Password: password, FirstName: "Grace", LastName: "Hopper",
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := auth.Signin(ctx, deskauth.SigninInput{Email: "grace@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return auth, visitor.Token, session.Token
}
