package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A file with a secret is for its owner alone, and the secret is in it and nowhere else.
func TestProjectNewWritesASecretFile(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/shop.key"
	got := call{}.run(t, "project", "new", "--id", "shop", "--secret-file", path)
	text, err := os.ReadFile(path)
	if err != nil || len(text) != 65 || got.code != exitGood || strings.Contains(got.out, string(text[:64])) {
		t.Fatalf("got %+v, the error %v and a file of %d bytes", got, err, len(text))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the file's mode is %v, want it for its owner alone", info.Mode())
	}
	minted := call{}.run(t, "token", "mint", "--project", "shop", "--id", "1", "--key-file", path)
	if got := (call{in: minted.out}).run(t, "token", "inspect", "--key-file", path); got.code != exitGood {
		t.Errorf("a token of that secret: got %+v", got)
	}
}

// Where the secret cannot be written, no file stays behind, and the next try is not told
// that there is one already.
func TestSecretThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]func(path string) (*os.File, error){
		"no write": func(path string) (*os.File, error) {
			return os.OpenFile(path, os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o600)
		},
		"no sync": func(path string) (*os.File, error) { // a pipe takes texts, and has no disk
			out, in, err := os.Pipe()
			if err == nil {
				t.Cleanup(func() { out.Close() })
				err = os.WriteFile(path, nil, 0o600)
			}
			return in, err
		},
	} {
		path := filepath.Join(t.TempDir(), "shop.key")
		if err := writeSecret(path, shopSecret, create); err == nil || strings.Contains(err.Error(), shopSecret) {
			t.Errorf("%s: got the error %v, want one without the secret", name, err)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the file is left behind, %v", name, err)
		}
		if err := writeSecret(path, shopSecret, createFile); err != nil {
			t.Errorf("%s: the next try: got the error %v, want nil", name, err)
		}
	}
}

// The printed command is one that a shell can run, whatever the file's name: it reads the
// file and runs nothing of the name.
func TestProjectNewQuotesThePath(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a POSIX shell")
	}
	for _, name := range []string{
		"shop.key", "my key.txt", "it's; touch touched #.key", "$(touch touched).key", "`touch touched`.key",
		"-n", "~", `"quoted"\.key`, "*", "schlüssel & more.key",
	} {
		folder := t.TempDir()
		c := exec.CommandContext(t.Context(), filepath.Join(program(t), "deskauth"),
			"project", "new", "--id", "shop", "--secret-file="+name)
		c.Dir, c.Env = folder, []string{}
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, line, _ := strings.Cut(string(out), "example server  ")
		command, _, found := strings.Cut(line, " go run ./examples/server")
		if !found {
			t.Fatalf("%s: got no command in\n%s", name, out)
		}
		c = exec.CommandContext(t.Context(), sh, "-c", command+` sh -c 'printf %s "$DESKAUTH_PROJECT"'`)
		c.Dir = folder
		got, err := c.CombinedOutput()
		secret, readErr := os.ReadFile(filepath.Join(folder, name))
		if want := "shop=" + strings.TrimSpace(string(secret)); err != nil || readErr != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, %v; want %q", name, got, err, readErr, want)
		}
		if entries, _ := os.ReadDir(folder); len(entries) != 1 {
			t.Errorf("%s: got the files %v, want that of the secret alone", name, entries)
		}
	}
}
