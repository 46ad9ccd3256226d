package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) projectCommand() *cobra.Command {
	return group("project", "Make projects", a.projectNewCommand())
}

func (a *app) projectNewCommand() *cobra.Command {
	var id, secretFile string
	c := &cobra.Command{
		Use:   "new",
		Short: "Make an ID and a secret for a project",
		Long: `Make a secret for a project's custom tokens, and an ID if none is given. The secret
has 256 random bits in 64 hexadecimal digits; the text itself is the key. It is shown
once and kept nowhere: give it to your service and to the system that signs.

With --secret-file it goes to a new file that only you can read, and is not shown.`,
		Example: `  deskauth project new
  deskauth project new --id shop --secret-file shop.key`,
		Args: noArguments("see --help for its flags"),
		RunE: func(*cobra.Command, []string) error { return a.projectNew(id, secretFile) },
	}
	c.Flags().StringVar(&id, "id", "", "the project's ID (default 24 random hexadecimal digits)")
	c.Flags().StringVar(&secretFile, "secret-file", "", "write the secret to this file, which must not be there yet")
	return c
}

var projectID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// checkProject refuses what is not a project's ID. It does not quote it.
func checkProject(flag, id string) error {
	if !projectID.MatchString(id) {
		return fmt.Errorf("--%s needs 1 to 128 letters, digits, or characters of -._~", flag)
	}
	return nil
}

func (a *app) projectNew(id, secretFile string) error {
	if id == "" {
		id = hex.EncodeToString(randomBytes(12))
	}
	if err := checkProject("id", id); err != nil {
		return err
	}
	secret := hex.EncodeToString(randomBytes(32))
	shown := secret
	if secretFile != "" {
		if err := writeSecret(secretFile, secret, createFile); err != nil {
			return err
		}
		shown = ""
	}
	if a.json {
		return printJSON(a.out, struct {
			ID     string `json:"id"`
			Secret string `json:"secret,omitempty"`
			File   string `json:"secretFile,omitempty"`
		}{id, shown, secretFile})
	}
	t := newTable(a.out)
	t.row("project", id)
	if secretFile == "" {
		t.row("secret", secret)
		t.row("", "It is shown this once: keep it where you keep secrets.")
		t.row("environment", projectVariable+"="+id+"=SECRET")
		t.row("", "It is a line of an environment file: on a command line the secret stays in the history.")
	} else {
		t.row("secret", "in "+secretFile)
		t.row("example server", fmt.Sprintf(`%s="%s=$(cat %s)" go run ./examples/server`,
			projectVariable, id, shellQuoted(secretFile)))
	}
	t.row("in Go", fmt.Sprintf("Projects: map[string][]deskauth.Key{%q: {deskauth.NewKey(\"\", \"HS256\", secret)}}", id))
	return t.flush()
}

var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

// shellQuoted returns a path as a POSIX shell takes it for one word and cat for a file.
func shellQuoted(path string) string {
	if plainPath.MatchString(path) {
		return path
	}
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// createFile creates a file for its owner alone, which must not be there yet.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// writeSecret writes a new file. It leaves none behind that has less than the secret, and
// when it returns, the secret is on the disk.
func writeSecret(path, secret string, create func(path string) (*os.File, error)) error {
	file, err := create(path)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name a new file, so that no secret is lost", path)
	}
	if err != nil {
		return fmt.Errorf("write the secret: %w", err)
	}
	_, err = file.WriteString(secret + "\n")
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		return nil
	}
	if left := os.Remove(path); left != nil {
		return fmt.Errorf("write the secret: %w; remove the file, which is not whole: %w", err, left)
	}
	return fmt.Errorf("write the secret: %w", err)
}
