package docs_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
)

// replaced finds the commands for a module that is in a clone, and not released.
var replaced = regexp.MustCompile("go mod edit -replace (github\\.com/deskauth/deskauth\\S*)=(/path/to/clone[^\\s`]*)")

// ours finds a module of this repository that go has looked for in vain.
var ours = regexp.MustCompile(`github\.com/deskauth/\S+: module lookup disabled`)

// atHand returns the modules, with their versions, that the packages of go.work and their
// tests are built of. Who runs this test has downloaded these, and perhaps no others.
var atHand = sync.OnceValues(func() ([]string, error) {
	const version = "{{with .Module}}{{if .Version}}{{.Path}}@{{.Version}}{{end}}{{end}}"
	cmd := exec.Command("go", "list", "-deps", "-test", "-f", version, "work")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w", cmd, err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	return slices.Compact(modules), nil
})

// A stranger is a folder of somebody who has a clone, and no network.
type stranger struct {
	t   *testing.T
	dir string
}

func newStranger(t *testing.T, program string) stranger {
	t.Helper()
	s := stranger{t, t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("mod", "init", "hello")
	return s
}

func (s stranger) run(args ...string) (output string, err error) {
	cmd := exec.CommandContext(s.t.Context(), "go", args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s stranger) must(args ...string) {
	s.t.Helper()
	if out, err := s.run(args...); err != nil {
		s.t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// replaces runs the commands that a text has for the modules of a clone.
func (s stranger) replaces(text string) {
	s.t.Helper()
	clone, err := filepath.Abs(root)
	if err != nil {
		s.t.Fatal(err)
	}
	commands := replaced.FindAllStringSubmatch(text, -1)
	if len(commands) == 0 {
		s.t.Fatalf("there is no go mod edit -replace in\n%s", text)
	}
	for _, c := range commands {
		s.must("mod", "edit", "-replace", c[1]+"="+strings.Replace(c[2], "/path/to/clone", clone, 1))
	}
	modules, err := atHand()
	if err != nil {
		s.t.Fatal(err)
	}
	edit := []string{"mod", "edit"}
	for _, m := range modules {
		edit = append(edit, "-require="+m) // else go asks for versions that were never downloaded
	}
	s.must(edit...)
}

// tidies runs go mod tidy. It looks at tests of other modules, too, which may never have
// been downloaded: a build of the program does not miss them.
func (s stranger) tidies() {
	s.t.Helper()
	out, err := s.run("mod", "tidy")
	if err != nil && (ours.MatchString(out) || !strings.Contains(out, "GOPROXY=off")) {
		s.t.Errorf("go mod tidy: %v\n%s", err, out)
	}
}

// greets starts the program that was built, and pastes the page's commands for it into a
// shell. Ada is greeted at the end.
func (s stranger) greets(p page, address string) {
	s.t.Helper()
	needsShell(s.t)
	program := exec.CommandContext(s.t.Context(), "./hello")
	program.Dir = s.dir
	program.Env = append(os.Environ(), "SESSION_SECRET="+testkit.SessionSecret, "SHOP_SECRET="+testkit.SecretA)
	var log bytes.Buffer
	program.Stderr = &log
	if err := program.Start(); err != nil {
		s.t.Fatal(err)
	}
	stop := sync.OnceFunc(func() { program.Process.Kill(); program.Wait() })
	defer stop()
	i := slices.IndexFunc(p.blocks, func(b block) bool { return strings.Contains(b.text, "/hello -H") })
	if i < 0 {
		s.t.Fatalf("%s has no command that asks for /hello", p.path)
	}
	const patient = "curl() { command curl --retry 50 --retry-connrefused --retry-delay 1 --noproxy '*' \"$@\"; }\n"
	shell := exec.CommandContext(s.t.Context(), "sh", "-c",
		patient+strings.ReplaceAll(p.blocks[i].text, "127.0.0.1:8080", address))
	out, err := shell.Output()
	if err != nil || !strings.Contains(string(out), "Hello Ada") {
		stop()
		s.t.Errorf("%s:%d prints %s, %v, want Hello Ada\n%s", p.path, p.blocks[i].number, out, err, &log)
	}
}

// freeAddress returns an address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// goBlock returns the first whole program of a page.
func goBlock(t *testing.T, p page) string {
	t.Helper()
	for _, b := range p.blocks {
		if b.language == "go" && strings.HasPrefix(b.text, "package main\n") {
			return b.text
		}
	}
	t.Fatalf("%s has no program", p.path)
	return ""
}

// TestProgramsBuildAgainstAClone does what README.md and the quickstart say, in a folder
// beside the clone. What they leave out is not there: no version is released.
func TestProgramsBuildAgainstAClone(t *testing.T) {
	t.Parallel()
	if err := lookAtSources(); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range pages(t) {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p.path)))
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		if !strings.Contains(text, "go mod init") || strings.HasPrefix(p.path, "docs/decisions/") {
			continue
		}
		found++
		t.Run(p.path, func(t *testing.T) {
			t.Parallel()
			program := goBlock(t, p)
			address := freeAddress(t)
			s := newStranger(t, strings.ReplaceAll(program, "127.0.0.1:8080", address))
			if out, err := s.run("build", "-o", os.DevNull, "."); err == nil {
				t.Errorf("it builds without a clone: is a version released?\n%s", out)
			}
			s.replaces(text)
			s.tidies()
			s.must("build", "-o", "hello", ".")
			s.greets(p, address)
		})
	}
	if found < 2 {
		t.Errorf("%d pages make a module, want README.md and the quickstart", found)
	}
}

// TestEveryModuleOfAClone does for each module of its own what README.md says for one.
func TestEveryModuleOfAClone(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sqlitestore", "pgxstore", "redislimit", "smtpmail", "oteldeskauth"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const program = "package main\n\nimport _ \"github.com/deskauth/deskauth/%s\"\n\nfunc main() {}\n"
			s := newStranger(t, fmt.Sprintf(program, name))
			s.replaces(strings.ReplaceAll(string(raw), "sqlitestore", name))
			s.must("list", "-deps", ".") // each package is there
		})
	}
}
