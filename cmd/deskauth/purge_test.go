package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

func TestPurge(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, c call) {
		all := list(t, c)
		got := c.run(t, "accounts", "purge")
		if got.code != exitFailed || !strings.Contains(got.err, "--dry-run") || !slices.Equal(list(t, c), all) {
			t.Errorf("without consent: got %+v", got)
		}
		for args, want := range map[string]string{
			"--dry-run":                                "3 accounts idle, 0 deleted\n",
			"--dry-run --yes":                          "3 accounts idle, 0 deleted\n",
			"--dry-run --limit 2":                      "2 accounts idle, 0 deleted\n",
			"--dry-run --idle 1440h":                   "0 accounts idle, 0 deleted\n", // counts from the newest, a day ago
			"--dry-run --idle 1400h":                   "3 accounts idle, 0 deleted\n",
			"--dry-run --json":                         `{"idle":3,"deleted":0}` + "\n",
			"--dry-run --kind userexternal --even-all": "1 account idle, 0 deleted\n",
		} {
			got := c.run(t, append([]string{"accounts", "purge"}, strings.Fields(args)...)...)
			if got.code != exitGood || got.out != want || !slices.Equal(list(t, c), all) {
				t.Errorf("%s: got %+v, want %q and all accounts there", args, got, want)
			}
		}
		got = c.run(t, "accounts", "purge", "--kind", "userexternal", "--yes")
		if got.code != exitFailed || !strings.Contains(got.err, "--even-all") {
			t.Errorf("of all external users: got %+v", got)
		}
		got = c.run(t, "accounts", "purge", "--yes", "--limit", "1")
		if got.out != "1 account idle, 1 deleted\n" {
			t.Errorf("with a limit: got %+v", got)
		}
		asked := c
		asked.terminal, asked.in = true, "yes\n"
		got = asked.run(t, "accounts", "purge")
		if got.out != "2 accounts idle, 2 deleted\n" || !strings.Contains(got.err, "Delete 2 accounts (guest)?") {
			t.Errorf("after a question: got %+v", got)
		}
		if left := list(t, c, "--kind", "guest"); !slices.Equal(left, []string{"guest-new"}) {
			t.Errorf("the guests left are %q", left)
		}
	})
}

// A rehearsal counts what a purge then deletes, the disabled external users left out.
func TestARehearsalIsRight(t *testing.T) {
	t.Parallel()
	accounts := many(1200)
	for i := range accounts {
		accounts[i].Kind, accounts[i].ExternalID = deskauth.KindExternal, accounts[i].ID
		accounts[i].Disabled = i%3 == 0
		if i%2 == 0 {
			accounts[i].CreatedAt = accounts[i].CreatedAt.AddDate(0, 0, -100-i%7)
			accounts[i].LastActiveAt = accounts[i].CreatedAt
		}
	}
	c := call{env: map[string]string{storeVariable: sqliteStore(t, accounts...)}}
	args := []string{"accounts", "purge", "--kind", "userexternal", "--idle", "2000h", "--json"}
	foretold := c.run(t, append(args, "--dry-run")...)
	done := c.run(t, append(args, "--yes")...)
	if foretold.out != `{"idle":400,"deleted":0}`+"\n" || done.out != `{"idle":400,"deleted":400}`+"\n" {
		t.Errorf("foretold %q, and done %q", foretold.out, done.out)
	}
}

// A purge that is interrupted has deleted whole batches, says how many, and goes on.
func TestPurgeIsInterruptedAndResumed(t *testing.T) {
	t.Parallel()
	accounts := many(1300)
	for i := range accounts[1:] {
		accounts[i].LastActiveAt = accounts[i].LastActiveAt.AddDate(0, 0, -100)
	}
	c := call{env: map[string]string{storeVariable: sqliteStore(t, accounts...)}}
	code, shown := c.interrupted(t, "(500/", "accounts", "purge", "--yes")
	if code != exitInterrupted || !strings.Contains(shown, "500 accounts deleted; run the command again to go on") {
		t.Errorf("got the code %d and %q", code, shown)
	}
	if got := c.run(t, "accounts", "purge", "--yes"); got.out != "799 accounts idle, 799 deleted\n" {
		t.Errorf("resumed: got %+v", got)
	}
}

// A rehearsal reads every account. On a terminal a bar shows how far it is, before the
// question too; elsewhere nothing does.
func TestARehearsalShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	accounts := many(2300)
	for i := range accounts[1:] {
		accounts[i].LastActiveAt = accounts[i].LastActiveAt.AddDate(0, 0, -100)
	}
	c := call{env: map[string]string{storeVariable: sqliteStore(t, accounts...)}}
	if got := c.run(t, "accounts", "purge", "--dry-run"); got.err != "" {
		t.Errorf("without a terminal: got %+v", got)
	}
	code, shown := c.interrupted(t, "(1000/2300", "accounts", "purge", "--dry-run")
	if code != exitInterrupted || !strings.HasSuffix(shown, "deskauth: interrupted\n") ||
		strings.Contains(shown, "(2000/") {
		t.Errorf("interrupted: got the code %d and %q", code, shown)
	}
	c.terminal = true
	for _, args := range []string{"--dry-run", "--dry-run --yes", "--limit 7"} { // the last one deletes
		asks := args == "--limit 7"
		c.in = "yes\n"
		got := c.run(t, append([]string{"accounts", "purge"}, strings.Fields(args)...)...)
		read, rest, _ := strings.Cut(got.err, "(2300/2300")
		if got.code != exitGood || !strings.Contains(read, "(1000/2300") || !strings.Contains(read, "(2000/2300") {
			t.Errorf("%s: got %+v, want the pages that were read", args, got)
		}
		if asks && !strings.Contains(rest, "\nDelete 7 accounts (guest)?") {
			t.Errorf("%s: got %q, want the question on a line of its own, behind the bar", args, got.err)
		}
	}
	empty := call{env: map[string]string{storeVariable: sqliteStore(t)}, terminal: true}
	if got := empty.run(t, "accounts", "purge", "--dry-run"); got.out != "0 accounts idle, 0 deleted\n" {
		t.Errorf("of an empty store: got %+v", got)
	}
}
