package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A variable may hold several session secrets, one per line. What looks like several in
// another form is refused, and a phrase with commas and blanks is one secret.
func TestSessionSecretsOfAVariable(t *testing.T) {
	t.Parallel()
	const (
		old    = sessionSecret
		next   = projectSecret
		phrase = "at least 32 bytes, preferably random"
		base64 = "q1n5mZ0Q2m8dXy3WJm9o4i7vPp0bqg8d2n0o1T5xX+k="
	)
	for value, want := range map[string][]string{
		old:                              {old},
		old + "\n":                       {old},
		"\n" + old:                       {old},
		old + "\n" + next:                {old, next},
		old + "\n\n" + next + "\n":       {old, next},
		old + "\r\n" + next + "\r\n":     {old, next},
		phrase + "\n" + base64:           {phrase, base64},
		phrase:                           {phrase},
		"a phrase, with = and ; in":      {"a phrase, with = and ; in"},
		old + ", " + phrase:              {old + ", " + phrase},
		old + " ":                        {old + " "}, // the library says what is wrong
		old + "\n" + " " + next:          {old, " " + next},
		old + ":" + next:                 {old + ":" + next},
		old + "," + next:                 nil,
		old + ", " + next:                nil,
		old + " " + next:                 nil,
		old + "\t" + next:                nil,
		old + ";" + next:                 nil,
		old + "|" + next + "|" + old:     nil,
		old + `\n` + next:                nil,
		base64 + "," + base64:            nil,
		`["` + old + `","` + next + `"]`: nil,
		`"` + old + `" "` + next + `"`:   nil,
		phrase + "\n" + old + "," + next: nil,
		strings.Repeat("0f", 16) + "," + strings.Repeat("e1", 32): nil,
	} {
		o, err := parseOptions(nil, []string{"DESKAUTH_SESSION_SECRET=" + value}, io.Discard)
		switch {
		case want != nil && (err != nil || !slices.Equal(o.sessionSecrets, want)):
			t.Errorf("%q: got %d secrets and the error %s, want %d",
				hidden(value), len(o.sessionSecrets), hidden(fmt.Sprint(err)), len(want))
		case want == nil && (err == nil || !strings.Contains(err.Error(), "write one per line in DESKAUTH_SESSION_SECRET")):
			t.Errorf("%q: got the error %s, want one that says: one per line", hidden(value), hidden(fmt.Sprint(err)))
		}
		_, err = parseOptions([]string{"-session-secret", value}, nil, io.Discard)
		if want == nil && err == nil && !strings.Contains(value, "\n") { // of which the library says it
			t.Errorf("%q by the flag: got no error", hidden(value))
		}
	}
	for _, empty := range []string{"\n", "\r\n", " ", " \n "} { // else the secret would be random
		for _, name := range []string{"DESKAUTH_SESSION_SECRET", "DESKAUTH_PROJECT"} {
			_, err := parseOptions(nil, []string{name + "=" + empty}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), "there is no value in it") {
				t.Errorf("%s=%q: got the error %v, want that it is empty", name, empty, err)
			}
		}
	}
}

// An ID is not taken for a secret, whatever its length.
func TestLongProjectIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"customer-support-emea-1", "5e259950a3f0c700170aaaaa", "CUSTOMER-SUPPORT-EMEA01", strings.Repeat("1", 39),
		"5b9c2b34-7fd2-4a1f-9b0e-2f0a5f0c1d2e", "a-project-of-31-letters-and-more", strings.Repeat("a", 128),
	} {
		o, err := parseOptions([]string{"-project", id + "="}, nil, io.Discard)
		if err != nil || len(o.projects) != 1 || o.projects[0].id != id {
			t.Errorf("%s: got the error %v, want that project", id, err)
		}
	}
}

// A line of a variable that has a bad secret is refused, and which one it is.
func TestBadSessionSecretsOfAVariable(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		sessionSecret + "\nshort":                        "-session-secret 2 of 2: ",
		sessionSecret + "\n" + projectSecret + " ":       "-session-secret 2 of 2: ",
		`"` + sessionSecret + "\n" + projectSecret + `"`: "-session-secret 1 of 2: ",
		sessionSecret + `\n`:                             "-session-secret: ",
	} {
		o, err := parseOptions(nil, []string{"DESKAUTH_SESSION_SECRET=" + value, "DESKAUTH_PROJECT=demo="}, io.Discard)
		if err == nil {
			_, err = o.keys()
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) || hidden(err.Error()) != err.Error() {
			t.Errorf("%q: got the error %s, want one with %q and no secret", hidden(value), hidden(fmt.Sprint(err)), want)
		}
	}
}

// Lists in variables are separated by commas and line breaks.
func TestListsOfVariables(t *testing.T) {
	t.Parallel()
	for _, separator := range []string{",", ", ", " ,\n", "\n", "\r\n", ",\n,"} {
		values := func(list ...string) string { return strings.Join(list, separator) + strings.TrimSpace(separator) }
		projects := "a=1" + strings.TrimLeft(separator, " ") + "b=" // a blank behind a secret stays
		o, err := parseOptions(nil, []string{
			"DESKAUTH_PROJECT=" + projects, "DESKAUTH_CORS=" + values("https://a.example", "https://b.example"),
			"DESKAUTH_TRUSTED_PROXY=" + values("10.0.0.0/8", "192.0.2.1"),
			"DESKAUTH_RESERVED_EMAIL=" + values("a@example.com", "b@example.com"),
		}, io.Discard)
		got := fmt.Sprint(o.projects, o.corsOrigins, o.trustedProxies, o.reservedEmails)
		const want = "[{a 1} {b }] [https://a.example https://b.example] [10.0.0.0/8 192.0.2.1/32] " +
			"[a@example.com b@example.com]"
		if err != nil || got != want {
			t.Errorf("separated by %q: got %s and the error %v, want %s", separator, got, err, want)
		}
	}
}

// A list comes from flags or from a variable. In any other way one of them would be ignored
// without a word: a session secret, and with it every session.
func TestListBesideItsVariable(t *testing.T) {
	t.Parallel()
	repeatable := 0
	new(options).flagSet().VisitAll(func(f *flag.Flag) {
		_, isGetter := f.Value.(flag.Getter) // those of package flag are, but for Func
		if isGetter == (separators[f.Name] != "") {
			t.Errorf("-%s: a flag that can be repeated needs a row in separators, and no other does", f.Name)
		}
		if isGetter {
			return
		}
		repeatable++
		value := map[string]string{
			"session-secret": "canary", "project": "a=canary", "cors": "https://a.example", "trusted-proxy": "192.0.2.1",
			"reserved-email": "a@example.com",
		}[f.Name]
		_, err := parseOptions([]string{"-" + f.Name, value}, []string{variableOf(f.Name) + "=" + value}, io.Discard)
		want := fmt.Sprintf("-%s is there beside %s, which would be ignored", f.Name, variableOf(f.Name))
		if err == nil || !strings.HasPrefix(err.Error(), want) || hidden(err.Error()) != err.Error() {
			t.Errorf("-%s: got the error %s, want %s", f.Name, hidden(fmt.Sprint(err)), want)
		}
		_, err = parseOptions([]string{"-" + f.Name, value}, []string{variableOf(f.Name) + "="}, io.Discard)
		if err != nil {
			t.Errorf("-%s beside an empty variable: %v", f.Name, err)
		}
	})
	if repeatable != len(separators) {
		t.Errorf("%d flags can be repeated, and separators has %d", repeatable, len(separators))
	}
}

// A misspelled variable is named. Its value is not, wherever a file has put it.
func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	p := start(t,
		"DESKAUTH_TRUSTED_PROXIES=canary", "DESKAUTH_DISABLE_SIGNUPS=canary", "DESKAUTH_SESSION_SECRETS="+sessionSecret,
		"DESKAUTH_SESSION_SECRET: canary=", "DESKAUTH_PROJECT shop=canary", "DESKAUTH_store=canary",
		"DESKAUTH_TEST_POSTGRES_URL=canary", "DESKAUTH_NOTHING=", "DESKAUTH_NO_LIMITS=true")
	if got := p.askURL("GET", p.root()+"/healthz", ""); got.status != http.StatusOK {
		t.Errorf("/healthz: got %v, want 200", got)
	}
	p.stop()
	logs := p.logs.String()
	if hidden(logs) != logs {
		t.Errorf("S22 the log has a value:\n%s", hidden(logs))
	}
	for name, want := range map[string]int{
		"DESKAUTH_TRUSTED_PROXIES": 1, "DESKAUTH_DISABLE_SIGNUPS": 1, "DESKAUTH_SESSION_SECRETS": 1, "DESKAUTH_store": 1,
		"DESKAUTH_SESSION_SECRET…": 1, "DESKAUTH_PROJECT…": 1, "DESKAUTH_TEST_POSTGRES_URL": 0, "DESKAUTH_NOTHING": 0,
		"DESKAUTH_NO_LIMITS": 0,
	} {
		got := strings.Count(logs, "is ignored: no option has its name; -h lists the options\" variable="+name+"\n")
		if got != want {
			t.Errorf("the log warns %d times of %s, want %d:\n%s", got, name, want, hidden(logs))
		}
	}
}
