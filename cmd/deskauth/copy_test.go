package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// many are guests for more than one page of a copy.
func many(n int) (all []deskauth.Account) {
	guest := people()[6]
	for i := range n {
		guest.ID = fmt.Sprintf("guest-%05d", i)
		all = append(all, guest)
	}
	return all
}

// between is a store of each kind to copy from, and an empty one of the other kind.
func between(t *testing.T, accounts ...deskauth.Account) map[string]map[string]string {
	return map[string]map[string]string{
		"to postgres": {storeVariable: sqliteStore(t, accounts...), targetVariable: postgresStore(t)},
		"to sqlite":   {storeVariable: postgresStore(t, accounts...), targetVariable: "sqlite:" + t.TempDir() + "/new.db"},
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	for name, env := range between(t, people()...) {
		t.Run(name, func(t *testing.T) {
			c := call{env: env}
			if got := c.run(t, "accounts", "copy"); got.code != exitFailed || !strings.Contains(got.err, "--migrate") {
				t.Errorf("into a store without tables: got %+v", got)
			}
			if got := c.run(t, "accounts", "copy", "--migrate"); got != (result{out: "7 accounts in place, 0 left out\n"}) {
				t.Errorf("got %+v", got)
			}
			if got := c.run(t, "accounts", "copy", "--json"); got.out != `{"accounts":7,"skipped":0}`+"\n" {
				t.Errorf("again: got %+v", got)
			}
			there := call{env: map[string]string{storeVariable: env[targetVariable]}}
			if got, want := list(t, there), list(t, c); !slices.Equal(got, want) || len(got) != 7 {
				t.Errorf("the new store has %q, want %q", got, want)
			}
			if got := there.run(t, "accounts", "disable", "guest-new"); got.code != exitGood {
				t.Fatalf("got %+v", got)
			}
			c.run(t, "accounts", "signout", "guest-new")
			got := c.run(t, "accounts", "copy")
			if got.code != exitFailed || !strings.Contains(got.err, "docs/stores.md says what to do") {
				t.Errorf("over a change: got %+v", got)
			}
		})
	}
}

// An account that could never sign in stops a copy, or is named and left out.
func TestCopySkipsBroken(t *testing.T) {
	t.Parallel()
	broken := people()[0]
	broken.ID, broken.Email = "broken", "Not Canonical@example.com"
	env := between(t, append(people(), broken)...)["to sqlite"]
	got := call{env: env}.run(t, "accounts", "copy", "--migrate")
	if got.code != exitFailed || !strings.Contains(got.err, `"broken"`) {
		t.Errorf("got %+v", got)
	}
	got = call{env: env}.run(t, "accounts", "copy", "--skip-broken", "--json")
	if got.code != exitGood || !strings.Contains(got.err, "left out") || got.out != `{"accounts":7,"skipped":1}`+"\n" {
		t.Errorf("with --skip-broken: got %+v", got)
	}
}

// A stop is a terminal on which somebody presses Ctrl-C when a text appears.
type stop struct {
	shown bytes.Buffer
	at    string
	press context.CancelFunc
}

func (s *stop) Write(p []byte) (int, error) {
	n, err := s.shown.Write(p)
	if strings.Contains(s.shown.String(), s.at) {
		s.press()
	}
	return n, err
}

// interrupted runs a command on a terminal until a text appears on it.
func (c call) interrupted(t *testing.T, at string, args ...string) (code int, shown string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &stop{at: at, press: cancel}
	var out bytes.Buffer
	a := streams{out: &out, err: s, errTerminal: true, environ: c.environ()}
	code = run(ctx, args, a)
	if out.Len() > 0 {
		t.Errorf("an interrupted command writes %q", out.String())
	}
	return code, s.shown.String()
}

// A copy that is interrupted has copied whole pages, says so, and goes on.
func TestCopyIsInterruptedAndResumed(t *testing.T) {
	t.Parallel()
	const n = 2500
	for name, env := range between(t, many(n)...) {
		t.Run(name, func(t *testing.T) {
			c := call{env: env}
			code, shown := c.interrupted(t, "1000/2500", "accounts", "copy", "--migrate")
			if code != exitInterrupted || !strings.Contains(shown, "1000 accounts in place; run the command again to go on") {
				t.Errorf("got the code %d and %q", code, shown)
			}
			there := call{env: map[string]string{storeVariable: env[targetVariable]}}
			if got := len(list(t, there)); got != 1000 {
				t.Errorf("the new store has %d accounts, want the 1000 of a page", got)
			}
			if got := c.run(t, "accounts", "copy"); got.out != "2500 accounts in place, 0 left out\n" || got.err != "" {
				t.Errorf("resumed: got %+v", got)
			}
			if got, want := list(t, there), list(t, c); !slices.Equal(got, want) || len(got) != n {
				t.Errorf("the new store has %d accounts, want %d", len(got), n)
			}
		})
	}
}
