package httpadapter_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

var endpoints = []string{"/signup", "/signin", "/signinAnonymously", "/signinWithCustomToken"}

// TestGoldenRefusals has what is the same at every endpoint.
func TestGoldenRefusals(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	for _, path := range endpoints {
		refuse := func(what string, q request) { q.path = path; st.tell(path+" "+what, q) }
		refuse("not JSON", request{body: `email=a`})
		refuse("an array", request{body: `[{}]`})
		refuse("a string", request{body: `"a"`})
		refuse("trailing data", request{body: `{} {}`})
		refuse("a name twice", request{body: `{"firstname":"A","firstname":"B"}`})
		refuse("a name twice, once escaped", request{body: `{"email":"a","em\u0061il":"b"}`})
		refuse("invalid UTF-8", request{body: "{\"firstname\":\"\xff\"}"})
		refuse("a byte order mark", request{body: "\xef\xbb\xbf{}"})
		refuse("33 levels", request{body: strings.Repeat(`{"a":`, 32) + `{}` + strings.Repeat(`}`, 32)})
		refuse("over 64 KiB", request{body: `{"a":"` + strings.Repeat("x", 65536-7) + `"}`})
		refuse("text/plain", request{body: `{}`, header: []string{"Content-Type: text/plain"}})
		refuse("a form", request{body: `email=a`, header: []string{"Content-Type: application/x-www-form-urlencoded"}})
		refuse("no content type", request{body: `{}`, header: []string{}})
		refuse("gzip", request{body: "\x1f\x8b", header: []string{isJSON, "Content-Encoding: gzip"}})
		for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post"} {
			refuse("by "+method, request{method: method})
		}
	}
	for _, path := range endpoints[:3] {
		st.tell(path+" empty", request{path: path, header: []string{isJSON}})
		st.tell(path+" null", request{path: path, body: `null`})
	}
	for _, path := range []string{"/", "/signout", "/signIn", "/signin/", "/signin/x", "//signin", "/v1/auth/signin"} {
		st.tell("no such path", request{path: path, body: `{}`})
	}
	st.tell("the method is not looked at where nothing is", request{method: "GET", path: "/nope"})
	st.end("refusals.txt")
}

// TestGoldenFailures has what is not the client's fault, and so never a 401.
func TestGoldenFailures(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{users: brokenStore{}}))
	good := map[string]request{
		"/signup":                {body: body()},
		"/signin":                {body: body()},
		"/signinAnonymously":     {body: `{"id_project":"` + projectID + `"}`},
		"/signinWithCustomToken": {claims: fullClaims},
	}
	for _, path := range endpoints {
		q := good[path]
		q.path = path
		st.tell(path+" when the store fails", q)
	}
	authenticate := httpadapter.Authenticate(st.s.auth, httpadapter.MiddlewareConfig{})(http.NotFoundHandler())
	working := start(t, setup{})
	st.tokens["guest"] = working.post("/signinAnonymously", `{"id_project":"`+projectID+`"}`).token(t)
	st.tell("a session token when the store fails", request{path: "/signinWithCustomToken", header: []string{"Authorization: $guest"}})
	st.tell("Authenticate when the store fails", request{method: "GET", path: "/me", header: []string{"Authorization: $guest"}, on: authenticate})
	st.tell("Authenticate without a token", request{method: "GET", path: "/me", on: authenticate})
	forbid := httpadapter.Authenticate(working.auth, httpadapter.MiddlewareConfig{})(httpadapter.Require(deskauth.KindUser)(http.NotFoundHandler()))
	st.tell("Require refuses a guest", request{method: "GET", path: "/me", header: []string{"Authorization: $guest"}, on: forbid})

	for _, path := range []string{"/signup", "/signin"} {
		q := good[path]
		q.path, q.on = path, busy(t, path)
		st.tell(path+" when too many passwords are being hashed", q)
	}
	st.end("failures.txt")
}

// busy returns a handler that answers with the first 503 of twelve requests at once, where one
// may hash and one may wait.
func busy(t *testing.T, path string) http.HandlerFunc {
	s := start(t, setup{auth: deskauth.Config{
		HashParallelism: 1, HashQueue: 1, Argon2: deskauth.Argon2Params{Memory: 64 << 10, Time: 4, Parallelism: 1},
	}})
	return func(w http.ResponseWriter, _ *http.Request) {
		answers := make([]answer, 12)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = s.post(path, body("email", `"a`+string(rune('a'+i))+`@example.com"`)) })
		}
		wg.Wait()
		for _, a := range answers {
			if a.status == http.StatusServiceUnavailable {
				for name, values := range a.header {
					w.Header()[name] = values
				}
				w.WriteHeader(a.status)
				w.Write([]byte(a.body))
				return
			}
		}
		t.Errorf("nobody of %d is told to come back: %v", len(answers), answers)
	}
}

// A brokenStore fails whatever it is asked, and says what must not leave.
type brokenStore struct{ *memstore.Store }

var errStore = errors.New(`pq: relation "users" does not exist: SELECT * FROM users at /srv/app/store.go:42 *pq.Error`)

func (brokenStore) CreateUser(context.Context, deskauth.Account) error { return errStore }
func (brokenStore) UpdateUser(context.Context, deskauth.Account) error { return errStore }
func (brokenStore) UserByID(context.Context, string) (deskauth.Account, error) {
	return deskauth.Account{}, errStore
}
func (brokenStore) UserByEmail(context.Context, string) (deskauth.Account, error) {
	return deskauth.Account{}, errStore
}
