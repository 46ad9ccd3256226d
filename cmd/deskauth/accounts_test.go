package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
)

// onEachStore runs a test on each kind of store. A call has the store in its environment.
func onEachStore(t *testing.T, test func(t *testing.T, c call)) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, call{env: map[string]string{storeVariable: open(t, people()...)}})
		})
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, c call) {
		got := c.run(t, "accounts", "show", "ADA@example.com", "--json")
		acc := decodeJSON[shownAccount](t, got.out)
		if got.code != exitGood || acc.ID != "user-ada" || !acc.HasPassword || acc.Email != "ada@example.com" {
			t.Errorf("show by address: got %+v", got)
		}
		got = c.run(t, "accounts", "show", "guest-new")
		for _, want := range []string{"id              guest-new\n", "disabled        no\n", `{"page":"/pricing"}`} {
			if !strings.Contains(got.out, want) {
				t.Errorf("show by ID: got %q, want a line %q", got.out, want)
			}
		}
		if strings.Contains(got.out, "email   ") {
			t.Errorf("show of a guest has an address: %q", got.out)
		}
		got = c.run(t, "accounts", "show", "nobody@example.com")
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "no such account") {
			t.Errorf("show of nobody: got %+v", got)
		}
	})
}

func TestChange(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, c call) {
		show := func(id string) shownAccount {
			t.Helper()
			return decodeJSON[shownAccount](t, c.run(t, "accounts", "show", id, "--json").out)
		}
		if got := c.run(t, "accounts", "disable", "ada@example.com"); got != (result{out: "user-ada  disabled\n"}) {
			t.Errorf("disable: got %+v", got)
		}
		if acc := show("user-ada"); !acc.Disabled || acc.SessionEpoch == 0 {
			t.Errorf("after disable, got %+v", acc)
		}
		if got := c.run(t, "accounts", "enable", "user-ada", "--json"); got.out != `{"id":"user-ada","done":"enabled"}`+"\n" {
			t.Errorf("enable: got %+v", got)
		}
		before := show("user-ada")
		if got := c.run(t, "accounts", "signout", "user-ada"); got.code != exitGood {
			t.Errorf("signout: got %+v", got)
		}
		if acc := show("user-ada"); acc.Disabled || acc.SessionEpoch <= before.SessionEpoch {
			t.Errorf("after enable and signout, got %+v", acc)
		}
		if got := c.run(t, "accounts", "delete", "user-ada"); got.code != exitFailed || !strings.Contains(got.err, "--yes") {
			t.Errorf("delete without consent: got %+v", got)
		}
		if got := c.run(t, "accounts", "delete", "user-ada", "--dry-run"); got.out != "user-ada  kept\n" {
			t.Errorf("delete --dry-run: got %+v", got)
		}
		show("user-ada")
		if got := c.run(t, "accounts", "delete", "user-ada", "--yes"); got.code != exitGood {
			t.Errorf("delete --yes: got %+v", got)
		}
		if got := c.run(t, "accounts", "show", "user-ada"); got.code != exitFailed {
			t.Errorf("show after delete: got %+v", got)
		}
	})
}

// A person at a terminal is asked, and only yes is yes.
func TestConsent(t *testing.T) {
	t.Parallel()
	name := sqliteStore(t, people()...)
	for typed, want := range map[string]int{
		"yes\n": exitGood, "y\n": exitFailed, "\n": exitFailed, "": exitFailed, "no\n": exitFailed,
	} {
		c := call{in: typed, terminal: true}
		got := c.run(t, "accounts", "delete", "guest-new", "--store", name)
		if got.code != want || !strings.Contains(got.err, "Delete the account guest-new (guest)?") {
			t.Errorf("typed %q: got %+v, want the code %d", typed, got, want)
		}
		if want == exitGood {
			if _, err := opened(t, name).ImportUsers(t.Context(), people(), nil); err != nil {
				t.Fatal(err)
			}
		} else if got := (call{}).run(t, "accounts", "show", "guest-new", "--store", name); got.code != exitGood {
			t.Errorf("typed %q: the account is gone", typed)
		}
	}
}

// A look makes no file and no table, and changes no schema.
func TestALookChangesNothing(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.db")
	for _, args := range [][]string{
		{"accounts", "list"}, {"accounts", "show", "x"}, {"accounts", "disable", "x"}, {"accounts", "purge", "--dry-run"},
	} {
		got := call{}.run(t, append(args, "--store", "sqlite:"+missing)...)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "missing.db") {
			t.Errorf("%q of a file that is not there: got %+v", args, got)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was made")
	}
	empty := postgresStore(t)
	c := call{env: map[string]string{storeVariable: empty}}
	for _, args := range [][]string{{"accounts", "list"}, {"accounts", "enable", "x"}} {
		if got := c.run(t, args...); got.code != exitFailed || !strings.Contains(got.err, "no table of accounts") {
			t.Errorf("%q of an empty database: got %+v", args, got)
		}
	}
}

// An older schema is not brought up to date without --migrate.
func TestAnOldSchemaIsLeft(t *testing.T) {
	t.Parallel()
	first, err := pgxstore.Migrations.ReadFile("migrations/0001_accounts.sql")
	if err != nil {
		t.Fatal(err)
	}
	name := postgresStore(t)
	conn, err := pgx.Connect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	const records = `; CREATE TABLE deskauth_accounts_migrations (version integer PRIMARY KEY, applied_at timestamptz
		NOT NULL DEFAULT now()); INSERT INTO deskauth_accounts_migrations (version) VALUES (1)`
	if _, err := conn.Exec(t.Context(), string(first)+records); err != nil {
		t.Fatal(err)
	}
	c := call{env: map[string]string{storeVariable: name}}
	if got := c.run(t, "accounts", "list"); got.code != exitFailed || strings.Contains(got.err, "--migrate") ||
		!strings.Contains(got.err, "its tables are of version 1") {
		t.Errorf("list: got %+v", got)
	}
	if got := c.run(t, "accounts", "disable", "x"); !strings.Contains(got.err, "--migrate") {
		t.Errorf("disable: got %+v", got)
	}
	var columns int
	const state = `SELECT count(*) FROM information_schema.columns WHERE column_name = 'state'
		AND table_schema = current_schema()`
	if err := conn.QueryRow(t.Context(), state).Scan(&columns); err != nil || columns != 0 {
		t.Errorf("there are %d columns state, and the error is %v", columns, err)
	}
	if got := c.run(t, "accounts", "disable", "x", "--migrate"); !strings.Contains(got.err, "no such account") {
		t.Errorf("disable --migrate: got %+v", got)
	}
	if got := c.run(t, "accounts", "list"); got.code != exitGood {
		t.Errorf("list after it: got %+v", got)
	}
}

// list returns the IDs that accounts list writes.
func list(t *testing.T, c call, args ...string) (ids []string) {
	t.Helper()
	got := c.run(t, append([]string{"accounts", "list", "--json"}, args...)...)
	if got.code != exitGood {
		t.Fatalf("list %q: got %+v", args, got)
	}
	for line := range strings.Lines(got.out) {
		ids = append(ids, decodeJSON[shownAccount](t, line).ID)
	}
	return ids
}

func TestList(t *testing.T) {
	t.Parallel()
	external := deskauth.ExternalUserID("shop", "42")
	onEachStore(t, func(t *testing.T, c call) {
		for name, tt := range map[string]struct{ args, want []string }{
			"all": {nil, []string{
				external, "guest-idle-0", "guest-idle-1", "guest-idle-2", "guest-new", "user-ada", "user-bob",
			}},
			"a kind":   {[]string{"--kind", "user"}, []string{"user-ada", "user-bob"}},
			"project":  {[]string{"--project", "shop", "--kind", "userexternal"}, []string{external}},
			"disabled": {[]string{"--disabled"}, []string{"user-bob"}},
			"prefix":   {[]string{"--email-prefix", "Ada@"}, []string{"user-ada"}},
			"limit":    {[]string{"--limit", "2"}, []string{external, "guest-idle-0"}},
			"none":     {[]string{"--project", "other"}, nil},
		} {
			if got := list(t, c, tt.args...); !slices.Equal(got, tt.want) {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
		got := c.run(t, "accounts", "list", "--kind", "user")
		lines := strings.Split(got.out, "\n")
		if len(lines) != 4 || !strings.HasPrefix(lines[0], "ID        KIND  EMAIL") ||
			!strings.HasPrefix(lines[2], "user-bob  user  bob@example.com           yes") {
			t.Errorf("the table is %q", got.out)
		}
		for _, args := range [][]string{{"--kind", "agent"}, {"--limit", "-1"}} {
			if got := c.run(t, append([]string{"accounts", "list"}, args...)...); got.code != exitFailed {
				t.Errorf("%q: got %+v", args, got)
			}
		}
	})
}
