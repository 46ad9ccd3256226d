package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// utf16Text is a text as PowerShell writes it into a file.
func utf16Text(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

// A token comes with what editors and shells put around it, and alone.
func TestTokenInputs(t *testing.T) {
	t.Parallel()
	token, other := customToken(t, nil), customToken(t, map[string]any{"_id": "43"})
	for name, tt := range map[string]struct{ in, says string }{
		"no line end": {token, ""}, "line end": {token + "\n", ""}, "CRLF": {token + "\r\n", ""},
		"blanks": {" \n\t" + token + "  \n\n", ""},
		"a mark": {"\ufeff" + token + "\r\n", ""}, "a scheme": {"\ufeffBearer " + token + "\n", ""},
		"nothing": {"", "no token"}, "line ends": {"\r\n\n", "no token"}, "blank": {" ", "no token"},
		"only a mark":      {"\ufeff", "no token"},
		"two":              {token + "\n" + other, "there are 2 tokens"},
		"two in a line":    {token + " " + other + "\n", "there are 2 tokens"},
		"two with schemes": {"JWT " + token + "\r\nJWT " + other, "there are 2 tokens"},
		"UTF-16":           {utf16Text(token + "\r\n"), "in UTF-16"},
		"a megabyte":       {strings.Repeat("x", maxInput+1), "over a megabyte"},
	} {
		inFile := file(t, "token.txt", tt.in)
		for _, c := range []struct {
			call
			args []string
		}{{call{in: tt.in, env: both()}, nil}, {call{env: both()}, []string{"--token-file", inFile}}} {
			got := c.run(t, append([]string{"token", "inspect"}, c.args...)...)
			says := tt.says
			if says == "no token" && c.args != nil {
				says = "the file of --token-file is empty"
			}
			if (got.code == exitGood) != (says == "") || says != "" && got.code != exitFailed ||
				!strings.Contains(got.err, says) ||
				strings.Contains(got.err, token[:20]) {
				t.Errorf("%s %q: got %+v, want %q", name, c.args, got, says)
			}
		}
	}
}

// A password is the first line of a pipe, as it was typed, or it is refused.
func TestPasswordInputs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, says string }{
		"no line end": {"correct horse", ""}, "CRLF": {"correct horse\r\n", ""}, "more lines": {"correct horse\nx\n", ""},
		"nothing": {"", "no password came"}, "a line end": {"\n", "no password came"},
		"CRLF alone":          {"\r\n", "no password came"},
		"an empty first line": {"\ncorrect horse\n", "no password came"},
		"a mark":              {"\ufeffcorrect horse\n", "byte order mark"},
		"UTF-16":              {utf16Text("correct horse\r\n"), "in UTF-16"},
		"not UTF-8":           {"correct horse \xff\n", "Password"}, "too long": {strings.Repeat("x", 10000), "Password"},
		"a megabyte": {strings.Repeat("x", maxInput+1), "over a megabyte"},
	} {
		got := call{in: tt.in}.run(t, "hash", "--memory", "8", "--time", "1")
		if (got.code == exitGood) != (tt.says == "") || !strings.Contains(got.err, tt.says) ||
			strings.Contains(got.err, "horse") {
			t.Errorf("%s: got %+v, want %q", name, got, tt.says)
		}
		if tt.says != "" {
			continue
		}
		acc := people()[0]
		acc.PasswordHash = strings.TrimSpace(got.out)
		_, err := newAuth(t, opened(t, sqliteStore(t, acc)), deskauth.Config{}).Signin(t.Context(), deskauth.SigninInput{
			Email: "ada@example.com", Password: deskauth.NewSecret("correct horse"),
		})
		if err != nil {
			t.Errorf("%s: the hash is of another password: %v", name, err)
		}
	}
}

// Standard input may be closed, empty or a folder.
func TestNoStandardInput(t *testing.T) {
	t.Parallel()
	bin := program(t)
	for _, input := range []string{"<&-", "</dev/null", "<" + bin} {
		for command, says := range map[string]string{
			"token inspect": "token", "hash": "password",
			"accounts delete user-ada --store " + sqliteStore(t, people()...): "--yes",
		} {
			c := exec.CommandContext(t.Context(), "sh", "-c", filepath.Join(bin, "deskauth")+" "+command+" "+input)
			c.Env = []string{}
			out, err := c.CombinedOutput()
			if exitCode(err) != exitFailed || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), says) {
				t.Errorf("%s %s: got the code %d and %q", command, input, exitCode(err), out)
			}
		}
	}
}

// A file in a directory that is closed to the user may well be there.
func TestFileInAClosedDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	testkit.AsNobody(t, func() {
		_, err := readFile(filepath.Join(closed, "canary.key"))
		if err == nil || !strings.Contains(err.Error(), "may not look into the directory of the file") {
			t.Errorf("got the error %v, want one that says that the directory is closed", err)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("got the error %v, want it without the path: it may be a key", err)
		}
	})
}
