package httpadapter_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/memstore"
)

const (
	sessionSecret = "b2f1c1ce-6b8e-4a6c-9a55-1c7a2a0d6b11" // 36 bytes, like Tiledesk's
	projectSecret = "8b4ac5b9-3f6d-4d7e-8a1c-2d8c7ad1f0e2"
	projectID     = "5c81593adf767b0017d1aa66" // takes guests and custom tokens
	guestsOnly    = "5c81593adf767b0017d1aa77" // has no secret

	adaEmail    = "ada@example.com"
	adaPassword = "correct horse battery"
)

// cheap is the least cost that Argon2 has: these tests are not about it.
var cheap = deskauth.Argon2Params{Memory: 8, Time: 1, Parallelism: 1}

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

	mu    sync.Mutex
	clock time.Time
	made  int
}

func start(t testing.TB, with setup) *service {
	t.Helper()
	s := &service{clock: time.Date(2020, 1, 20, 11, 50, 8, 778_000_000, time.UTC)}
	if with.users == nil {
		with.users = memstore.New()
	}
	if with.secrets == nil {
		with.secrets = deskauth.StaticSecrets{
			Session: []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
			Projects: map[string][]deskauth.Key{
				projectID:  {deskauth.NewKey("", "HS256", projectSecret)},
				guestsOnly: nil,
			},
		}
	}
	if with.auth.Argon2 == (deskauth.Argon2Params{}) {
		with.auth.Argon2 = cheap
	}
	if with.auth.Logger == nil {
		with.auth.Logger = slog.New(slog.DiscardHandler)
	}
	with.auth.Now = s.now
	if with.auth.NewID == nil {
		with.auth.NewID = s.newID
	}
	auth, err := deskauth.New(with.users, with.secrets, with.auth)
	if err != nil {
		t.Fatal(err)
	}
	s.Handler, s.auth, s.users = httpadapter.New(auth, with.http), auth, with.users
	return s
}

func (s *service) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// pass lets time go by.
func (s *service) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// newID counts in the form of the reference server's IDs.
func (s *service) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return fmt.Sprintf("5e259950a3f0c700170%05x", s.made)
}

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
	got := s.post("/signup", `{"email":"`+adaEmail+`","password":"`+adaPassword+`","firstname":"Ada","lastname":"Lovelace"}`)
	if got.status != http.StatusOK {
		t.Fatalf("sign up: %v", got)
	}
}

// tokens returns a good session token of each kind, with the scheme before it.
func (s *service) tokens(t testing.TB) map[deskauth.Kind]string {
	t.Helper()
	s.signUpAda(t)
	return map[deskauth.Kind]string{
		deskauth.KindUser:     s.post("/signin", `{"email":"`+adaEmail+`","password":"`+adaPassword+`"}`).token(t),
		deskauth.KindGuest:    s.post("/signinAnonymously", `{"id_project":"`+projectID+`"}`).token(t),
		deskauth.KindExternal: s.custom("JWT " + customToken(`"_id":"123","firstname":"Andrea"`)).token(t),
	}
}

// change rewrites the account that a token was issued to.
func (s *service) change(t testing.TB, token string, edit func(*deskauth.Account)) {
	t.Helper()
	ctx := context.Background()
	id, err := s.auth.VerifyStateless(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	acc, err := s.users.UserByID(ctx, id.UserID)
	if err != nil {
		t.Fatal(err)
	}
	edit(&acc)
	if err := s.users.UpdateUser(ctx, acc); err != nil {
		t.Fatal(err)
	}
}

func disable(a *deskauth.Account)    { a.Disabled = true }
func raiseEpoch(a *deskauth.Account) { a.SessionEpoch++ }

// customToken is what the project's backend signs, with these claims besides sub and aud.
func customToken(claims string) string {
	return signed(`{"alg":"HS256","typ":"JWT"}`,
		`{`+claims+`,"sub":"userexternal","aud":"https://tiledesk.com/projects/`+projectID+`"}`, projectSecret)
}

// signed makes a compact JWS of any header and payload.
func signed(header, payload, secret string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// checkJSON holds what is true of every response.
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

// refused wants one status with the answer that has nothing but msg.
func refused(t testing.TB, got answer, status int, msg string) {
	t.Helper()
	checkJSON(t, got)
	if want := `{"success":false,"msg":"` + msg + `"}`; got.status != status || got.body != want {
		t.Errorf("got %v\nwant %d %s", got, status, want)
	}
}

const (
	unauthorized  = "Unauthorized."
	internalError = "Internal error."
)
