package secrets_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/secrets"
)

func nobody() deskauth.UserStore { return memstore.New() }

func TestEnv(t *testing.T) {
	t.Parallel()
	got, err := secrets.Env(secrets.EnvConfig{Environ: []string{
		"DESKAUTH_SESSION_SECRET_2=" + oldSecret,
		"DESKAUTH_SESSION_SECRET=" + newSecret + "\n" + shopSecret + "\n",
		"DESKAUTH_PROJECT=shop=" + shopSecret + ", lobby=,",
		"DESKAUTH_PROJECT_3=shop=" + oldSecret + "\r\n" + "5c81593adf767b0017d1aa66=",
		"DESKAUTH_PROJECT_4=", "DESKAUTH_SESSIONS=x", "DESKAUTH_PROJECTS=x", "PATH=/bin",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{newSecret, shopSecret, oldSecret} {
		if len(got.Session) != 3 || !sameKey(t, got.Session[i], testkit.Key("", want)) {
			t.Errorf("session key %d of %v is another", i, got.Session)
		}
	}
	want := []string{"5c81593adf767b0017d1aa66", "lobby", "shop"}
	if ids := slices.Sorted(maps.Keys(got.Projects)); !slices.Equal(ids, want) {
		t.Errorf("the projects are %q", ids)
	}
	if len(got.Projects["lobby"]) != 0 || len(got.Projects["shop"]) != 2 ||
		!sameKey(t, got.Projects["shop"][0], testkit.Key("", shopSecret)) {
		t.Errorf("the keys of the projects are %v", got.Projects)
	}
}

// A name that is given to a program by mistake would leave out a key.
func TestS22_EnvSaysWhatToMend(t *testing.T) {
	t.Parallel()
	base64 := "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IGh1bnRlcjI="
	for _, c := range []struct{ environ, says string }{
		{"", "DESKAUTH_SESSION_SECRET is not set: write a secret"},
		{"DESKAUTH_SESSION_SECRET=", "is not set"},
		{"DESKAUTH_SESSION_SECRET=hunter2", "the variable DESKAUTH_SESSION_SECRET has a key, number 1, that has 7 bytes"},
		{"DESKAUTH_SESSION_SECRET_2=hunter2", "DESKAUTH_SESSION_SECRET_2 has a key"},
		{"DESKAUTH_SESSION_SECRET_FILE=/run/hunter2", "secrets.Files"},
		{"DESKAUTH_SESSION_SECRET_1=" + newSecret, "number them"},
		{"DESKAUTH_SESSION_SECRET_02=" + newSecret, "number them"},
		{"DESKAUTH_SESSION_SECRET_10=" + newSecret, "number them"},
		{"good;DESKAUTH_PROJECT=hunter2", "number 1, without ="},
		{"good;DESKAUTH_PROJECT=a=,=hunter2", "number 2, without an ID"},
		{"good;DESKAUTH_PROJECT=hunter2!=" + shopSecret, "without an ID"},
		{"good;DESKAUTH_PROJECT=" + base64, "without an ID"},
		{"good;DESKAUTH_PROJECT=" + base64[:43] + "==", "without an ID"},
		{"good;DESKAUTH_PROJECT=shop=hunter2", "number 1, that has a key, number 1, that has 7 bytes"},
		{"good;DESKAUTH_PROJECT=,\n ,", "has no project"},
		{"good;DESKAUTH_PROJECT_OLD=shop=" + shopSecret, "number them"},
	} {
		environ := strings.Split(strings.ReplaceAll(c.environ, "good", "DESKAUTH_SESSION_SECRET="+newSecret), ";")
		got, err := secrets.Env(secrets.EnvConfig{Environ: environ})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q: %v, want %q", c.environ, err, c.says)
			continue
		}
		said := fmt.Sprint(got, err)
		if strings.Contains(said, "hunter2") || strings.Contains(said, base64[:20]) || len(got.Session) > 0 {
			t.Errorf("%.40q: the error quotes the value: %v", c.environ, err)
		}
	}
}

func TestEnvWithAPrefix(t *testing.T) {
	t.Setenv("CHAT_SESSION_SECRET", newSecret)
	t.Setenv("DESKAUTH_SESSION_SECRET", oldSecret)
	got, err := secrets.Env(secrets.EnvConfig{Prefix: "CHAT_"})
	if err != nil || len(got.Session) != 1 || !sameKey(t, got.Session[0], testkit.Key("", newSecret)) {
		t.Errorf("Env = %v, %v", got, err)
	}
}

// New sees a session key among the projects' keys.
func TestEnvAndNew(t *testing.T) {
	t.Parallel()
	got, err := secrets.Env(secrets.EnvConfig{Environ: []string{
		"DESKAUTH_SESSION_SECRET=" + newSecret, "DESKAUTH_PROJECT=shop=" + newSecret,
	}})
	if err == nil {
		_, err = deskauth.New(nobody(), got, deskauth.Config{})
	}
	if err == nil || !strings.Contains(err.Error(), "of its own") {
		t.Errorf("New: %v", err)
	}
}

// Whatever is in the variables, the keys are good, or the error is of one line.
func FuzzEnv(f *testing.F) {
	f.Add(newSecret+"\n"+oldSecret, "shop="+shopSecret+",lobby=")
	f.Add("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "=,=")
	f.Fuzz(func(t *testing.T, session, projects string) {
		got, err := secrets.Env(secrets.EnvConfig{Environ: []string{
			"DESKAUTH_SESSION_SECRET=" + session, "DESKAUTH_PROJECT=" + projects,
		}})
		if err != nil && (strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 300) {
			t.Errorf("the error is %q", err)
		}
		for id, keys := range got.Projects {
			for _, k := range append(keys, got.Session...) {
				if id == "" || k.Err() != nil {
					t.Errorf("the project %q has %v: %v", id, k, k.Err())
				}
			}
		}
	})
}
