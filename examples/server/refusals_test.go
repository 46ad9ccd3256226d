package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A fallible store fails where down says so.
type fallible struct {
	*memstore.Store
	down bool
}

func (f *fallible) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if f.down {
		return deskauth.Account{}, errors.New("the database is down")
	}
	return f.Store.UserByID(ctx, id)
}

// wholeHandler is all that the server serves with an open demo, and its store.
func wholeHandler(t *testing.T, args ...string) (http.Handler, *fallible) {
	t.Helper()
	logger := newLogger(options{}, new(bytes.Buffer))
	o, err := parseOptions(append([]string{"-demo"}, args...), nil, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	down := &fallible{Store: memstore.New()}
	users := &store{UserStore: down}
	box := &outbox{mailer: printer{"", logger}}
	auth, err := newAuth(o, users, nil, box, logger)
	if err != nil {
		t.Fatal(err)
	}
	return newHandler(o, auth, users, box, logger), down
}

// refusedWithCode checks that an answer is a success, or an error in the form of the
// library's.
func refusedWithCode(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code < 400 {
		return
	}
	if w.Code == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("%s: a 401 without a challenge", what)
	}
	var body struct {
		Code   string
		Errors []any
	}
	err := json.Unmarshal(w.Body.Bytes(), &body)
	if err != nil || !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(body.Code) ||
		w.Header().Get("Content-Type") != "application/json; charset=utf-8" ||
		w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%s: got %d %v %s, want JSON with a code", what, w.Code, w.Header(), w.Body)
	}
}

// TestEveryErrorHasACode sends to each route, and to what is none, what it does not take.
func TestEveryErrorHasACode(t *testing.T) {
	t.Parallel()
	paths := []string{
		"/", "/nothing", "/healthz", "/readyz", "/page", "/page/", "/page/nothing", "/page/lines",
		"/page/signouteverywhere", "/page/outbox", "/page/customtoken", "/v1/users", "/v1/users/changepsw", "/v1/users/x",
	}
	files, err := fs.Glob(pageFiles, "page/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("the page has %d files: %v", len(files), err)
	}
	for _, file := range files {
		paths = append(paths, "/"+file)
	}
	for _, endpoint := range []string{
		"", "/me", "/signup", "/signin", "/signinAnonymously", "/signinWithCustomToken", "/signout", "/openapi.json",
		"/.well-known/jwks.json", "/requestresetpsw", "/resetpsw/x", "/nothing",
	} {
		paths = append(paths, "/v1/auth"+endpoint)
	}
	for _, broken := range []bool{false, true} {
		h, accounts := wholeHandler(t)
		ask := func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
			for _, header := range headers {
				name, value, _ := strings.Cut(header, ": ")
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		var session struct{ Token string }
		signedIn := ask("POST", "/v1/auth/signinAnonymously", `{"id_project":"demo"}`, "Content-Type: application/json")
		if err := json.Unmarshal(signedIn.Body.Bytes(), &session); err != nil || session.Token == "" {
			t.Fatalf("sign in: got %d %s", signedIn.Code, signedIn.Body)
		}
		if broken {
			accounts.down = true
		}
		refusals := 0
		for _, path := range paths {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
				for _, headers := range [][]string{
					{"Sec-Fetch-Site: same-origin"}, {"Sec-Fetch-Site: cross-site"}, {"Range: bytes=99999999-"}, {`If-Match: "x"`},
					{"Authorization: JWT x.y.z"}, {"Authorization: " + session.Token},
					{"Authorization: " + session.Token, "Content-Type: application/json"},
				} {
					for _, body := range []string{"", "{}", "[", `{"line":"","name":"\u0000"}`} {
						w := ask(method, path, body, headers...)
						refusedWithCode(t, method+" "+path+" "+strings.Join(headers, ", ")+" "+body, w)
						if w.Code >= 400 {
							refusals++
						}
					}
				}
			}
		}
		if refusals < 1000 {
			t.Errorf("%d refusals, want more: are the paths the server's?", refusals)
		}
	}
}

// Whoever writes a status without refuse writes an error without a code.
func TestErrorsAreRefusals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("there are %d files: %v", len(files), err)
	}
	other := regexp.MustCompile(`http\.Error\(|http\.NotFound|\.WriteHeader\(|http\.(FileServer|ServeFile|TimeoutHandler)`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := other.Find(text); found != nil && name != "json.go" && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s has %s…, want refuse, which has a code", name, found)
		}
	}
}
