package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

func isAboutTheStore(text string) bool { return strings.Contains(text, "store") }

// A store's word counts if a flag asks for it. The variable alone does nothing: it may be
// there for other commands.
func TestInspectAsksTheStore(t *testing.T) {
	t.Parallel()
	name, other := sqliteStore(t), sqliteStore(t)
	auth := newAuth(t, opened(t, name), deskauth.Config{})
	s := guestToken(t, auth)
	if err := auth.Signout(t.Context(), s.Token); err != nil {
		t.Fatal(err)
	}
	for args, tt := range map[string]struct {
		variable string
		reason   deskauth.Reason
		asked    bool
	}{
		"":                                      {name, "", false},
		"--ask-store=false":                     {name, "", false},
		"--ask-store":                           {name, deskauth.ReasonSessionRevoked, true},
		"--store " + name:                       {"", deskauth.ReasonSessionRevoked, true},
		"--store " + name + " ":                 {"mysql://none", deskauth.ReasonSessionRevoked, true},
		"--ask-store --store " + name:           {other, deskauth.ReasonSessionRevoked, true},
		"--ask-store --store " + other:          {name, deskauth.ReasonAccountGone, true},
		"--ask-store --json=true --as session ": {other, deskauth.ReasonAccountGone, true},
	} {
		env := both()
		env[storeVariable] = tt.variable
		got := call{in: s.Token, env: env}.run(t, append([]string{"token", "inspect", "--json"}, strings.Fields(args)...)...)
		i := decodeJSON[inspectionRead](t, got.out)
		if i.Reason != tt.reason || tt.asked == slices.ContainsFunc(i.NotChecked, isAboutTheStore) {
			t.Errorf("%q: got %+v, want the reason %q", args, got, tt.reason)
		}
	}
}

// What help and errors say of the store is so.
func TestInspectSaysHowTheStoreIsAsked(t *testing.T) {
	t.Parallel()
	help := call{}.run(t, "token", "inspect", "--help").out
	for line := range strings.Lines(help) {
		if strings.Contains(line, " --store ") &&
			(strings.Contains(line, "default") || strings.Contains(line, storeVariable)) {
			t.Errorf("the help says that --store has a default: %s", line)
		}
	}
	if !strings.Contains(help, "--ask-store") || !strings.Contains(help, "$"+storeVariable) {
		t.Errorf("the help does not say how a variable is asked: %s", help)
	}
	const url = "postgres://app:canary@127.0.0.1:1/d?sslmode=disable"
	s := guestToken(t, newAuth(t, opened(t, sqliteStore(t)), deskauth.Config{}))
	for _, in := range []string{s.Token, customToken(t, nil)} {
		for _, tt := range []struct{ args, variable, says string }{
			{"--store " + url, "", "or the URL into DESKAUTH_STORE, and give --ask-store"},
			{"--ask-store", "", "--ask-store needs the store in DESKAUTH_STORE, which is not set"},
			{"--ask-store", "nosuch://x", "neither sqlite:PATH nor postgres:"},
			{"--store nosuch://x", "", "neither sqlite:PATH nor postgres:"},
		} {
			env := both()
			env[storeVariable] = tt.variable
			got := call{in: in, env: env}.run(t, append([]string{"token", "inspect"}, strings.Fields(tt.args)...)...)
			if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, tt.says) ||
				strings.Contains(got.err, "canary") {
				t.Errorf("%s: got %+v, want %q", tt.args, got, tt.says)
			}
		}
	}
	// What the first error tells to do works: it gets as far as the server.
	env := both()
	env[storeVariable] = url
	got := call{in: s.Token, env: env}.run(t, "token", "inspect", "--ask-store")
	if got.code != exitFailed || !strings.Contains(got.err, "open the store (DESKAUTH_STORE): PostgreSQL at 127.0.0.1:1") {
		t.Errorf("with the URL in the variable: got %+v", got)
	}
	got = call{in: customToken(t, nil), env: env}.run(t, "token", "inspect", "--ask-store")
	if got.code != exitGood || !strings.Contains(got.out, "a custom token signs in, which writes, so it was not asked") {
		t.Errorf("of a custom token: got %+v", got)
	}
}
