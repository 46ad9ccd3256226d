package main

import (
	"strings"
	"testing"
)

// Whatever is used wrongly says what to do, in one line, and exits with 2.
func TestMisuse(t *testing.T) {
	t.Parallel()
	key := file(t, "shop.key", shopSecret)
	short := file(t, "short.key", "secret")
	garbage := file(t, "garbage.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	for name, tt := range map[string]struct {
		c    call
		args string
		says string
	}{
		"no such command":    {call{}, "tokn", "no such command as tokn"},
		"no such subcommand": {call{}, "token inspct", "no such command as inspct"},
		"no such flag":       {call{}, "token inspect --keyfile x", "no such flag as keyfile"},
		"no value":           {call{}, "token inspect --key-file", "--key-file needs a value"},
		"a bad duration": {
			call{}, "token mint --expires soon",
			"--expires cannot have that value: it needs a duration like 90s",
		},
		"a bad number":        {call{}, "hash --memory much", "--memory cannot have that value: it needs a whole number"},
		"a token as argument": {call{}, "token inspect a.b.c", "a token goes to standard input"},
		"a terminal":          {call{terminal: true}, "token inspect", "pipe the token in"},
		"no token":            {call{}, "token inspect", "no token came on standard input"},
		"no token file":       {call{}, "token inspect --token-file /nowhere", "there is no such file"},
		"a bad time":          {call{in: "x"}, "token inspect --at noon", "--at needs a time like"},
		"a bad kind":          {call{in: "x"}, "token inspect --as guest", "--as is session or custom"},
		"a short key": {
			call{in: "x"}, "token inspect --key-file " + short,
			"short.key has a key, number 1, that has 6 bytes",
		},
		"a broken key": {call{in: "x"}, "token inspect --key-file " + garbage, "has a broken PRIVATE KEY"},
		"a bad variable": {
			call{in: "x.y.z", env: map[string]string{projectVariable: "shop"}}, "token inspect --as custom",
			"a project is ID=SECRET",
		},
		"no key set":          {call{in: "x"}, "token inspect --jwks " + key, "not a JWK set"},
		"a key set over http": {call{in: "x"}, "token inspect --jwks http://desk.example/jwks.json", "use https"},
		"a bad issuer":        {call{in: "x"}, "token inspect --issuer desk", "deskauth: --issuer \"desk\" must"},
		"nobody to mint for":  {call{}, "token mint", "--id ID --project PROJECT"},
		"no key to mint with": {
			call{}, "token mint --id 1 --project shop", "there is no key of the project that --project names",
		},
		"claims that are none": {
			call{}, "token mint --id 1 --project shop --claims [] --key-file " + key,
			"one JSON object like",
		},
		"a claim with a flag": {
			call{}, `token mint --id 1 --project shop --claims {"sub":"user"} --key-file ` + key,
			"cannot have sub",
		},
		"a token to refuse": {
			call{}, `token mint --id 1 --project shop --claims {"nbf":"soon"} --key-file ` + key,
			"would refuse the token (bad claims: claim nbf",
		},
		"a bad project":        {call{}, "project new --id a/b", "--id needs 1 to 128"},
		"a file that is there": {call{}, "project new --secret-file " + key, "is there already"},
		"no password":          {call{}, "hash", "no password came"},
		"a short password":     {call{in: "short\n"}, "hash", "Password"},
		"two passwords": {
			call{terminal: true, hidden: []string{"first password", "other password"}}, "hash",
			"the two passwords differ",
		},
		"too much memory": {call{in: "long enough\n"}, "hash --memory 99999999", "deskauth: --memory is 99999999 KiB"},
		"no store":        {call{}, "accounts list", "name the store with --store or in DESKAUTH_STORE"},
		"no such store":   {call{}, "accounts list --store nosuch://x", "neither sqlite:PATH nor postgres:"},
		"no path":         {call{}, "accounts list --store sqlite:", "write a path behind sqlite:"},
		"slashes":         {call{}, "accounts list --store sqlite://a.db", "write a path behind sqlite:"},
		"no database":     {call{}, "accounts list --store sqlite:" + key, "is not a SQLite database"},
		"no server": {
			call{}, "accounts list --store postgres://u@127.0.0.1:1/d?sslmode=disable",
			"PostgreSQL at 127.0.0.1:1",
		},
		"nobody": {call{}, "accounts show", "takes one argument, the ID or e-mail address"},
		"no target": {
			call{}, "accounts copy --store sqlite:" + strings.TrimPrefix(sqliteStore(t), "sqlite:"),
			"name the store with --to or in DESKAUTH_COPY_TO",
		},
		"a kind to purge": {call{}, "accounts purge --kind user", "--kind is guest or userexternal"},
		"a limit":         {call{}, "accounts purge --limit -1", "--limit is 1 or more"},
	} {
		for _, json := range []string{"", "--json "} {
			got := tt.c.run(t, strings.Fields(json+tt.args)...)
			if tt.c.terminal { // where a prompt comes first
				got.err = got.err[strings.LastIndex(strings.TrimSpace(got.err), "\n")+1:]
			}
			oneLine := strings.Count(got.err, "\n") == 1
			if got.code != exitFailed || got.out != "" || !oneLine || !strings.Contains(got.err, tt.says) {
				t.Errorf("%s: got %+v, want the code 2 and one line that says %q", name, got, tt.says)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"", "token", "token inspect --help", "token mint --help", "project new --help", "hash --help", "accounts",
		"accounts list --help", "accounts show --help", "accounts disable --help", "accounts enable --help",
		"accounts signout --help", "accounts delete --help", "accounts purge --help", "accounts copy --help",
		"completion bash", "completion zsh", "completion fish", "completion powershell",
	} {
		got := call{}.run(t, strings.Fields(args)...)
		if got.code != exitGood || got.err != "" || len(got.out) < 200 {
			t.Errorf("%q: got the code %d, the error %q and %d bytes", args, got.code, got.err, len(got.out))
		}
		if strings.HasSuffix(args, "--help") && !strings.Contains(got.out, "Examples:") {
			t.Errorf("%q has no example", args)
		}
		if strings.HasPrefix(args, "completion") {
			continue
		}
		for line := range strings.Lines(got.out) {
			if len(line) > 130 {
				t.Errorf("%q has a line of %d bytes: %s", args, len(line), line)
			}
		}
	}
}
