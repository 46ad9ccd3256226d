package httpadapter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

const (
	projectID  = testkit.ProjectA // takes guests and custom tokens
	guestsOnly = testkit.NoTokens // has no secret

	adaEmail    = "ada@example.com"
	adaPassword = "correct horse battery"

	asGuest = `{"id_project":"` + projectID + `"}` // the body of a guest
)

// A setup is what differs from the plain service.
type setup struct {
	users   deskauth.UserStore
	secrets deskauth.SecretProvider
	auth    deskauth.Config
	http    httpadapter.Config
}

// A service is the handler under test, with its store and its clock.
type service struct {
	http.Handler
	auth  *deskauth.Auth
	users deskauth.UserStore
	clock testkit.Clock
	made  atomic.Int64
}

func start(t testing.TB, with setup) *service {
	t.Helper()
	s := new(service)
	s.clock.Set(time.Date(2020, 1, 20, 11, 50, 8, 778_000_000, time.UTC))
	if with.users == nil {
		with.users = memstore.New()
	}
	if with.secrets == nil {
		with.secrets = testkit.Secrets()
	}
	if with.auth.Argon2 == (deskauth.Argon2Params{}) {
		with.auth.Argon2 = testkit.CheapArgon2
	}
	if with.auth.Logger == nil {
		with.auth.Logger = testkit.Quiet
	}
	with.auth.Now = s.clock.Now
	if with.auth.NewID == nil && !with.auth.BesideTiledesk {
		with.auth.NewID = s.newID
	}
	auth, err := deskauth.New(with.users, with.secrets, with.auth)
	if err != nil {
		t.Fatal(err)
	}
	s.Handler, s.auth, s.users = httpadapter.New(auth, with.http), auth, with.users
	return s
}

// authenticate returns the middleware, as most hosts use it.
func (s *service) authenticate() func(http.Handler) http.Handler {
	return httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{})
}

// stateless returns the middleware that does not ask the store.
func (s *service) stateless() func(http.Handler) http.Handler {
	return httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{Stateless: true})
}

// optional returns the middleware that lets everybody through.
func (s *service) optional() func(http.Handler) http.Handler {
	return httpadapter.Optional(s.auth, httpadapter.MiddlewareConfig{})
}

// both returns the two middlewares by name.
func (s *service) both() map[string]func(http.Handler) http.Handler {
	return map[string]func(http.Handler) http.Handler{"Verify": s.authenticate(), "Stateless": s.stateless()}
}

// newID counts in the form of the reference server's IDs.
func (s *service) newID() string { return fmt.Sprintf("5e259950a3f0c700170%05x", s.made.Add(1)) }

// An answer is a whole response.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %v %s", a.status, a.header, a.body) }

// ask sends one request to a handler. Each header is "Name: value".
func ask(h http.Handler, method, path, body string, headers ...string) answer {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	for _, text := range headers {
		name, value, _ := strings.Cut(text, ": ")
		r.Header.Add(name, value)
	}
	return serve(h, r)
}

func serve(h http.Handler, r *http.Request) answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Result().Header, w.Body.String()}
}

const isJSON = "Content-Type: application/json"

// post sends a JSON body.
func (s *service) post(path, body string) answer {
	return ask(s, http.MethodPost, path, body, isJSON)
}

// custom sends an Authorization header to /signinWithCustomToken.
func (s *service) custom(authorization string) answer {
	return ask(s, http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+authorization)
}

// token returns the token of a successful answer, with the scheme before it.
func (a answer) token(t testing.TB) string {
	t.Helper()
	var body struct{ Token string }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.status != http.StatusOK || body.Token == "" {
		t.Fatalf("want 200 with a token, got %v", a)
	}
	return body.Token
}

// signUpAda makes the one account with a password.
func (s *service) signUpAda(t testing.TB) {
	t.Helper()
	if got := s.post("/signup", body()); got.status != http.StatusOK {
		t.Fatalf("sign up: %v", got)
	}
}

// tokens returns a good session token of each kind, with the scheme before it.
func (s *service) tokens(t testing.TB) map[deskauth.Kind]string {
	t.Helper()
	s.signUpAda(t)
	custom := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
	return map[deskauth.Kind]string{
		deskauth.KindUser:     s.post("/signin", body()).token(t),
		deskauth.KindGuest:    s.post("/signinAnonymously", asGuest).token(t),
		deskauth.KindExternal: s.custom("JWT " + custom).token(t),
	}
}

// change rewrites the account that a token was issued to.
func (s *service) change(t testing.TB, token string, edit func(*deskauth.Account)) {
	t.Helper()
	id, err := s.auth.VerifyStateless(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Change(t, s.users, id.UserID, edit)
}

// checkJSON checks what is true of every response.
func checkJSON(t testing.TB, got answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type":           "application/json; charset=utf-8",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
	} {
		if values := got.header.Values(name); len(values) != 1 || values[0] != want {
			t.Errorf("%s is %q, want one %q in %v", name, values, want, got)
		}
	}
	if _, err := strictjson.Object([]byte(got.body), nil); err != nil || !json.Valid([]byte(got.body)) {
		t.Errorf("the body is no JSON object of one meaning: %v in %v", err, got)
	}
}

// refused fails the test unless the answer has this status, and nothing but msg and a code.
// The golden files say which code.
func refused(t testing.TB, got answer, status int, msg string) {
	t.Helper()
	checkJSON(t, got)
	text, code, _ := strings.Cut(strings.TrimSuffix(got.body, `"}`), `","code":"`)
	want := `{"success":false,"msg":"` + msg
	if got.status != status || text != want || !codeForm.MatchString(code) {
		t.Errorf("got %v\nwant %d %s and a code", got, status, want)
	}
}

var codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

const (
	unauthorized  = "Unauthorized."
	internalError = "Internal error."
)
