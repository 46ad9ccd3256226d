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

	store := func(name string, edit func(*deskauth.Account)) {
		ada, err := s.users.UserByEmail(context.Background(), adaEmail)
		if err != nil {
			t.Fatal(err)
		}
		ada.ID, ada.Email = name, name+"@example.com"
		edit(&ada)
		if err := s.users.CreateUser(context.Background(), ada); err != nil {
			t.Fatal(err)
		}
	}
	hash := func(text string) func(*deskauth.Account) {
		return func(a *deskauth.Account) { a.PasswordHash = text }
	}
	store("same", func(*deskauth.Account) {})
	store("disabled", disable)
	store("passwordless", hash(""))
	store("garbage", hash("x"))
	store("costly", hash("$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27LFQZ9LqCp8cB1gEQyYfYkRs"))
	store("guest", func(a *deskauth.Account) { a.Kind = deskauth.KindGuest })
	store("external", func(a *deskauth.Account) { a.Kind = deskauth.KindExternal })

	signin := func(email, password string) answer {
		return overTheWire(t, server, "/signin", `{"email":"`+email+`","password":"`+password+`"}`)
	}
	if got := signin("same@example.com", adaPassword); got.status != http.StatusOK {
		t.Fatalf("a copy of Ada's account does not sign in: %v", got)
	}
	want := fmt.Sprint(signin("nobody@example.com", adaPassword))
	if !strings.HasPrefix(want, "401 ") || !strings.HasSuffix(want, `{"success":false,"msg":"Authentication failed. Wrong email or password."}`) {
		t.Errorf("an unknown address: got %s", want)
	}
	for _, email := range []string{"nobody@example.com", adaEmail, "ADA@example.com", "disabled@example.com", "passwordless@example.com",
		"garbage@example.com", "costly@example.com", "guest@example.com", "external@example.com"} {
		for _, password := range []string{"wrong password", "x", strings.Repeat("x", 4096), adaPassword} {
			if password == adaPassword && strings.EqualFold(email, adaEmail) {
				continue
			}
			if got := fmt.Sprint(signin(email, password)); got != want {
				t.Errorf("%s with %.20s…\n got %s\nwant %s", email, password, got, want)
			}
		}
	}
	// The doors beside: neither tells of a guest's or a disabled account more than of Ada's.
	want = fmt.Sprint(overTheWire(t, server, "/signup", body()))
	for _, name := range []string{"disabled", "passwordless", "garbage", "guest"} {
		if got := fmt.Sprint(overTheWire(t, server, "/signup", body("email", `"`+name+`@example.com"`))); got != want {
			t.Errorf("sign-up with the address of %s\n got %s\nwant %s", name, got, want)
		}
	}
}

// insides is what only a log may say.
var insides = regexp.MustCompile(`(?i)deskauth|goroutine|panic|runtime|nil pointer|\.go\b|/srv|/home|/usr|/tmp|SELECT|relation|\bpq\b|sql` +
	`|\*\w+\.\w+|\w+\.\w+\{|json: [ciu]|invalid character|strictjson|httpadapter|memstore|main\.|net/http|0x[0-9a-f]{4}|%!|context |<nil>`)

// TestS30_NothingOfTheInside fails in every way that there is.
func TestS30_NothingOfTheInside(t *testing.T) {
	t.Parallel()
	sound := start(t, setup{})
	tokens := sound.tokens(t)
	broken := map[string]*service{
		"sound":          sound,
		"failing store":  start(t, setup{users: brokenStore{}}),
		"no store":       start(t, setup{users: faultyStore{}}),
		"panicking keys": start(t, setup{secrets: faultyKeys{fault: faults["a panic"]}}),
		"failing check": start(t, setup{auth: deskauth.Config{PasswordCheck: func(context.Context, string) error {
			return fmt.Errorf("check: %w", errStore)
		}}}),
	}
	requests := []string{"", "null", "[", "{}", `{"a":1,"a":2}`, body(), body("email", "1", "password", "[1]", "firstname", "{}", "lastname", "true"), body("email", `"a@localhost"`),
		`{"id_project":"` + projectID + `"}`, `{"id_project":"nobody"}`, `{"id_project":` + nested(20) + `,"attributes":[]}`, nested(40), sized(limit + 1), "\xff", "{\"\xff\":1}",
		`{"id_project":"` + projectID + `","attributes":"x"}`, strings.Repeat("[", 20_000)}
	authorizations := []string{"", "JWT", "JWT garbage", "JWT a.b.c", "JWT " + customToken(`"_id":"1"`), "JWT " + customToken(`"_id":[]`), "JWT " + signed(`{"alg":"none"}`, "{}", "x"),
		"JWT " + signed(`{"alg":"HS256"}`, "[]", sessionSecret), tokens[deskauth.KindUser], tokens[deskauth.KindGuest], tokens[deskauth.KindExternal]}

	statuses := make(map[int]int)
	check := func(name string, got answer) {
		statuses[got.status]++
		checkJSON(t, got)
		if got.status == http.StatusOK {
			return
		}
		if found := insides.FindString(fmt.Sprint(got)); found != "" {
			t.Errorf("%s: %q is in %v", name, found, got)
		}
	}
	for name, s := range broken {
		g := guard(httpadapter.Require(deskauth.KindUser), httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{}))
		for _, authorization := range authorizations {
			if got := g.get(authorization); got.status != http.StatusOK {
				check(name+" Authenticate", got)
			}
			for _, path := range append(endpoints, "/nope", "/../../etc/passwd") {
				for _, text := range requests {
					if authorization != "" && path != "/signinWithCustomToken" {
						continue
					}
					for _, contentType := range []string{"application/json", "text/plain"} {
						check(name+" "+path, ask(s, http.MethodPost, path, text, "Content-Type: "+contentType, "Authorization: "+authorization))
					}
				}
			}
		}
		check(name+" DELETE", ask(s, http.MethodDelete, "/signin", ""))
	}
	for _, status := range []int{200, 400, 401, 403, 404, 405, 413, 415, 422, 500} {
		if statuses[status] == 0 {
			t.Errorf("nothing was answered with %d: %v", status, statuses)
		}
	}
}

// TestS22_NoPasswordComesBack sends a password in every way that it is refused.
func TestS22_NoPasswordComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.signUpAda(t)
	const canary = "8675309867530986753098675309"
	for _, password := range []string{`"` + canary + `"`, canary, `["` + canary + `"]`, `{"` + canary + `":1}`, `"` + strings.Repeat(canary, 200) + `"`, `"` + canary + `","password":"` + canary + `"`, `"` + canary} {
		for _, path := range endpoints {
			for _, email := range []string{`"new@example.com"`, `"` + adaEmail + `"`, `"bad"`, "1"} {
				if got := s.post(path, body("email", email, "password", password)); strings.Contains(fmt.Sprint(got), canary) {
					t.Errorf("%s: the password %.40s is in %v", path, password, got)
				}
			}
		}
	}
}

// TestS29_NoAddressFromAHeader wants nothing that a request says of the server in an answer.
func TestS29_NoAddressFromAHeader(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const evil = "evil.example"
	for _, text := range []string{`{"id_project":"` + projectID + `"}`, "{}", "["} {
		r := httptest.NewRequest(http.MethodPost, "http://"+evil+"/signinAnonymously", strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		for _, name := range []string{"Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Origin", "Referer", "X-Original-URL"} {
			r.Header.Set(name, evil)
		}
		if got := serve(s, r); strings.Contains(fmt.Sprint(got), evil) {
			t.Errorf("%s is in %v", evil, got)
		}
	}
}

// FuzzServe wants of any request that it is answered, in JSON, and never with a 500.
func FuzzServe(f *testing.F) {
	s := start(f, setup{})
	tokens := s.tokens(f)
	for _, path := range append(endpoints, "/", "", "/signin/", "*") {
		f.Add("POST", path, "application/json", "JWT "+customToken(`"_id":"1","a":{"b":[1]}`), body())
		f.Add("POST", path, "application/json; charset=utf-8", tokens[deskauth.KindGuest], `{"id_project":"`+projectID+`","attributes":{"a":[1,"\ud83d\ude00"]}}`)
		f.Add("POST", path, "", "Bearer "+customToken(`"_id":7,"email":"<>"`), "")
		f.Add("GET", path, "text/plain", "Basic YTpi", "x")
	}
	for _, text := range []string{"null", "[]", `{"email":1,"password":null,"firstname":[],"lastname":{}}`, `{"a":1,"a":2}`, "\xef\xbb\xbf{}", nested(33), "{\"\xff\":0}",
		`{"email":"a@b.c","password":"\u0000\u2028<&>","firstname":"\u007f","lastname":" "}`, `{"id_project":"-._~"}`, `{"id_project":"demo","attributes":1e999}`} {
		for _, path := range endpoints {
			f.Add("POST", path, "application/json", "JWT "+signed(`{"alg":"HS256"}`, text, projectSecret), text)
			f.Add("POST", path, "application/json", "JWT "+signed(`{"alg":"HS256"}`, text, sessionSecret), text)
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
