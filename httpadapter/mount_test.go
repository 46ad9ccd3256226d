package httpadapter_test

import (
	"bytes"
	"encoding/json"
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

// plainMux returns a ServeMux with a handler at some patterns.
func plainMux(h http.Handler, patterns ...string) http.Handler {
	mux := http.NewServeMux()
	for _, p := range patterns {
		mux.Handle(p, h)
	}
	return mux
}

// mounts are ways to put a handler at /v1/auth. All of them serve the same.
func mounts(
	auth *deskauth.Auth, newHandler func(*deskauth.Auth, httpadapter.Config) http.Handler,
) map[string]http.Handler {
	var cfg httpadapter.Config
	prefix := func(p string) http.Handler { return newHandler(auth, httpadapter.Config{Prefix: p}) }
	strip := http.StripPrefix("/v1/auth", newHandler(auth, cfg))
	nested := plainMux(http.StripPrefix("/v1", plainMux(newHandler(auth, cfg), "/auth", "/auth/")), "/v1/")
	return map[string]http.Handler{
		"the pattern alone":       plainMux(newHandler(auth, cfg), "/v1/auth", "/v1/auth/"),
		"StripPrefix":             plainMux(strip, "/v1/auth", "/v1/auth/"),
		"StripPrefix alone":       strip,
		"Prefix":                  plainMux(prefix("/v1/auth"), "/"),
		"Prefix with a slash":     plainMux(prefix("/v1/auth/"), "/v1/auth", "/v1/auth/"),
		"Prefix alone":            prefix("/v1/auth"),
		"a host":                  plainMux(newHandler(auth, cfg), "example.com/v1/auth", "example.com/v1/auth/"),
		"a wildcard":              plainMux(newHandler(auth, cfg), "/{version}/auth", "/{version}/auth/"),
		"a wildcard for the rest": plainMux(newHandler(auth, cfg), "/v1/auth", "/v1/auth/{rest...}"),
		"a mux in a mux":          nested,
		"echo's pattern": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Pattern = "/v1/auth"
			if strings.HasPrefix(r.URL.Path, "/v1/auth/") {
				r.Pattern = "/v1/auth/*"
			}
			newHandler(auth, cfg).ServeHTTP(w, r)
		}),
	}
}

func TestMounts(t *testing.T) {
	t.Parallel()
	s := start(t, setup{auth: deskauth.Config{Mailer: new(testkit.Mailbox)}})
	token := s.tokens(t)[deskauth.KindUser]
	for name, h := range mounts(s.auth, httpadapter.New) {
		t.Run(name, func(t *testing.T) {
			for path, want := range map[string]int{
				"/v1/auth/signinAnonymously":        http.StatusOK,
				"/v1/auth/signinAnonymously?x=/y/z": http.StatusOK,
				"/v1/auth/signinAnonymousl%79":      http.StatusOK,
				"/v1/auth/resetpsw/code":            http.StatusMethodNotAllowed,
				"/v1/auth/signin/twice":             http.StatusNotFound,
				"/v1/auth/v1/auth/signin":           http.StatusNotFound,
				"/v1/auth/v1/auth/sign%69n":         http.StatusNotFound,
				"/v1/authsigninAnonymously":         http.StatusNotFound,
				"/v1/authentication/signin":         http.StatusNotFound,
				"/v1/auth/":                         http.StatusNotFound,
				"/v1/auth":                          http.StatusNotFound,
			} {
				if got := ask(h, http.MethodPost, path, asGuest, isJSON); got.status != want {
					t.Errorf("POST %s: got %v, want %d", path, got, want)
				}
			}
			got := ask(h, http.MethodPut, "/v1/auth/resetpsw/bad-code", `{"password":"a long password"}`, isJSON)
			if got.status != http.StatusNotFound || !strings.Contains(got.body, "Invalid password reset key") {
				t.Errorf("PUT resetpsw: got %v, want the answer to a bad code", got)
			}
		})
	}
	for name, h := range mounts(s.auth, httpadapter.NewUsers) {
		for path, want := range map[string]int{
			"/v1/auth":                     http.StatusOK,
			"/v1/auth/":                    http.StatusOK,
			"/v1/auth/changepsw":           http.StatusMethodNotAllowed,
			"/v1/auth/resendverifyemail":   http.StatusOK,
			"/v1/auth/v1/auth":             http.StatusNotFound,
			"/v1/auth/v1/auth/":            http.StatusNotFound,
			"/v1/auth/v1/auth/changepsw":   http.StatusNotFound,
			"/v1/auth/nothing/of/the/kind": http.StatusNotFound,
		} {
			if got := ask(h, http.MethodGet, path, "", "Authorization: "+token); got.status != want {
				t.Errorf("users at %s: GET %s: got %v, want %d", name, path, got, want)
			}
		}
	}
}

// A pattern may name the method, and one endpoint alone.
func TestMountsOfOneEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindUser]
	h, users := httpadapter.New(s.auth, httpadapter.Config{}), httpadapter.NewUsers(s.auth, httpadapter.Config{})
	strip := http.StripPrefix("/v1/auth", h)
	for name, c := range map[string]struct {
		h    http.Handler
		path string
	}{
		"with a method":            {plainMux(h, "POST /v1/auth/"), "/v1/auth/signinAnonymously"},
		"with a method and a host": {plainMux(h, "POST example.com/v1/auth/"), "/v1/auth/signinAnonymously"},
		"at the root":              {plainMux(h, "/"), "/signinAnonymously"},
		"one endpoint":             {plainMux(h, "POST /signinAnonymously"), "/signinAnonymously"},
		"one endpoint, stripped":   {plainMux(strip, "POST /v1/auth/signinAnonymously"), "/v1/auth/signinAnonymously"},
	} {
		if got := ask(c.h, http.MethodPost, c.path, asGuest, isJSON); got.status != http.StatusOK {
			t.Errorf("%s: got %v, want 200", name, got)
		}
	}
	// It is the change of a password, and not of the profile that stands at the mount.
	got := ask(plainMux(users, "PUT /changepsw"), http.MethodPut, "/changepsw", `{}`, isJSON, "Authorization: "+token)
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "oldpsw") {
		t.Errorf("PUT /changepsw: got %v, want 422 that names oldpsw", got)
	}
}

const noPrefix = "If the handler is mounted below a prefix, set Config.Prefix or use http.StripPrefix."

func withPrefix(prefix string) string {
	return "Config.Prefix is " + prefix + ": set it to where the handler is mounted, " +
		"or leave it empty behind http.StripPrefix."
}

// A handler at another place than it knows says what it saw, and what to do.
func TestWrongMount(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	plain, users := httpadapter.New(s.auth, httpadapter.Config{}), httpadapter.NewUsers(s.auth, httpadapter.Config{})
	prefixed := httpadapter.New(s.auth, httpadapter.Config{Prefix: "/v1/auth"})
	atRoot := httpadapter.New(s.auth, httpadapter.Config{Prefix: "/"})
	for _, c := range []struct {
		name string
		h    http.Handler
		path string
		saw  string
		mend string
	}{
		{"no word of a prefix", plain, "/v1/auth/signin", "/v1/auth/signin", noPrefix},
		{"a pattern above it", plainMux(plain, "/v1/"), "/v1/auth/signin", "/v1/auth/signin", noPrefix},
		{"StripPrefix of too little", http.StripPrefix("/v1", plain), "/v1/auth/signin", "/auth/signin", noPrefix},
		{"StripPrefix of a slash too", http.StripPrefix("/v1/auth/", plain), "/v1/auth/signin", "signin", noPrefix},
		{"StripPrefix of all", http.StripPrefix("/signin", plain), "/signin", "an empty path", noPrefix},
		{"users", users, "/v1/users", "/v1/users", noPrefix},
		{"users below", users, "/v1/users/changepsw", "/v1/users/changepsw", noPrefix},
		{"another Prefix", prefixed, "/v2/auth/signin", "/v2/auth/signin", withPrefix("/v1/auth")},
		{"Prefix and StripPrefix", http.StripPrefix("/v1/auth", prefixed), "/v1/auth/signin", "/signin",
			withPrefix("/v1/auth")},
		{"a Prefix and another pattern", plainMux(prefixed, "/v2/auth/"), "/v2/auth/signin", "/v2/auth/signin",
			withPrefix("/v1/auth")},
		{"the root as Prefix", plainMux(atRoot, "/v1/auth/"), "/v1/auth/signin", "/v1/auth/signin",
			withPrefix("/")},
	} {
		got := ask(c.h, http.MethodPost, c.path, "{}", isJSON)
		refused(t, got, http.StatusNotFound, "Not found: there is no endpoint at "+c.saw+". "+c.mend)
		if t.Failed() {
			t.Fatalf("that was %s", c.name)
		}
	}
}

// What a client puts into a path comes back harmless and short, and is in no log.
func TestS22_NotFoundIsHarmless(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := start(t, setup{auth: deskauth.Config{Logger: logger}, http: httpadapter.Config{Logger: logger}})
	for _, path := range []string{
		"/wrong/resetpsw/c0de", "/" + strings.Repeat("x", 5000), "/" + strings.Repeat("é", 200),
		"/<script>alert(1)</script>", "/\"quoted\"\\", "/\x00\x07\r\nSet-Cookie: a=b", "/\xff\xfe", "/\u202etxt.exe", "*", "",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL.Path = path
		for _, raw := range []string{"", "/%3Cscript%3E", path} {
			r.URL.RawPath = raw
			got := serve(s, r)
			checkJSON(t, got)
			var answer struct{ Msg string }
			if err := json.Unmarshal([]byte(got.body), &answer); err != nil || got.status != http.StatusNotFound {
				t.Fatalf("%q: got %v, want a 404 in JSON", path, got)
			}
			bad := func(r rune) bool { return r <= ' ' && r != ' ' || r > '~' || strings.ContainsRune("<>\"\\`", r) }
			if strings.ContainsFunc(answer.Msg, bad) || len(answer.Msg) > 250 {
				t.Errorf("%q: the answer is %q, want harmless ASCII of at most 250 bytes", path, answer.Msg)
			}
		}
	}
	if logs.Len() > 0 {
		t.Errorf("a wrong path is in the log:\n%s", logs.String())
	}
}

// What no request can have as its path is refused at once, with what to write.
func TestBadPrefix(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const slash, pattern, query = "begin with a slash", "pattern of a router", "stands before it"
	for prefix, mend := range map[string]string{
		"v1/auth": slash, "https://example.com/v1/auth": slash, " /v1": slash, ".": slash, "{tenant}/auth": slash,
		"/{tenant}/auth": pattern, "/v1/auth/{rest...}": pattern, "/{$}": pattern, "/v1/auth/*": pattern, "/*": pattern,
		"/:tenant/auth": pattern, "/v:version/auth": pattern, "/v1/auth/*endpoint": pattern, "/}": pattern,
		"/v1/auth?x=1": query, "/v1/auth#signin": query, "/?": query,
		"/v1%2Fauth": "percent-encoding", "/%7Etilde": "percent-encoding", "/100%": "percent-encoding",
		"//v1/auth": "Write /v1/auth", "/v1//auth": "Write /v1/auth", "/v1/auth//": "Write /v1/auth", "//": "Write /",
		"/v1/./auth": "Write /v1/auth", "/v1/x/../auth": "Write /v1/auth", "/..": "Write /", "/v1/auth/.": "Write /v1/auth",
	} {
		for name, panics := range map[string]func(){
			"New":      func() { httpadapter.New(s.auth, httpadapter.Config{Prefix: prefix}) },
			"NewUsers": func() { httpadapter.NewUsers(s.auth, httpadapter.Config{Prefix: prefix}) },
			"OpenAPI.Auth": func() {
				httpadapter.New(s.auth, httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: prefix}})
			},
			"OpenAPI.Users": func() {
				httpadapter.New(s.auth, httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: "/", Users: prefix}})
			},
		} {
			text := panicOf(panics)
			if !strings.Contains(text, fmt.Sprintf(" is %q: ", prefix)) || !strings.Contains(text, mend) {
				t.Errorf("%s with the prefix %q panics with %q, want what to do: %s", name, prefix, text, mend)
			}
		}
	}
	for _, prefix := range []string{"", "/", "/v1/auth", "/v1/auth/", "/my desk/é", "/~ada/v1.0/..auth", "/a@b;c=d"} {
		if text := panicOf(func() { httpadapter.New(s.auth, httpadapter.Config{Prefix: prefix}) }); text != "" {
			t.Errorf("the prefix %q panics with %q", prefix, text)
		}
		h := httpadapter.New(s.auth, httpadapter.Config{Prefix: prefix})
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(asGuest))
		r.Header.Set("Content-Type", "application/json")
		r.URL.Path = strings.TrimSuffix(prefix, "/") + "/signinAnonymously"
		if got := serve(h, r); got.status != http.StatusOK {
			t.Errorf("the prefix %q: got %v, want 200", prefix, got)
		}
	}
}

// panicOf returns what f panics with, or nothing.
func panicOf(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}
