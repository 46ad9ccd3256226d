package httpadapter_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// overTheWire sends a request to a real server and leaves Date out.
func overTheWire(t *testing.T, server *httptest.Server, path, body string) answer {
	t.Helper()
	response, err := server.Client().Post(server.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	return answer{response.StatusCode, response.Header, string(text)}
}

func TestS15_OneAnswerForEveryWayNotToSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.signUpAda(t)
	s.copyAda(t, "same", func(*deskauth.Account) {})
	s.copyAda(t, "disabled", testkit.Disable)
	for name, hash := range map[string]string{
		"passwordless": "",
		"garbage":      "x",
		"costly": "$argon2id$v=19$m=4194304,t=3,p=4" +
			"$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27LFQZ9LqCp8cB1gEQyYfYkRs",
	} {
		s.copyAda(t, name, func(a *deskauth.Account) { a.PasswordHash = hash })
	}
	for name, kind := range map[string]deskauth.Kind{"guest": deskauth.KindGuest, "external": deskauth.KindExternal} {
		s.copyAda(t, name, func(a *deskauth.Account) { a.Kind = kind })
	}

	signin := func(email, password string) answer {
		return overTheWire(t, server, "/signin", `{"email":"`+email+`","password":"`+password+`"}`)
	}
	if got := signin("same@example.com", adaPassword); got.status != http.StatusOK {
		t.Fatalf("a copy of Ada's account does not sign in: %v", got)
	}
	unknown := signin("nobody@example.com", adaPassword)
	refused(t, unknown, http.StatusUnauthorized, "Authentication failed. Wrong email or password.")
	want := fmt.Sprint(unknown)
	for _, name := range []string{
		"nobody", "ada", "ADA", "disabled", "passwordless", "garbage", "costly", "guest", "external",
	} {
		for _, password := range []string{"wrong password", "x", strings.Repeat("x", 4096), adaPassword} {
			email := name + "@example.com"
			if password == adaPassword && strings.EqualFold(email, adaEmail) {
				continue
			}
			if got := fmt.Sprint(signin(email, password)); got != want {
				t.Errorf("%s with %.20s…\n got %s\nwant %s", email, password, got, want)
			}
		}
	}
	// A sign-up does not tell more of a guest's or a disabled account than of Ada's.
	want = fmt.Sprint(overTheWire(t, server, "/signup", body()))
	for _, name := range []string{"disabled", "passwordless", "garbage", "guest"} {
		got := fmt.Sprint(overTheWire(t, server, "/signup", body("email", `"`+name+`@example.com"`)))
		if got != want {
			t.Errorf("sign-up with the address of %s\n got %s\nwant %s", name, got, want)
		}
	}
}

// copyAda stores a copy of Ada's account with an address of its own.
func (s *service) copyAda(t *testing.T, name string, edit func(*deskauth.Account)) {
	t.Helper()
	ada, err := s.users.UserByEmail(t.Context(), adaEmail)
	if err != nil {
		t.Fatal(err)
	}
	ada.ID, ada.Email = name, name+"@example.com"
	edit(&ada)
	if err := s.users.CreateUser(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
}

// insides is what only a log may say.
var insides = regexp.MustCompile(`(?i)deskauth|goroutine|panic|runtime|nil pointer|\.go\b|/srv|/home|/usr|/tmp` +
	`|SELECT|relation|\bpq\b|sql|\*\w+\.\w+|\w+\.\w+\{|json: [ciu]|invalid character|strictjson|httpadapter` +
	`|memstore|main\.|net/http|0x[0-9a-f]{4}|%!|context |<nil>`)

// No failure says anything of the inside: all requests meet all services.
func TestS30_NothingOfTheInside(t *testing.T) {
	t.Parallel()
	sound := start(t, setup{})
	tokens := sound.tokens(t)
	badCheck := func(context.Context, string) error { return fmt.Errorf("check: %w", errStore) }
	authorizations := []string{
		"", "JWT", "JWT garbage", "JWT a.b.c", "JWT " + testkit.TokenA(`"1"`), "JWT " + testkit.TokenA(`[]`),
		"JWT " + testkit.Forge(`{"alg":"none"}`, "{}", "x"), "JWT " + testkit.ForgeSession("[]"),
		tokens[deskauth.KindUser], tokens[deskauth.KindGuest], tokens[deskauth.KindExternal],
	}
	statuses := make(map[int]int)
	keys := broken(faults["a panic"])
	panicking := start(t, setup{secrets: keys})
	keys.Break(testkit.Fault{Fail: faults["a panic"]}, testkit.KeyMethods...) // New has asked
	for name, s := range map[string]*service{
		"sound":          sound,
		"failing store":  start(t, setup{users: failingStore()}),
		"no store":       start(t, setup{users: new(testkit.Host)}),
		"panicking keys": panicking,
		"failing check":  start(t, setup{auth: deskauth.Config{PasswordCheck: badCheck}}),
	} {
		check := func(what string, got answer) {
			statuses[got.status]++
			checkJSON(t, got)
			found := insides.FindString(fmt.Sprint(got))
			if got.status != http.StatusOK && found != "" {
				t.Errorf("%s %s: %q is in %v", name, what, found, got)
			}
		}
		g := guard(httpadapter.Require(deskauth.KindUser), s.authenticate())
		for _, authorization := range authorizations {
			if got := g.get(authorization); got.status != http.StatusOK {
				check("Authenticate", got)
			}
			askEverything(s, authorization, check)
		}
		check("DELETE", ask(s, http.MethodDelete, "/signin", ""))
	}
	for _, status := range []int{200, 400, 401, 403, 404, 405, 413, 415, 422, 500} {
		if statuses[status] == 0 {
			t.Errorf("nothing was answered with %d: %v", status, statuses)
		}
	}
}

// askEverything sends good and bad bodies to all paths, and a token to one of those that
// read it.
func askEverything(s *service, authorization string, check func(path string, got answer)) {
	paths := append(endpoints, "/nope", "/../../etc/passwd")
	if authorization != "" {
		paths = []string{"/signinWithCustomToken"}
	}
	for _, path := range paths {
		for _, text := range []string{
			"", "null", "[", "{}", `{"a":1,"a":2}`, body(),
			body("email", "1", "password", "[1]", "firstname", "{}", "lastname", "true"),
			body("email", `"a@localhost"`), asGuest, `{"id_project":"nobody"}`,
			`{"id_project":` + nested(20) + `,"attributes":[]}`, nested(40), sized(limit + 1), "\xff", "{\"\xff\":1}",
			`{"id_project":"` + projectID + `","attributes":"x"}`, strings.Repeat("[", 20_000),
		} {
			for _, contentType := range []string{"application/json", "text/plain"} {
				check(path, ask(s, http.MethodPost, path, text,
					"Content-Type: "+contentType, "Authorization: "+authorization))
			}
		}
	}
}

// No answer repeats a password that is refused, for any reason.
func TestS22_NoPasswordComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.signUpAda(t)
	const canary = "8675309867530986753098675309"
	for _, password := range []string{
		`"` + canary + `"`, canary, `["` + canary + `"]`, `{"` + canary + `":1}`,
		`"` + strings.Repeat(canary, 200) + `"`, `"` + canary + `","password":"` + canary + `"`, `"` + canary,
	} {
		for _, path := range endpoints {
			for _, email := range []string{`"new@example.com"`, `"` + adaEmail + `"`, `"bad"`, "1"} {
				got := s.post(path, body("email", email, "password", password))
				if strings.Contains(fmt.Sprint(got), canary) {
					t.Errorf("%s: the password %.40s is in %v", path, password, got)
				}
			}
		}
	}
}

// What a request says of the server's address does not come back in an answer.
func TestS29_NoAddressFromAHeader(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const evil = "evil.example"
	for _, text := range []string{asGuest, "{}", "["} {
		r := httptest.NewRequest(http.MethodPost, "http://"+evil+"/signinAnonymously", strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		for _, name := range []string{
			"Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Origin", "Referer", "X-Original-URL",
		} {
			r.Header.Set(name, evil)
		}
		if got := serve(s, r); strings.Contains(fmt.Sprint(got), evil) {
			t.Errorf("%s is in %v", evil, got)
		}
	}
}

// FuzzServe shows that every request is answered in JSON, and never with a 500.
func FuzzServe(f *testing.F) {
	s := start(f, setup{})
	guest := s.tokens(f)[deskauth.KindGuest]
	const emoji = `{"id_project":"` + projectID + `","attributes":{"a":[1,"\ud83d\ude00"]}}`
	for _, path := range append(endpoints, "/", "", "/signin/", "*") {
		f.Add("POST", path, "application/json", "JWT "+testkit.TokenA(`"1"`, `"a":{"b":[1]}`), body())
		f.Add("POST", path, "application/json; charset=utf-8", guest, emoji)
		f.Add("POST", path, "", "Bearer "+testkit.TokenA(`7`, `"email":"<>"`), "")
		f.Add("GET", path, "text/plain", "Basic YTpi", "x")
	}
	for _, text := range []string{
		"null", "[]", `{"email":1,"password":null,"firstname":[],"lastname":{}}`, `{"a":1,"a":2}`,
		"\xef\xbb\xbf{}", nested(33), "{\"\xff\":0}",
		`{"email":"a@b.c","password":"\u0000\u2028<&>","firstname":"\u007f","lastname":" "}`,
		`{"id_project":"-._~"}`, `{"id_project":"demo","attributes":1e999}`,
	} {
		for _, path := range endpoints {
			f.Add("POST", path, "application/json", "JWT "+testkit.ForgeA(text), text)
			f.Add("POST", path, "application/json", "JWT "+testkit.ForgeSession(text), text)
		}
	}
	f.Fuzz(func(t *testing.T, method, path, contentType, authorization, text string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, &http.Request{
			Method: method,
			URL:    &url.URL{Path: path},
			Header: http.Header{"Content-Type": {contentType}, "Authorization": {authorization}},
			Body:   io.NopCloser(strings.NewReader(text)),
		})
		got := answer{w.Code, w.Result().Header, w.Body.String()}
		checkJSON(t, got)
		if got.status >= 500 || (got.status == http.StatusMethodNotAllowed) != (got.header.Get("Allow") == "POST") {
			t.Errorf("got %v", got)
		}
	})
}
