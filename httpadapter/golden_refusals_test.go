package httpadapter_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var endpoints = []string{"/signup", "/signin", "/signinAnonymously", "/signinWithCustomToken", "/signout"}

// These refusals are the same at every endpoint.
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
	for _, path := range []string{"/", "/logout", "/signIn", "/signin/", "/signin/x", "//signin", "/v1/auth/signin"} {
		st.tell("no such path", request{path: path, body: `{}`})
	}
	st.tell("the method is not looked at where nothing is", request{method: "GET", path: "/nope"})
	st.end("refusals.txt")
}

// What is not the client's fault is never a 401.
func TestGoldenFailures(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{users: failingStore()}))
	good := map[string]request{
		"/signup":                {body: body()},
		"/signin":                {body: body()},
		"/signinAnonymously":     {body: asGuest},
		"/signinWithCustomToken": {claims: fullClaims},
	}
	for _, path := range endpoints[:4] {
		q := good[path]
		q.path = path
		st.tell(path+" when the store fails", q)
	}
	authenticate := st.s.authenticate()(http.NotFoundHandler())
	working := start(t, setup{})
	st.tokens["guest"] = working.post("/signinAnonymously", asGuest).token(t)
	guest := []string{"Authorization: $guest"}
	st.tell("a session token when the store fails", request{path: "/signinWithCustomToken", header: guest})
	st.tell("/signout when the store fails", request{path: "/signout", header: guest})
	st.tell("Authenticate when the store fails", request{method: "GET", path: "/me", header: guest, on: authenticate})
	st.tell("Authenticate without a token", request{method: "GET", path: "/me", on: authenticate})
	forbid := httpadapter.Require(deskauth.KindUser)(http.NotFoundHandler())
	forbid = working.authenticate()(forbid)
	st.tell("Require refuses a guest", request{method: "GET", path: "/me", header: guest, on: forbid})

	for _, path := range []string{"/signup", "/signin"} {
		q := good[path]
		q.path, q.on = path, busy(t)
		st.tell(path+" when too many passwords are being hashed", q)
	}
	st.end("failures.txt")
}

// busy returns a handler of a service whose two places of the hash queue are taken.
func busy(t *testing.T) http.HandlerFunc {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	s := start(t, setup{users: store, auth: deskauth.Config{HashParallelism: 1, HashQueue: 1}})
	return whileFull(s, store)
}

// whileFull returns a handler that answers a request while two sign-ins have the two places
// of the hash queue.
func whileFull(h http.Handler, store *testkit.CountingStore) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		inside, leave := make(chan bool, 2), make(chan bool)
		store.BeforeFind = func() {
			inside <- true
			<-leave
		}
		var others sync.WaitGroup
		for range cap(inside) {
			others.Go(func() { ask(h, http.MethodPost, "/signin", body(), isJSON) })
		}
		for range cap(inside) {
			<-inside
		}
		h.ServeHTTP(w, r)
		close(leave)
		others.Wait()
		store.BeforeFind = nil
	}
}

// errStore says what must not leave.
var errStore = errors.New(`pq: relation "users" does not exist: ` +
	`SELECT * FROM users at /srv/app/store.go:42 *pq.Error`)

func failingStore() *testkit.Host {
	return broken(func() error { return errStore }, testkit.StoreMethods...)
}
