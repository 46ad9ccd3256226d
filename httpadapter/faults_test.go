package httpadapter_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

// A faultyStore does what fault says before it answers. An error of fault is its answer.
type faultyStore struct {
	deskauth.UserStore
	fault func() error
}

func (f faultyStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.UserStore.CreateUser(ctx, a)
}

func (f faultyStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.UserStore.UpdateUser(ctx, a)
}

func (f faultyStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if err := f.fault(); err != nil {
		return deskauth.Account{}, err
	}
	return f.UserStore.UserByID(ctx, id)
}

func (f faultyStore) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	if err := f.fault(); err != nil {
		return deskauth.Account{}, err
	}
	return f.UserStore.UserByEmail(ctx, email)
}

// faultyKeys do the same for keys.
type faultyKeys struct {
	deskauth.SecretProvider
	fault func() error
}

func (f faultyKeys) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.SecretProvider.SessionKeys(ctx)
}

func (f faultyKeys) ProjectKeys(ctx context.Context, id string) ([]deskauth.Key, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.SecretProvider.ProjectKeys(ctx, id)
}

// faults are ways to fail.
var faults = map[string]func() error{
	"an error":            func() error { return errStore },
	"a timeout":           func() error { return fmt.Errorf("dial tcp: %w", context.DeadlineExceeded) },
	"a cancelled context": func() error { return context.Canceled },
	"a panic":             func() error { panic("sql: SELECT at /srv/app/store.go:42") },
	"a panic of an error": func() error { panic(deskauth.ErrInvalidToken) },
	"a nil dereference":   func() error { var s *service; return fmt.Errorf("%v", s.clock) },
	"ErrConflict":         func() error { return fmt.Errorf("db: %w", deskauth.ErrConflict) },
}

// TestS23_FaultsAreNotRefusals breaks what the host gives, and wants no caller to be let in,
// signed out or told why.
func TestS23_FaultsAreNotRefusals(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) { breakWith(t, fault) })
	}
}

// TestS23_SentinelsOfSomebodyElse has errors of this library come from where its contracts do
// not name them: another deskauth may stand behind a store or a vault.
func TestS23_SentinelsOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials, deskauth.ErrAccountDisabled,
	} {
		t.Run(err.Error(), func(t *testing.T) { breakWith(t, func() error { return fmt.Errorf("vault: %w", err) }) })
	}
}

// breakWith breaks first the store and then the keys under everything that they are for.
func breakWith(t *testing.T, fault func() error) {
	t.Run("store", func(t *testing.T) {
		t.Parallel()
		breakOne(t, fault, func(s *setup, maybe func() error) { s.users = faultyStore{s.users, maybe} })
	})
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		breakOne(t, fault, func(s *setup, maybe func() error) { s.secrets = faultyKeys{s.secrets, maybe} })
	})
}

func breakOne(t *testing.T, fault func() error, install func(*setup, func() error)) {
	var logs bytes.Buffer
	broken := false
	maybe := func() error {
		if broken {
			return fault()
		}
		return nil
	}
	with := setup{users: memstore.New(), secrets: deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{projectID: {deskauth.NewKey("", "HS256", projectSecret)}},
	}}
	with.auth.Logger = slog.New(slog.NewTextHandler(&logs, nil))
	install(&with, maybe)
	s := start(t, with)
	tokens := s.tokens(t)
	g := guard(httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{}))
	g.lets(t, tokens[deskauth.KindUser])

	doors := map[string]func() answer{
		"signin":     func() answer { return s.post("/signin", body()) },
		"anonymous":  func() answer { return s.post("/signinAnonymously", `{"id_project":"`+projectID+`"}`) },
		"first time": func() answer { return s.custom("JWT " + customToken(`"_id":"new"`)) },
		"known":      func() answer { return s.custom("JWT " + customToken(`"_id":"123"`)) },
	}
	if _, ok := with.users.(faultyStore); ok { // a sign-up needs no key
		doors["signup"] = func() answer { return s.post("/signup", body("email", `"new@example.com"`)) }
	}
	for kind, token := range tokens {
		doors["restore "+string(kind)] = func() answer { return s.custom(token) }
		doors["Authenticate "+string(kind)] = func() answer { return g.get(token) }
	}
	broken = true
	for door, knock := range doors {
		logs.Reset()
		got := knock()
		if got.status != http.StatusInternalServerError || got.body != `{"success":false,"msg":"Internal error."}` {
			t.Errorf("%s: got %d %s, want 500", door, got.status, got.body)
		}
		if !strings.Contains(logs.String(), "level=ERROR") {
			t.Errorf("%s: it is not in the log:\n%s", door, logs.String())
		}
	}
	if g.calls != 1 {
		t.Errorf("the next handler was called %d times, want the once before the fault", g.calls)
	}
	broken = false
	g.lets(t, tokens[deskauth.KindUser]) // and life goes on
}

// TestS23_HooksThatFail has the host's functions fail or panic.
func TestS23_HooksThatFail(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]deskauth.Config{
		"PasswordCheck fails":   {PasswordCheck: func(context.Context, string) error { return errStore }},
		"PasswordCheck panics":  {PasswordCheck: func(context.Context, string) error { panic("no") }},
		"CanonicalEmail panics": {CanonicalEmail: func(string) (string, error) { panic("no") }},
		"NewID panics":          {NewID: func() string { panic("no") }},
		"NewID is empty":        {NewID: func() string { return "" }},
	} {
		s := start(t, setup{auth: with})
		t.Run(name, func(t *testing.T) {
			refused(t, s.post("/signup", body()), http.StatusInternalServerError, internalError)
		})
	}
	t.Run("OnEvent panics", func(t *testing.T) {
		s := start(t, setup{auth: deskauth.Config{OnEvent: func(context.Context, deskauth.Event) { panic("no") }}})
		s.signUpAda(t)
		refused(t, s.post("/signin", body("password", `"wrong password"`)), http.StatusUnauthorized, "Authentication failed. Wrong email or password.")
	})
	t.Run("NewID repeats itself", func(t *testing.T) { // the host's fault, and no guest's
		s := start(t, setup{auth: deskauth.Config{NewID: func() string { return "1" }}})
		s.signUpAda(t)
		refused(t, s.post("/signinAnonymously", `{"id_project":"`+projectID+`"}`), http.StatusInternalServerError, internalError)
	})
}

// TestRequestThatEnds has a deadline of the host's, or a client that went: the answer, if
// anybody reads it, is to try again.
func TestRequestThatEnds(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindGuest]
	g := guard(httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, h := range []http.Handler{s, g} {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/signinWithCustomToken", http.NoBody)
		r.Header.Set("Authorization", token)
		got := serve(h, r)
		refused(t, got, http.StatusServiceUnavailable, "It took too long. Try again.")
		if got.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After is missing in %v", got)
		}
	}
	if g.calls != 0 {
		t.Error("the next handler was called")
	}
}
