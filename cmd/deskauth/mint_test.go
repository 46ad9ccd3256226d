package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// What mint signs, inspect takes, with every kind of key.
func TestMint(t *testing.T) {
	t.Parallel()
	_, private, public := pemPair(t)
	secret := file(t, "shop.key", shopSecret+"\r\n")
	for name, tt := range map[string]struct{ mint, inspect []string }{
		"secret": {[]string{"--key-file", secret}, []string{"--key-file", secret}},
		"HS512": {
			[]string{"--key-file", secret, "--algorithm", "HS512"}, []string{"--key-file", secret, "--algorithm", "HS512"},
		},
		"PEM":      {[]string{"--key-file", file(t, "a.pem", private)}, []string{"--key-file", file(t, "b.pem", public)}},
		"variable": {nil, nil},
		"audience": {
			[]string{"--audience", "https://desk.example"}, []string{"--audience", "https://desk.example"},
		},
	} {
		env := map[string]string{projectVariable: "shop=" + shopSecret}
		minted := call{env: env}.run(t, append([]string{
			"token", "mint", "--project", "shop", "--id", "42", "--first-name", "Ada", "--email", "ada@example.com",
			"--claims", `{"plan":"gold","seats":12345678901234567890}`,
		}, tt.mint...)...)
		if minted.code != exitGood || minted.err != "" || strings.Count(minted.out, "\n") != 1 {
			t.Fatalf("%s: got %+v", name, minted)
		}
		got := call{in: minted.out, env: env}.run(t, append([]string{"token", "inspect", "--json"}, tt.inspect...)...)
		i := decodeJSON[inspectionRead](t, got.out)
		if got.code != exitGood || i.Claims["plan"] != "gold" || i.Claims["email"] != "ada@example.com" ||
			i.Project != "shop" {
			t.Errorf("%s: got %+v", name, got)
		}
		if !strings.Contains(got.out, `"seats":12345678901234567890`) {
			t.Errorf("%s: the number of seats lost digits: %s", name, got.out)
		}
	}
	got := call{}.run(t, "token", "mint", "--project", "shop", "--id", "42", "--key-file", secret,
		"--json", "--expires", "1h")
	m := decodeJSON[struct {
		Token, Expires string
		Claims         map[string]any
	}](t, got.out)
	if m.Token == "" || m.Expires != "2026-11-26T09:00:00Z" || m.Claims["sub"] != string(deskauth.KindExternal) {
		t.Errorf("as JSON, got %+v", got)
	}
	got = call{}.run(t, "token", "mint", "--project", "shop", "--id", "42", "--key-file", file(t, "c.pem", public))
	if got.code != exitFailed || !strings.Contains(got.err, "cannot sign") {
		t.Errorf("with a public key: got %+v", got)
	}
}

// A hash is deskauth's, of the password that was typed, and of the cost that was asked for.
func TestHash(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		c    call
		args []string
		cost string
	}{
		"a pipe":     {call{in: "correct horse\r\nnext line\n"}, nil, "m=19456,t=2,p=1"},
		"a terminal": {call{terminal: true, hidden: []string{"correct horse", "correct horse"}}, nil, "m=19456,t=2,p=1"},
		"a cost": {
			call{in: "correct horse"}, []string{"--memory", "64", "--time", "3", "--parallelism", "2"}, "m=64,t=3,p=2",
		},
	} {
		got := tt.c.run(t, append([]string{"hash", "--json"}, tt.args...)...)
		hash := decodeJSON[map[string]string](t, got.out)["hash"]
		if got.code != exitGood || !strings.HasPrefix(hash, "$argon2id$v=19$"+tt.cost+"$") {
			t.Fatalf("%s: got %+v, want the cost %s", name, got, tt.cost)
		}
		acc := people()[0]
		acc.PasswordHash = hash
		users := opened(t, sqliteStore(t, acc))
		for password, want := range map[string]bool{"correct horse": true, "wrong horse": false} {
			_, err := newAuth(t, users, deskauth.Config{}).Signin(t.Context(), deskauth.SigninInput{
				Email: "ada@example.com", Password: deskauth.NewSecret(password),
			})
			if (err == nil) != want {
				t.Errorf("%s: a sign-in with %q: got the error %v", name, password, err)
			}
		}
	}
}

func TestProjectNew(t *testing.T) {
	t.Parallel()
	type project struct{ ID, Secret string }
	made := map[project]bool{}
	for range 3 {
		p := decodeJSON[project](t, call{}.run(t, "project", "new", "--json").out)
		if len(p.ID) != 24 || len(p.Secret) != 64 || made[p] {
			t.Errorf("got %+v", p)
		}
		made[p] = true
	}
	p := decodeJSON[project](t, call{}.run(t, "project", "new", "--id", "shop", "--json").out)
	env := map[string]string{projectVariable: p.ID + "=" + p.Secret}
	if minted := (call{env: env}).run(t, "token", "mint", "--project", "shop", "--id", "1"); minted.code != exitGood {
		t.Errorf("with the new secret: got %+v", minted)
	}
	got := call{}.run(t, "project", "new", "--id", "shop")
	secret := regexp.MustCompile(`[0-9a-f]{64}`)
	found := secret.FindAllString(got.out, -1)
	if len(found) != 1 || !strings.Contains(got.out, projectVariable+"=shop=SECRET\n") {
		t.Errorf("got %+v, want the secret once, and the line for an environment", got)
	}
}
