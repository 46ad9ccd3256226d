package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/examples/internal/sign"
)

const (
	ada       = `{"email":"ada@example.com","password":"correct horse battery","firstname":"Ada","lastname":"Lovelace"}`
	adaSignin = `{"email":"ada@example.com","password":"correct horse battery"}`
	guest     = `{"id_project":"demo","firstname":"Guest"}`
)

// custom returns a custom token of the project demo, as a header has it. The claims are
// added to the usual ones, or replace them.
func custom(t *testing.T, claims map[string]any) string {
	t.Helper()
	all := map[string]any{
		"_id": "123", "sub": "userexternal", "aud": "https://tiledesk.com/projects/demo",
		"firstname": "Andrea", "email": "andrea@example.com", "plan": "gold",
	}
	for name, value := range claims {
		all[name] = value
	}
	token, err := sign.CustomToken(projectSecret, all)
	if err != nil {
		t.Fatal(err)
	}
	return "JWT " + token
}

// tokens signs in as each kind, and returns the session tokens by kind.
func (p *process) tokens() map[string]string {
	p.t.Helper()
	if got := p.post("/signup", ada); got.status != http.StatusOK {
		p.t.Fatalf("sign up: %v", got)
	}
	return p.signIns()
}

// signIns returns the token of a sign-in of each kind. Ada has signed up.
func (p *process) signIns() map[string]string {
	p.t.Helper()
	return map[string]string{
		"user":         p.post("/signin", adaSignin).token(p.t),
		"guest":        p.post("/signinAnonymously", guest).token(p.t),
		"userexternal": p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+custom(p.t, nil)).token(p.t),
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	p := start(t, "-session-secret", sessionSecret, "-project", "demo="+projectSecret)
	root, ok := strings.CutSuffix(p.base, "/v1/auth")
	if !ok {
		t.Fatalf("it listens on %s, want the prefix /v1/auth", p.base)
	}
	if got := p.askURL("GET", root+"/healthz", ""); got.status != http.StatusOK || got.body != "ok" {
		t.Errorf("/healthz: got %v, want ok", got)
	}
	tokens := p.tokens()
	if got := p.post("/signup", ada); got.status != http.StatusForbidden {
		t.Errorf("a second sign-up: got %v, want 403", got)
	}
	if got := p.post("/signin", `{"email":"ada@example.com","password":"wrong"}`); got.status != http.StatusUnauthorized {
		t.Errorf("a wrong password: got %v, want 401", got)
	}
	for kind, token := range tokens {
		if again := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+token).token(t); again != token {
			t.Errorf("a %s comes back and gets another token", kind)
		}
		who, got := p.me(token)
		if who["kind"] != kind || who["userID"] == "" || who["sessionID"] == "" {
			t.Errorf("/me of a %s: %v", kind, got)
		}
		for _, name := range []string{"authTime", "issuedAt", "expiresAt"} {
			text, _ := who[name].(string)
			if at, err := time.Parse(time.RFC3339, text); err != nil || time.Until(at).Abs() > 31*24*time.Hour {
				t.Errorf("/me of a %s has the %s %q", kind, name, text)
			}
		}
	}
	p.wantFields("user", tokens["user"], map[string]any{
		"projectID": "", "externalID": "", "email": "ada@example.com", "emailVerified": false,
		"firstName": "Ada", "lastName": "Lovelace", "claims": nil,
	})
	p.wantFields("guest", tokens["guest"], map[string]any{
		"projectID": "demo", "externalID": "", "firstName": "Guest", "lastName": "", "claims": nil,
	})
	p.wantFields("userexternal", tokens["userexternal"], map[string]any{
		"projectID": "demo", "externalID": "123", "email": "", "firstName": "Andrea", "lastName": "",
		"claims": map[string]any{"email": "andrea@example.com", "plan": "gold"},
	})
	for _, token := range []string{"", "JWT garbage", custom(t, nil)} {
		if _, got := p.me(token); got.status != http.StatusUnauthorized {
			t.Errorf("/me with %.20q: got %v, want 401", token, got)
		}
	}
}

// wantFields wants /me to have these fields, and the thirteen of an identity in all.
func (p *process) wantFields(kind, token string, want map[string]any) {
	p.t.Helper()
	who, _ := p.me(token)
	for name, value := range want {
		gotText, _ := json.Marshal(who[name])
		wantText, _ := json.Marshal(value)
		if string(gotText) != string(wantText) {
			p.t.Errorf("/me of a %s has the %s %s, want %s", kind, name, gotText, wantText)
		}
	}
	if len(who) != 13 {
		p.t.Errorf("/me of a %s has %d fields, want 13: %v", kind, len(who), who)
	}
}

// TestCORS wants the headers without which a page of another origin cannot see the status.
func TestCORS(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret)
	root := strings.TrimSuffix(p.base, "/v1/auth")
	const origin = "Origin: https://shop.example"
	for name, got := range map[string]answer{
		"200": p.post("/signinAnonymously", guest, origin),
		"400": p.post("/signin", "[", origin),
		"401": p.post("/signinWithCustomToken", "", origin),
		"404": p.post("/nope", "{}", origin),
		"405": p.ask("GET", "/signin", "", origin),
		"413": p.post("/signin", strings.Repeat("x", 70_000), origin),
		"415": p.ask("POST", "/signin", "x", origin),
		"422": p.post("/signin", "{}", origin),

		"401 of /me":       p.ask("GET", "/me", "", origin),
		"401 of /users":    p.askURL("DELETE", root+"/v1/users", "", origin),
		"404 of no prefix": p.askURL("GET", root+"/nope", "", origin),
		"200 of /healthz":  p.askURL("GET", root+"/healthz", "", origin),
	} {
		if got.header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(name, got.String()[:3]) {
			t.Errorf("%s: got %v, want Access-Control-Allow-Origin *", name, got)
		}
		if !strings.EqualFold(got.header.Get("Access-Control-Expose-Headers"), "Retry-After") {
			t.Errorf("%s: a page cannot read Retry-After: %v", name, got)
		}
	}
	preflight := func(p *process, path, method, origin string) answer {
		return p.ask("OPTIONS", path, "", "Origin: "+origin,
			"Access-Control-Request-Method: "+method, "Access-Control-Request-Headers: authorization,content-type")
	}
	for path, method := range map[string]string{
		"/signup": "POST", "/signin": "POST", "/signinAnonymously": "POST", "/signinWithCustomToken": "POST",
		"/me": "GET", "/signout": "POST",
	} {
		got := preflight(p, path, method, "https://shop.example")
		allowed := strings.ToLower(got.header.Get("Access-Control-Allow-Headers"))
		if got.status/100 != 2 || got.header.Get("Access-Control-Allow-Origin") != "*" ||
			got.header.Get("Access-Control-Allow-Methods") != method ||
			!strings.Contains(allowed, "authorization") || !strings.Contains(allowed, "content-type") {
			t.Errorf("preflight of %s: got %v", path, got)
		}
	}

	// Any header may be asked for, and the methods of an account's own pages.
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		got := p.ask("OPTIONS", "/signin", "", "Origin: https://shop.example", "Access-Control-Request-Method: "+method,
			"Access-Control-Request-Headers: authorization,baggage,x-requested-with,x-tiledesk-any")
		allowed := got.header.Get("Access-Control-Allow-Headers")
		if got.status/100 != 2 || got.header.Get("Access-Control-Allow-Methods") != method ||
			!strings.Contains(allowed, "baggage") || !strings.Contains(allowed, "x-tiledesk-any") {
			t.Errorf("preflight of %s with odd headers: got %v", method, got)
		}
	}
	got := preflight(p, "/signin", "TRACE", "https://shop.example")
	if got.header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("preflight of TRACE: got %v, want it not allowed", got)
	}

	one := start(t, "-cors", "https://shop.example", "-cors", "https://www.shop.example")
	for origin, want := range map[string]string{
		"https://shop.example": "https://shop.example", "https://www.shop.example": "https://www.shop.example",
		"https://evil.example": "", "http://shop.example": "", "null": "",
	} {
		for name, got := range map[string]answer{
			"answer":    one.post("/signin", "{}", "Origin: "+origin),
			"preflight": preflight(one, "/signin", "POST", origin),
		} {
			allowed := got.header.Get("Access-Control-Allow-Origin")
			if allowed != want || !strings.Contains(got.header.Get("Vary"), "Origin") {
				t.Errorf("%s to %s: got %v, want %q and a Vary", name, origin, got, want)
			}
		}
	}
}

// A restart forgets the accounts in memory, and a token of an account that is gone is over.
func TestRestart(t *testing.T) {
	t.Parallel()
	p := start(t, "-session-secret", sessionSecret, "-project", "demo="+projectSecret)
	tokens := p.tokens()
	p.stop()
	same := start(t, "-session-secret", sessionSecret, "-project", "demo="+projectSecret)
	other := start(t, "-session-secret", strings.ToUpper(sessionSecret), "-project", "demo="+projectSecret)
	random := start(t, "-project", "demo="+projectSecret)
	for kind, token := range tokens {
		for name, p := range map[string]*process{
			"the same secret": same, "another secret": other, "a random secret": random,
		} {
			if _, got := p.me(token); got.status != http.StatusUnauthorized {
				t.Errorf("a %s at a server with %s: got %v, want 401", kind, name, got)
			}
		}
	}
	warns := func(p *process) bool { return strings.Contains(p.logs.String(), "-session-secret") }
	if !warns(random) || warns(same) {
		t.Errorf("want a warning of a random secret, and of no other:\n%s\n%s", random.logs, same.logs)
	}
}
