package gateway

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
)

// startNode returns the check of node/gateway.mjs with a public key in PEM, or that of
// node/jwks.mjs with the URL of a key set. One process of Node.js runs it until the
// test ends: it reads a token a line, and answers with a line.
func startNode(t *testing.T, keys string) checker {
	t.Helper()
	program, err := findNode("node")
	if err != nil {
		missing(t, err)
	}
	cmd := exec.Command(program, filepath.Join("node", "lines.mjs"), keys)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // at the end of its input the program ends
		if err := cmd.Wait(); err != nil {
			t.Errorf("node: %v", err)
		}
	})
	questions, answers := json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	return func(token string, kinds []string, project string) (identity, error) {
		var answer struct {
			identity
			Error string
		}
		err := questions.Encode(map[string]any{"token": []byte(token), "kinds": kinds, "project": project})
		if err == nil {
			err = answers.Decode(&answer)
		}
		if err != nil { // it must not count as a refusal
			t.Errorf("node does not answer: %v", err)
			return identity{}, err
		}
		if answer.Error != "" {
			return identity{}, errors.New(answer.Error)
		}
		return answer.identity, nil
	}
}

// findNode returns the path of Node.js, or what keeps the program in a folder from running.
// It looks at the files that the program is made of: go test then forgets a cached result
// when one of them changes.
func findNode(folder string) (program string, err error) {
	for _, file := range []string{"gateway.mjs", "jwks.mjs", "lines.mjs"} {
		if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
			return "", err
		}
	}
	var wanted struct{ Dependencies struct{ Jose string } }
	var installed struct{ Version string }
	if err := readJSON(filepath.Join(folder, "package.json"), &wanted); err != nil {
		return "", err
	}
	if err := readJSON(filepath.Join(folder, "node_modules", "jose", "package.json"), &installed); err != nil {
		return "", err
	}
	if installed.Version != wanted.Dependencies.Jose {
		return "", fmt.Errorf("jose is of version %q; want %q", installed.Version, wanted.Dependencies.Jose)
	}
	return exec.LookPath("node")
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// missing ends a test that has no Node.js, or not the packages that it needs.
func missing(t testing.TB, err error) {
	t.Helper()
	testkit.Missing(t, "Node.js", "install it and run npm ci --prefix examples/gateway/node", err)
}

func TestFindNode(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Join(folder, "bin"))
	for _, step := range []struct{ name, text, problem string }{
		{"gateway.mjs", "", "jwks.mjs"},
		{"jwks.mjs", "", "lines.mjs"},
		{"lines.mjs", "", "package.json"},
		{"package.json", `{"dependencies":{"jose":"6.2.18"}}`, "node_modules"},
		{"node_modules/jose/package.json", `{"version":"5.0.0"}`, `version "5.0.0"; want "6.2.18"`},
		{"node_modules/jose/package.json", `{"version":"6.2.18"}`, "executable file not found"},
	} {
		write(step.name, step.text)
		if _, err := findNode(folder); err == nil || !strings.Contains(err.Error(), step.problem) {
			t.Errorf("with %s: got the error %v, want one with %q", step.name, err, step.problem)
		}
	}
}
