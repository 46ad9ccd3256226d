package httpadapter_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// faults are ways to fail.
var faults = map[string]func() error{
	"an error":            func() error { return errStore },
	"a timeout":           func() error { return fmt.Errorf("dial tcp: %w", context.DeadlineExceeded) },
	"a cancelled context": func() error { return context.Canceled },
	"a panic":             func() error { panic("sql: SELECT at /srv/app/store.go:42") },
	"a panic of an error": func() error { panic(deskauth.ErrInvalidToken) },
	"a nil dereference":   func() error { return *(*error)(nil) },
	"ErrConflict":         func() error { return fmt.Errorf("db: %w", deskauth.ErrConflict) },
}

// broken returns a host of which these methods have a fault.
func broken(fault func() error, methods ...string) *testkit.Host {
	h := &testkit.Host{Users: memstore.New(), Secrets: testkit.Secrets()}
	h.Break(testkit.Fault{Fail: fault}, methods...)
	return h
}

// A fault of the host's lets no caller in, signs none out, and does not say what it is.
func TestS23_FaultsAreNotRefusals(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) { breakWith(t, fault) })
	}
}

// The errors of this library may come from where its contracts do not name them: another
// deskauth may stand behind a store or a vault. So may errors of the system's that say what
// this library says of a method.
func TestS23_SentinelsOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials, deskauth.ErrAccountDisabled,
		errors.ErrUnsupported, syscall.ENOTSUP, syscall.ENOSYS,
	} {
		t.Run(err.Error(), func(t *testing.T) {
			breakWith(t, func() error { return fmt.Errorf("vault: %w", err) })
		})
	}
}

// breakWith breaks first the store and then the keys under everything that they are for.
func breakWith(t *testing.T, fault func() error) {
	t.Run("store", func(t *testing.T) {
		t.Parallel()
		breakOne(t, fault, testkit.StoreMethods)
	})
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		breakOne(t, fault, testkit.KeyMethods)
	})
}

func breakOne(t *testing.T, fault func() error, methods []string) {
	log := new(testkit.Logbook)
	host := broken(fault)
	s := start(t, setup{users: host, secrets: host, auth: deskauth.Config{Logger: log.Logger()}})
	tokens := s.tokens(t)
	g := guard(s.authenticate())
	g.lets(t, tokens[deskauth.KindUser])

	doors := map[string]func() answer{
		"signin":     func() answer { return s.post("/signin", body()) },
		"anonymous":  func() answer { return s.post("/signinAnonymously", asGuest) },
		"first time": func() answer { return s.custom("JWT " + testkit.TokenA(`"new"`)) },
		"known":      func() answer { return s.custom("JWT " + testkit.TokenA(`"123"`)) },
	}
	if methods[0] == testkit.StoreMethods[0] { // a sign-up needs no key
		doors["signup"] = func() answer { return s.post("/signup", body("email", `"new@example.com"`)) }
	}
	for kind, token := range tokens {
		doors["restore "+string(kind)] = func() answer { return s.custom(token) }
		doors["Authenticate "+string(kind)] = func() answer { return g.get(token) }
	}
	host.Break(testkit.Fault{Fail: fault}, methods...)
	for door, knock := range doors {
		log.TakeText()
		got := knock()
		const want = `{"success":false,"msg":"Internal error.","code":"internal_error"}`
		if got.status != http.StatusInternalServerError || got.body != want {
			t.Errorf("%s: got %d %s, want 500", door, got.status, got.body)
		}
		if len(log.Take(t, slog.LevelError)) == 0 {
			t.Errorf("%s: it is not in the log", door)
		}
	}
	if g.calls != 1 {
		t.Errorf("the next handler was called %d times, want the once before the fault", g.calls)
	}
	host.Mend()
	g.lets(t, tokens[deskauth.KindUser])
}

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
		cfg := deskauth.Config{OnEvent: func(context.Context, deskauth.Event) { panic("no") }}
		s := start(t, setup{auth: cfg})
		s.signUpAda(t)
		got := s.post("/signin", body("password", `"wrong password"`))
		refused(t, got, http.StatusUnauthorized, "Authentication failed. Wrong email or password.")
	})
	t.Run("NewID repeats itself", func(t *testing.T) { // the host's fault, and no guest's
		s := start(t, setup{auth: deskauth.Config{NewID: func() string { return "1" }}})
		s.signUpAda(t)
		got := s.post("/signinAnonymously", asGuest)
		refused(t, got, http.StatusInternalServerError, internalError)
	})
}

// A request may end with a deadline of the host's, or because its client has gone. The
// answer is to try again.
func TestRequestThatEnds(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindGuest]
	g := guard(s.authenticate())
	ctx, cancel := context.WithCancel(t.Context())
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

// An account was edited by hand, and cannot be shown. The log says which one.
func TestAnswerThatCannotBeMade(t *testing.T) {
	t.Parallel()
	log := new(testkit.Logbook)
	s := start(t, setup{http: httpadapter.Config{Logger: log.Logger()}})
	token := s.tokens(t)[deskauth.KindExternal]
	var id string
	s.change(t, token, func(acc *deskauth.Account) {
		id, acc.Attributes = acc.ID, []byte(`{"plan":"gold","plan":"iron"}`)
	})
	refused(t, s.custom(token), http.StatusInternalServerError, internalError)
	text := log.TakeText()
	for _, want := range []string{"make an answer", `"user":"` + id, `"project":"` + projectID, "stored attributes"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log has no %q:\n%s", want, text)
		}
	}
}
