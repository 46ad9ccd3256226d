package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	p := startAt(t, "DESKAUTH_ADDR=127.0.0.1:0", "DESKAUTH_PREFIX=/auth/", "DESKAUTH_ISSUER=https://chat.example.com",
		"DESKAUTH_SESSION_SECRET="+sessionSecret, "DESKAUTH_PROJECT=shop=, demo="+projectSecret,
		"DESKAUTH_CORS=https://a.example, https://b.example", "DESKAUTH_ECHO_CUSTOM_TOKEN=true",
		"DESKAUTH_CUSTOM_TOKEN_MAX_AGE=1m", "DESKAUTH_LOG=json",
		"-prefix", "/flags/win")
	if !strings.HasSuffix(p.base, "/flags/win") {
		t.Fatalf("it listens on %s, want the prefix of the flag", p.base)
	}
	p.post("/signinAnonymously", `{"id_project":"shop"}`).token(t)
	now := time.Now().Unix()
	token := custom(t, map[string]any{"aud": "https://chat.example.com/projects/demo", "iat": now})
	got := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+token, "Origin: https://b.example")
	if got.token(t) != token || got.header.Get("Access-Control-Allow-Origin") != "https://b.example" {
		t.Errorf("got %v, want the token back and the origin allowed", got)
	}
	old := custom(t, map[string]any{"aud": "https://chat.example.com/projects/demo", "iat": now - 3600})
	if got := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+old); got.status != http.StatusUnauthorized {
		t.Errorf("a custom token that is an hour old: got %v, want 401", got)
	}
	if !strings.HasPrefix(p.logs.String(), "{") {
		t.Errorf("the log is not JSON:\n%s", p.logs)
	}
}

func TestProjectWithoutASecret(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo=")
	token := p.post("/signinAnonymously", guest).token(t)
	if who, got := p.me(token); who["projectID"] != "demo" {
		t.Errorf("/me of a guest: %v", got)
	}
	got := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+custom(t, nil))
	if got.status != http.StatusUnauthorized {
		t.Errorf("a custom token: got %v, want 401", got)
	}
	if got := p.post("/signinAnonymously", `{"id_project":"other"}`); got.status != http.StatusNotFound {
		t.Errorf("another project: got %v, want 404", got)
	}
	if printed := strings.Join(p.printed, "\n"); strings.Contains(printed, "CustomToken") {
		t.Errorf("it prints a command that cannot succeed:\n%s", printed)
	}
}

func TestEchoCustomToken(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret, "-echo-custom-token")
	token := custom(t, nil)
	if got := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+token); got.token(t) != token {
		t.Errorf("got %v, want the same token", got)
	}
	if who, got := p.me(token); who["kind"] != "userexternal" || who["externalID"] != "123" {
		t.Errorf("/me with a custom token: %v", got)
	}
	plain := start(t, "-project", "demo="+projectSecret)
	if got := plain.ask("POST", "/signinWithCustomToken", "", "Authorization: "+token); got.token(t) == token {
		t.Errorf("without the flag: got %v, want a session token", got)
	}
}

func TestCustomTokenMaxAge(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret, "-custom-token-max-age", "10m")
	now := time.Now().Unix()
	for name, c := range map[string]struct {
		claims map[string]any
		status int
	}{
		"of now":                           {map[string]any{"iat": now}, 200},
		"of 5 minutes ago":                 {map[string]any{"iat": now - 300}, 200},
		"of an hour ago":                   {map[string]any{"iat": now - 3600}, 401},
		"of an hour ago, with a later exp": {map[string]any{"iat": now - 3600, "exp": now + 3600}, 401},
		"without iat":                      {nil, 401},
		"without iat, with exp":            {map[string]any{"exp": now + 60}, 401},
		"of the future, beyond the leeway": {map[string]any{"iat": now + 3600}, 401},
		"of a time that is not a number":   {map[string]any{"iat": "now"}, 401},
	} {
		got := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+custom(t, c.claims))
		if got.status != c.status {
			t.Errorf("a custom token %s: got %v, want %d", name, got, c.status)
		}
	}
}

func TestLogJSON(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret, "-log", "json")
	p.tokens()
	p.post("/signin", `{"email":"ada@example.com","password":"a canary of ours"}`)
	p.ask("POST", "/signinWithCustomToken", "", "Authorization: JWT a.b.c")
	p.stop()
	messages := make(map[string]int)
	for line := range strings.Lines(p.logs.String()) {
		var entry struct{ Time, Level, Msg string }
		err := json.Unmarshal([]byte(line), &entry)
		if err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Errorf("%v in %s", err, line)
		}
		messages[entry.Level+" "+entry.Msg]++
	}
	for _, want := range []string{
		"INFO deskauth: signed_up", "INFO deskauth: signed_in", "INFO deskauth: guest_created",
		"INFO deskauth: refused", "WARN deskauth: refused", "INFO stopping",
	} {
		if messages[want] == 0 {
			t.Errorf("the log has no %q: %v", want, messages)
		}
	}
	for _, secret := range []string{"correct horse battery", "a canary of ours", projectSecret, "eyJ"} {
		if strings.Contains(p.logs.String(), secret) {
			t.Errorf("S22 the log has %q…", secret[:3])
		}
	}
}
