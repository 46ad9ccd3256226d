package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

// publicKey is one as consoles show it, in one line.
const publicKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzW7RY+/uYpSOe4AkW1kacw8yKmaEKM84RKc5g8ob5iY" +
	"05/QCHaAInFvRyn1pwTCrFJfvg4ZG4bOKb+qTPE3DDo"

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
		"public key for a session secret": {
			[]string{"-session-secret", publicKey}, `-session-secret: deskauth: key "" is a public key in base64`,
		},
		"public key for a project secret": {
			[]string{"-project", "demo=" + publicKey}, `-project "demo": deskauth: key "" is a public key in base64`,
		},
		"public key in the environment": {
			[]string{"DESKAUTH_SESSION_SECRET=" + publicKey[:64] + "\n" + publicKey[64:]}, "is a public key in base64",
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
		"project secret in quotes": {
			[]string{"-project", "demo='" + projectSecret + "'"}, `-project "demo": deskauth: key "" stands in quotes`,
		},
		"project secrets in the environment": {
			[]string{"DESKAUTH_PROJECT=demo=" + projectSecret + ", shop=\"" + projectSecret + "\"\n"},
			`-project 2 of 2 "shop": deskauth: key "" stands in quotes`,
		},
		"projects in quotes": {
			[]string{"DESKAUTH_PROJECT=\"demo=" + projectSecret + "\""}, "DESKAUTH_PROJECT: the value begins or ends",
		},
		"project of which the secret is alone": {[]string{"-project", projectSecret}, "a project is ID=SECRET"},
		"project of which the secret is in base64": {
			[]string{"-project", "Xcanarycanarycanarycanarycanarycanarycanar8="}, "project 1 looks like a secret in base64",
		},
		"project of which the secret is in base64, short": {
			[]string{"DESKAUTH_PROJECT=a=,XcanarycanarycanarycaQ=="}, "project 2 looks like a secret in base64",
		},
		"project of which the secret is before the ID": {
			[]string{"-project", projectSecret + "=demo"}, `-project: deskauth: key "" has 4 bytes`,
		},
		"project of which the secret comes twice before the ID": {
			[]string{"-project", projectSecret + "=a", "-project", projectSecret + "=b"}, "the projects 1 and 2 have one ID",
		},
		"session secret that a shell splits": {
			[]string{"-session-secret", "correct horse", "canary canary"}, "behind the value of -session-secret",
		},
		"project that a shell splits": {[]string{"-project", "shop=", projectSecret}, "behind the value of -project"},
		"postgres that a shell splits": {
			[]string{"-store", "postgres://me:x", "canary@127.0.0.1:1/d"}, "behind the value of -store, is not an option",
		},
		"postgres that a shell splits before a dash": {
			[]string{"-store=postgres://me:x", "-canary@127.0.0.1:1/d"}, "behind the value of -store, is not an option",
		},
		"session secrets behind commas": {
			[]string{"DESKAUTH_SESSION_SECRET=" + sessionSecret + "," + projectSecret},
			"looks like 2 secrets in one: give the flag once for each, or write one per line in DESKAUTH_SESSION_SECRET",
		},
		"session secret by flag and variable": {
			[]string{"DESKAUTH_SESSION_SECRET=" + sessionSecret, "-session-secret", projectSecret},
			"-session-secret is there beside DESKAUTH_SESSION_SECRET, which would be ignored",
		},
		"one secret for both": {
			[]string{"-session-secret", sessionSecret, "-project", "demo=" + sessionSecret},
			"could make any session",
		},
		"project without =":         {[]string{"-project", "demo"}, "a project is ID=SECRET"},
		"project without ID":        {[]string{"-project", "=" + projectSecret}, "a project is ID=SECRET"},
		"project ID that cannot be": {[]string{"-project", "a/b="}, "the ID of project 1 cannot be used"},
		"project twice": {
			[]string{"-project", "a=", "-project", "a=" + projectSecret},
			`the projects 1 and 2 have one ID "a"`,
		},
		"project that is a secret": {[]string{"-project", "canary"}, "-project: a project is ID=SECRET"},
		"project twice with secrets": {
			[]string{"-project", "a=canary", "-project", "a=canary too"},
			`-project: the projects 1 and 2 have one ID "a"`,
		},
		"project in the environment": {[]string{"DESKAUTH_PROJECT=demo"}, "DESKAUTH_PROJECT: a project is ID=SECRET"},
		"unknown store":              {[]string{"-store", "canary"}, "-store is not a store"},
		"sqlite without a path":      {[]string{"-store", "sqlite:"}, "needs a path"},
		"sqlite in no directory":     {[]string{"-store", "sqlite:/nowhere/accounts.db"}, "directory does not exist"},
		"not a URL of postgres": {
			[]string{"-store", "postgres://me:canary@127.0.0.1:port/accounts"},
			"-store: pgxstore: this is not a URL",
		},
		"postgres URL without a host": {[]string{"-store", "postgres://me:canary"}, "-store: pgxstore: this is not a URL"},
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
		"postgres without a scheme": {[]string{"-store", "canary@127.0.0.1:1/accounts"}, "-store is not a store"},
		"postgres misspelled":       {[]string{"-store", "postgre://me:canary@h/d"}, `-store "postgre" is not a store`},
		"postgres in other words": {
			[]string{"DESKAUTH_STORE=password=canary host=h"},
			"-store is not a store",
		},
		"limiter misspelled": {
			[]string{"-limiter", "reddis://me:canary@h"},
			`-limiter "reddis" is not a limiter`,
		},
		"limiter that is a password":    {[]string{"-limiter", "canary"}, "-limiter is not a limiter"},
		"limiter in quotes":             {[]string{`DESKAUTH_LIMITER="redis://me:canary@h"`}, "which would be a part"},
		"limiter with an escaped colon": {[]string{"-limiter", "redis://me%3Acanary@h/0"}, "escaped : or @"},
		"store in quotes":               {[]string{`DESKAUTH_STORE="postgres://me:canary@h/d"`}, "remove the quotes"},
		"postgres with an escaped colon": {
			[]string{"-store", "postgres://me%3Acanary@127.0.0.1:1/accounts"}, "escaped : or @",
		},
		"sqlite as a URL":               {[]string{"-store", "sqlite://accounts.db"}, "write sqlite:accounts.db"},
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
		"unknown log":                   {[]string{"-log", "xml"}, "-log is not a format"},
		"prefix without /":              {[]string{"-prefix", "v1/auth"}, `-prefix "v1/auth" is not a path`},
		"prefix with a pattern":         {[]string{"-prefix", "/{tenant}"}, "is not a path"},
		"prefix with two slashes":       {[]string{"-prefix", "/v1//auth"}, `-prefix "/v1//auth" is not a path`},
		"prefix with dots":              {[]string{"-prefix", "/v1/../auth"}, `-prefix "/v1/../auth" is not a path`},
		"issuer without scheme":         {[]string{"-issuer", "tiledesk.com"}, "must start with http:// or https://"},
		"issuer with a trailing slash":  {[]string{"-issuer", "https://tiledesk.com/"}, "trailing slash"},
		"not a duration": {
			[]string{"-custom-token-max-age", "canary"},
			"-custom-token-max-age: the value is not a duration like 90s",
		},
		"negative duration":          {[]string{"-custom-token-max-age", "-1h"}, "CustomTokenMaxAge is -1h0m0s"},
		"not a duration in variable": {[]string{"DESKAUTH_CUSTOM_TOKEN_MAX_AGE=canary"}, "DESKAUTH_CUSTOM_TOKEN_MAX_AGE: "},
		"not a boolean in variable":  {[]string{"DESKAUTH_ECHO_CUSTOM_TOKEN=canary"}, "DESKAUTH_ECHO_CUSTOM_TOKEN: "},
		"demo with a project": {
			[]string{"-demo", "-project", "demo=" + projectSecret},
			"-demo makes a project of its own: remove -project, or -demo",
		},
		"demo with mail": {
			[]string{"DESKAUTH_DEMO=1", "-smtp", "h:25", "-mail-from", "a@example.com", "-dashboard-url", "https://a.example"},
			"-demo shows mails in its page and sends none: remove -smtp, or -demo",
		},
		"demo that is neither":  {[]string{"-demo=maybe"}, "-demo: the value is neither true nor false"},
		"unknown flag":          {[]string{"-nope"}, "argument 1 is not an option"},
		"an argument":           {[]string{"canary"}, "argument 1 is not an option"},
		"not an address":        {[]string{"-addr", "nowhere"}, "missing port"},
		"address that is taken": {[]string{"-addr", taken.Addr().String()}, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if c.args[0] != "-addr" {
				args = append(args, "DESKAUTH_ADDR=127.0.0.1:0")
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
					code, c.want, hidden(stderr.String()), hidden(stdout.String()))
			}
			if printed := stderr.String() + stdout.String(); hidden(printed) != printed {
				t.Errorf("S22 the server prints a secret:\n%s", hidden(printed))
			}
			if strings.Contains(stderr.String(), "goroutine ") {
				t.Errorf("the server panics:\n%s", hidden(stderr.String()))
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

// hidden returns a text without the secrets of these tests: what a test prints when it
// fails goes into a log too.
func hidden(text string) string {
	return strings.NewReplacer(sessionSecret, "[secret]", projectSecret, "[secret]", "canary", "[secret]").Replace(text)
}
