package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// leaks returns which of the secrets a text has.
func leaks(text string, secrets ...string) (found []string) {
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

// Wherever a person puts a secret by mistake, nothing of it is printed.
func TestS22_ASecretInAnArgumentIsNotPrinted(t *testing.T) {
	t.Parallel()
	token := customToken(t, nil)
	for _, secret := range []string{token, shopSecret, "eyJhbGciOi", "postgres://app:" + shopSecret + "@h/d"} {
		for _, args := range [][]string{
			{secret}, {"token", secret}, {"token", "inspect", secret}, {"token", "mint", secret}, {"help", secret},
			{"token", "inspect", "--" + secret}, {"token", "inspect", "-" + secret}, {"token", "inspect", "--x=" + secret},
			{"token", "mint", "--expires", secret}, {"token", "mint", "--expires=" + secret}, {"--json=" + secret},
			{"token", "inspect", "--as", secret}, {"token", "inspect", "--at", secret},
			{"token", "inspect", "--max-age", secret},
			{"token", "inspect", "--key-file", secret}, {"token", "inspect", "--token-file", secret},
			{"token", "inspect", "--jwks", secret}, {"token", "inspect", "--jwks", "http://u:" + shopSecret + "@127.0.0.1:1/x"},
			{"token", "mint", "--key-file", secret, "--project", "shop", "--id", "1"},
			{"token", "mint", "--project", secret, "--id", "1"},
			{"hash", secret}, {"hash", "--memory", secret}, {"hash", "--time", secret}, {"hash", "--parallelism=" + secret},
			{"project", "new", secret}, {"project", "new", "--id", secret + "/"},
			{"accounts", secret}, {"accounts", "list", secret}, {"accounts", "list", "--kind", secret},
			{"accounts", "list", "--store", secret}, {"accounts", "purge", "--kind", secret},
			{"accounts", "purge", "--idle", secret},
			{"accounts", "show", secret, secret}, {"accounts", "copy", secret}, {"accounts", "list", "--limit", secret},
			{"completion", secret}, {"completion", "bash", secret},
		} {
			got := call{}.run(t, args...)
			if found := leaks(got.out+got.err, secret, secret[:10], shopSecret); len(found) > 0 {
				t.Errorf("%q: it prints %q: %+v", args, found, got)
			}
		}
	}
}

// What is read and checked is not printed: no key, no whole token, no password.
func TestS22_WhatIsReadIsNotPrinted(t *testing.T) {
	t.Parallel()
	custom := customToken(t, nil)
	session := guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token
	env := both()
	env[storeVariable] = "postgres://app:" + shopSecret + "@127.0.0.1:1/d?sslmode=disable"
	_, private, _ := pemPair(t)
	const password = "password-canary"
	secrets := []string{sessionSecret, shopSecret, custom, session, password, strings.Split(private, "\n")[1]}
	for _, token := range []string{custom, session} {
		parts := strings.Split(token, ".")
		secrets = append(secrets, parts[2], parts[1])
	}
	privateFile := file(t, "private.pem", private)
	spelled := strings.Replace(session, "eyJ", `\u0065yJ`, 1)
	nested := customToken(t, map[string]any{
		"guest_token": "JWT " + session, "list": []any{map[string]any{"a " + session + " b": session}},
		"raw": json.RawMessage(`"` + spelled + `"`), session: 1,
	})
	for _, tt := range []struct {
		in   string
		args string
	}{
		{custom, "token inspect"}, {session, "token inspect"}, {session, "token inspect --as custom"},
		{custom, "token inspect --as session"}, {custom, "token inspect --key-file " + privateFile},
		{custom, "token inspect --at 2030-01-01T00:00:00Z"}, {session + "x", "token inspect"},
		{custom + ".x", "token inspect"}, {nested, "token inspect"}, {nested, "token inspect --as session"},
		{custom, "token inspect --algorithm HS512"}, {custom, "token inspect --algorithm none"},
		{session, "token inspect --store " + env[storeVariable]},
		{"", "token mint --project other --id 1"}, {password, "hash"}, {password, "hash --min-length 50"},
		{"", "accounts list"}, {"", "accounts copy"}, {"", "accounts list --store " + env[storeVariable]},
	} {
		for _, flag := range []string{"", "--json "} {
			got := call{in: tt.in, env: env}.run(t, strings.Fields(flag+tt.args)...)
			if found := leaks(got.out+got.err, secrets...); len(found) > 0 {
				t.Errorf("%s: it prints %q: %+v", tt.args, found, got)
			}
			if got.out+got.err == "" {
				t.Errorf("%s prints nothing", tt.args)
			}
		}
	}
}

// A URL with a password is refused as a flag: it shows in ps.
func TestS22_NoPasswordInAFlag(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{
		"postgres://app:word@h/d", "postgresql://app:word@h/d", "postgres://app@h/d?password=word",
		"postgres://app%3Aword@h/d", "postgres://app:wo%zzrd@h/d",
	} {
		got := call{}.run(t, "accounts", "list", "--store", flag)
		if got.code != exitFailed || !strings.Contains(got.err, "shows in ps") || strings.Contains(got.err, "word@") {
			t.Errorf("%s: got %+v, want it refused", flag, got)
		}
	}
}

// No command prints what only the store may know.
func TestS22_NoHashAndNoState(t *testing.T) {
	t.Parallel()
	c := call{env: map[string]string{storeVariable: sqliteStore(t, people()...)}}
	for _, args := range []string{
		"list", "show user-ada", "disable user-ada", "signout user-ada", "delete user-ada --yes",
	} {
		for _, json := range []string{"", "--json "} {
			got := c.run(t, strings.Fields(json+"accounts "+args)...)
			if len(leaks(got.out+got.err, "argon2", hashCanary, `"v"`)) > 0 {
				t.Errorf("%s: got %+v", args, got)
			}
		}
	}
}

// Claims and names are strangers' words. They must not steer the terminal, nor begin a line
// that looks like one of ours.
func TestControlCharactersAreEscaped(t *testing.T) {
	t.Parallel()
	const nasty = "a\x1b[31mb\x07\u009b2Jc\u202ed\u2028e\nverdict  good\r\x7f\U000e0041"
	token := customToken(t, jwt.MapClaims{
		nasty: nasty, "firstname": nasty, "nested": map[string]any{"x": []string{nasty}},
	})
	inspect := func(json ...string) result {
		return call{in: token, env: both()}.run(t, append([]string{"token", "inspect"}, json...)...)
	}
	account := people()[0]
	account.ID, account.FirstName, account.Attributes = "id\x1b[31m\u202e", nasty, []byte(`{"x":"`+"\u202e\u009b"+`"}`)
	in := call{env: map[string]string{storeVariable: sqliteStore(t, account)}}
	for name, got := range map[string]result{
		"inspect": inspect(), "inspect --json": inspect("--json"),
		"list": in.run(t, "accounts", "list"), "list --json": in.run(t, "accounts", "list", "--json"),
		"show":        in.run(t, "accounts", "show", "ada@example.com"),
		"show --json": in.run(t, "accounts", "show", "ada@example.com", "--json"),
		"disable":     in.run(t, "accounts", "disable", "ada@example.com"),
		"delete":      in.run(t, "accounts", "delete", "ada@example.com", "--dry-run"),
	} {
		if got.code != exitGood {
			t.Errorf("%s: got %+v", name, got)
		}
		if i := strings.IndexAny(got.out, "\x1b\x07\u009b\u202e\u2028\r\x7f\U000e0041"); i >= 0 {
			t.Errorf("%s writes a control character: %q", name, got.out)
		}
		if strings.Contains(got.out, "\nverdict  good") {
			t.Errorf("%s lets a claim begin a line: %q", name, got.out)
		}
	}
	if claims := decodeJSON[inspectionRead](t, inspect("--json").out).Claims; claims[nasty] != nasty {
		t.Errorf("the claim comes back as %q, want %q", claims[nasty], nasty)
	}
}
