package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Two processes on one store change the session secret, one restarted after the other, in
// the two steps of docs/keys.md. At no moment does one refuse what the other has signed.
func TestS42_TwoProcessesChangeTheSecret(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(secrets []string) []string{
		"by flags": func(secrets []string) (args []string) {
			for _, secret := range secrets {
				args = append(args, "-session-secret", secret)
			}
			return args
		},
		"by a variable": func(secrets []string) []string {
			return []string{"DESKAUTH_SESSION_SECRET=" + strings.Join(secrets, "\n")}
		},
		"by a variable with lines of a file": func(secrets []string) []string {
			return []string{"DESKAUTH_SESSION_SECRET=" + strings.Join(secrets, "\r\n") + "\r\n"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changeSecret(t, give)
		})
	}
}

func changeSecret(t *testing.T, give func(secrets []string) []string) {
	const (
		old  = sessionSecret
		next = "7d1a9f0e-3c55-4b7e-8a4d-90c1f2e3d4b5"
	)
	store := "sqlite:" + filepath.Join(t.TempDir(), "accounts.db")
	run := func(secrets ...string) *process {
		return start(t, append(give(secrets), "-store", store, "-project", "demo="+projectSecret)...)
	}
	processes := [2]*process{run(old), run(old)}
	if got := processes[0].post("/signup", ada); got.status != http.StatusOK {
		t.Fatalf("sign up: %v", got)
	}
	all := map[string]string{} // every token that was ever given out
	sign := func(when string) {
		for i, p := range processes {
			for kind, token := range p.signIns() {
				all[strings.Join([]string{when, kind, string(rune('A' + i))}, ", ")] = token
			}
		}
	}
	verify := func(when string) {
		t.Helper()
		for i, p := range processes {
			for what, token := range all {
				if _, got := p.me(token); got.status != http.StatusOK {
					t.Errorf("%s: process %c refuses a token of %s: %v", when, 'A'+i, what, got)
				}
			}
		}
	}
	sign("the beginning")
	verify("the beginning")
	for _, step := range []struct {
		name    string
		secrets []string
	}{{"step 1", []string{old, next}}, {"step 2", []string{next, old}}} {
		for i, name := range [2]string{"A", "B"} {
			processes[i].stop()
			processes[i] = run(step.secrets...)
			when := step.name + " of " + name
			sign(when)
			verify(when)
		}
	}
}
