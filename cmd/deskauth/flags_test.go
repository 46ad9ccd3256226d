package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// eachFlag calls visit for every flag of every command.
func eachFlag(visit func(path []string, f *pflag.Flag)) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "completion" {
			return
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { visit(strings.Fields(c.CommandPath())[1:], f) })
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).root())
}

// No flag silently takes an empty value, or one of two. The same value twice loses nothing,
// and some flags are lists.
func TestFlagsAreStrict(t *testing.T) {
	t.Parallel()
	values := map[string][2]string{
		"string": {"a", "b"}, "stringArray": {"a", "b"}, "duration": {"1h", "2h"}, "int": {"1", "2"}, "uint8": {"1", "2"},
		"uint32": {"1", "2"}, "bool": {"true", "false"},
	}
	flags := 0
	eachFlag(func(path []string, f *pflag.Flag) {
		flags++
		try := func(values ...string) string {
			args := path
			for _, value := range values {
				args = append(args[:len(args):len(args)], "--"+f.Name+"="+value)
			}
			got := call{in: "x.y.z", env: map[string]string{storeVariable: "sqlite:/nowhere/none.db"}}.run(t, args...)
			if strings.Count(got.err, "\n") > 1 {
				t.Errorf("%q: got %+v, want one line", args, got)
			}
			return got.err
		}
		v, known := values[f.Value.Type()]
		if !known {
			t.Fatalf("--%s of %q is a %s: give the test two values", f.Name, path, f.Value.Type())
		}
		if f.Name == "secret-file" { // which is made
			v = [2]string{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")}
		}
		for _, empty := range []string{"", " ", "\t\n"} {
			if said := try(empty); !strings.Contains(said, "--"+f.Name+" is empty") {
				t.Errorf("%q --%s=%q: got %q", path, f.Name, empty, said)
			}
		}
		twice := "--" + f.Name + " is given twice"
		if said, list := try(v[0], v[1]), f.Value.Type() == "stringArray"; strings.Contains(said, twice) == list {
			t.Errorf("%q --%s twice: got %q", path, f.Name, said)
		}
		if said := try(v[0], v[0]); strings.Contains(said, twice) {
			t.Errorf("%q --%s twice with one value: got %q", path, f.Name, said)
		}
	})
	if flags < 40 {
		t.Errorf("there are %d flags: the test does not find them", flags)
	}
}

// An error says no package and no field that a person at a shell cannot set.
func TestSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"deskauth: Config.Issuer is wrong":                 "deskauth: --issuer is wrong",
		"jwks.json: secrets: not a JWK set":                "deskauth: jwks.json: not a JWK set",
		"1 account deleted so far: accounts: purge: it is": "deskauth: 1 account deleted so far: purge: it is",
		"deskauth: deskauth: deskauth: x":                  "deskauth: x",
		"deskauth: Config.Argon2: time is 0":               "deskauth: --time is 0",
		"a file deskauth:x":                                "deskauth: a file deskauth:x",
		"files with secrets.Files":                         "deskauth: files with --key-file",
		"a\nb":                                             `deskauth: a\nb`,
	} {
		if got := said(errors.New(text)); got != want {
			t.Errorf("%q: said as %q, want %q", text, got, want)
		}
	}
	for _, tt := range []struct{ in, args, says string }{
		{"long enough", "hash --memory 4", "--memory is 4 KiB"},
		{"long enough", "hash --parallelism 200", "--parallelism is 200"},
		{"long enough", "hash --time 4000", "--time is 4000"},
		{"long enough", "hash --min-length 0", "--min-length, --memory"},
		{"long enough", "hash --min-length -1", "--min-length is -1"}, {"long enough", "hash --time 0", "--time is 0"},
		{"long enough", "hash --memory 0 --time 0 --parallelism 0", "--min-length, --memory"},
		{"x.y.z", "token inspect --issuer x", `--issuer "x"`}, {"x.y.z", "token inspect --audience x/", `--audience "x/"`},
		{"x.y.z", "token inspect --max-age -1s", "--max-age is -1s"},
		{"", "token mint --project p --id 1 --audience x/ --key-file " + file(t, "key", shopSecret), `--audience "x/"`},
	} {
		got := call{in: tt.in}.run(t, strings.Fields(tt.args)...)
		if got.code != exitFailed || !strings.HasPrefix(got.err, "deskauth: "+tt.says) ||
			strings.Contains(got.err, "Config") ||
			strings.Count(got.err, "deskauth") != 1 {
			t.Errorf("%s: got %+v, want one that says %q", tt.args, got, tt.says)
		}
	}
}
