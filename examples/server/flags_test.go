package main

import (
	"bytes"
	"encoding/json"
	"net"
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
			t.Errorf("S22 %q is in the log:\n%s", secret, p.logs)
		}
	}
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"short session secret": {[]string{"-session-secret", "short"}, "5 bytes; HS256 needs 32 or more"},
		"short project secret": {[]string{"-project", "demo=short"}, "5 bytes; HS256 needs 32 or more"},
		"session secret with a line break": {
			[]string{"-session-secret", sessionSecret + "\n"}, "-session-secret: ",
		},
		"session secret in quotes": {
			[]string{"-session-secret", `"` + sessionSecret + `"`}, "stands in quotes, which would be a part",
		},
		"session secret with a blank in the environment": {
			[]string{"DESKAUTH_SESSION_SECRET=" + sessionSecret + " "}, "has a blank at its end; remove it",
		},
		"project secret with a line break": {
			[]string{"-project", "demo=" + projectSecret + "\r\n"}, "has a line break at its end; remove it",
		},
		"project secret in quotes": {[]string{"-project", "demo='" + projectSecret + "'"}, "-project demo: "},
		"project secrets in the environment": {
			[]string{"DESKAUTH_PROJECT=demo=" + projectSecret + ", shop=\"" + projectSecret + "\"\n"},
			"has a line break at its end; remove it",
		},
		"one secret for both": {
			[]string{"-session-secret", sessionSecret, "-project", "demo=" + sessionSecret},
			"could make any session",
		},
		"project without =":         {[]string{"-project", "demo"}, "a project is ID=SECRET"},
		"project without ID":        {[]string{"-project", "=" + projectSecret}, "a project is ID=SECRET"},
		"project ID that cannot be": {[]string{"-project", "a/b="}, `project ID "a/b" cannot be used`},
		"project twice": {
			[]string{"-project", "a=", "-project", "a=" + projectSecret},
			`the project "a" is there twice`,
		},
		"project that is a secret": {[]string{"-project", "canary"}, "-project: a project is ID=SECRET"},
		"project twice with secrets": {
			[]string{"-project", "a=canary", "-project", "a=canary too"},
			`-project: the project "a" is there twice`,
		},
		"project in the environment": {[]string{"DESKAUTH_PROJECT=demo"}, "DESKAUTH_PROJECT: a project is ID=SECRET"},
		"unknown store":              {[]string{"-store", "mongodb"}, `-store "mongodb" is not a store`},
		"sqlite without a path":      {[]string{"-store", "sqlite:"}, "needs a path"},
		"sqlite in no directory":     {[]string{"-store", "sqlite:/nowhere/accounts.db"}, "directory does not exist"},
		"not a URL of postgres": {
			[]string{"-store", "postgres://me:canary@127.0.0.1:port/accounts"},
			"-store is not a URL",
		},
		"postgres URL without a host": {[]string{"-store", "postgres://me:canary"}, "-store is not a URL"},
		"postgres URL of a bad mode": {
			[]string{"-store", "postgresql://me@h/d?password=canary&sslmode=x"},
			"sslmode is invalid",
		},
		"postgres with a slash in the password": {
			[]string{"-store", "postgres://me:canary/canary@127.0.0.1:1/accounts"}, "/ as %2F",
		},
		"postgres with an @ in the password": {
			[]string{"-store", "postgres://me:x@canary@127.0.0.1:1/accounts"}, "@ as %40",
		},
		"postgres with a # in the password": {
			[]string{"DESKAUTH_STORE=postgres://me:canary#canary@127.0.0.1:1/accounts"}, "# as %23",
		},
		"postgres with a ? in the password": {
			[]string{"-store", "postgres://me:1?canary@127.0.0.1:1/accounts"}, "? as %3F",
		},
		"postgres with a % in the password": {
			[]string{"-store", "postgres://me:canary%zzcanary@127.0.0.1:1/accounts"}, "% as %25",
		},
		"postgres with a blank in the password": {
			[]string{"-store", "postgres://me:canary canary@127.0.0.1:1/accounts"}, "a blank as %20",
		},
		"postgres with a password that is escaped": {
			[]string{"-store", "postgres://me:canary%2F%40%23canary@127.0.0.1:1/accounts"},
			"PostgreSQL at 127.0.0.1:1, database accounts",
		},
		"postgres without a scheme": {[]string{"-store", "canary@127.0.0.1:1/accounts"}, `-store "" is not a store`},
		"postgres misspelled":       {[]string{"-store", "postgre://me:canary@h/d"}, `-store "postgre" is not a store`},
		"postgres in other words": {
			[]string{"DESKAUTH_STORE=password=canary host=h"},
			`-store "password" is not a store`,
		},
		"limiter misspelled": {
			[]string{"-limiter", "reddis://me:canary@h"},
			`-limiter "reddis" is not a limiter`,
		},
		"limiter in other words":        {[]string{"DESKAUTH_LIMITER=canary@h:1"}, `is not a limiter`},
		"not a URL of Redis":            {[]string{"-limiter", "redis://me:canary@h:port/0"}, "-limiter is not a URL"},
		"a password with a /":           {[]string{"-limiter", "redis://me:can/canary@h/0"}, "-limiter is not a URL"},
		"a password with a / of digits": {[]string{"-limiter", "redis://me:12/canary@h/0"}, "-limiter is not a URL"},
		"a password with a #":           {[]string{"-limiter", "redis://:12#canary@h/0"}, "-limiter is not a URL"},
		"a password with a ?":           {[]string{"-limiter", "redis://:12?canary@h/0"}, "-limiter is not a URL"},
		"not a database of Redis":       {[]string{"-limiter", "redis://me:canary@h/zero"}, "-limiter is not a URL"},
		"an option Redis has not":       {[]string{"-limiter", "redis://h/0?password=canary"}, "-limiter is not a URL"},
		"sqlite in a directory":         {[]string{"-store", "sqlite:/"}, "this is a directory"},
		"purge too early":               {[]string{"-purge-guests", "24h"}, "768h"},
		"unknown log":                   {[]string{"-log", "xml"}, `-log "xml" is not a format`},
		"prefix without /":              {[]string{"-prefix", "v1/auth"}, `-prefix "v1/auth" is not a path`},
		"prefix with a pattern":         {[]string{"-prefix", "/{tenant}"}, "is not a path"},
		"prefix with two slashes":       {[]string{"-prefix", "/v1//auth"}, `-prefix "/v1//auth" is not a path`},
		"prefix with dots":              {[]string{"-prefix", "/v1/../auth"}, `-prefix "/v1/../auth" is not a path`},
		"issuer without scheme":         {[]string{"-issuer", "tiledesk.com"}, "must start with http:// or https://"},
		"issuer with a trailing slash":  {[]string{"-issuer", "https://tiledesk.com/"}, "trailing slash"},
		"not a duration": {
			[]string{"-custom-token-max-age", "soon"},
			"invalid value \"soon\" for flag -custom-token-max-age",
		},
		"negative duration":          {[]string{"-custom-token-max-age", "-1h"}, "CustomTokenMaxAge is -1h0m0s"},
		"not a duration in variable": {[]string{"DESKAUTH_CUSTOM_TOKEN_MAX_AGE=soon"}, "DESKAUTH_CUSTOM_TOKEN_MAX_AGE"},
		"not a boolean in variable":  {[]string{"DESKAUTH_ECHO_CUSTOM_TOKEN=perhaps"}, "DESKAUTH_ECHO_CUSTOM_TOKEN"},
		"unknown flag":               {[]string{"-nope"}, "flag provided but not defined: -nope"},
		"an argument":                {[]string{"8080"}, `unexpected argument "8080"`},
		"not an address":             {[]string{"-addr", "nowhere"}, "missing port"},
		"address that is taken":      {[]string{"-addr", taken.Addr().String()}, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if c.args[0] != "-addr" {
				args = append(args, "-addr", "127.0.0.1:0")
			}
			if name == "an argument" {
				args = c.args
			}
			cmd := command(t, args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(patience+storeTimeout, func() { cmd.Process.Kill() }) // a database may be starting
			code := exitCode(cmd.Wait())
			late.Stop()
			if code != 2 || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
				t.Errorf("exit code %d, want 2, and %q on stderr and nothing on stdout:\n%s%s",
					code, c.want, stderr.String(), stdout.String())
			}
			printed := stderr.String()
			if strings.Contains(printed, projectSecret) || strings.Contains(printed, sessionSecret) {
				t.Errorf("S22 the server prints a secret:\n%s", printed)
			}
			if strings.Contains(stderr.String(), "canary") {
				t.Errorf("S22 the server prints a password:\n%s", stderr.String())
			}
			if strings.Contains(stderr.String(), "goroutine ") {
				t.Errorf("the server panics:\n%s", stderr.String())
			}
		})
	}
	t.Run("help is no mistake", func(t *testing.T) {
		t.Parallel()
		out, err := command(t, "-h").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "-session-secret TEXT") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}
