package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

var walk = flag.Bool("browser", false, "walk through the page in a browser, which takes a minute of both processors")

// browserPatience is for all walks together, on a machine that does much else.
const browserPatience = 8 * time.Minute

// TestPageInABrowser walks through the page of two servers, as browser/page.test.mjs says.
// A browser takes the processors away from tests that wait for timeouts, so it walks by
// itself.
func TestPageInABrowser(t *testing.T) {
	if !*walk {
		t.Skip("only with -browser")
	}
	b, err := findBrowser("browser")
	if err != nil {
		noBrowser(t, err)
	}
	demo := start(t)
	given := start(t, "-project", "shop=", "-project", "desk="+projectSecret, "-require-verified-email")
	ctx, cancel := context.WithTimeout(t.Context(), browserPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.node, "--test", "--test-reporter=spec", "page.test.mjs")
	cmd.Dir = "browser"
	cmd.Env = append(os.Environ(), "DESKAUTH_TEST_CHROMIUM="+b.chromium,
		"DESKAUTH_TEST_PAGE="+demo.root(), "DESKAUTH_TEST_PAGE_GIVEN="+given.root())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for name, p := range map[string]*process{"demo": demo, "given": given} {
		p.keepsSecrets(name)
	}
}

// A code is longer than any ID. Mails have one: they are printed for who tries things out.
var codeOrToken = regexp.MustCompile(`[\w-]{60,}`)

// keepsSecrets wants nothing in the log that lets a reader in, but for the mails.
func (p *process) keepsSecrets(name string) {
	p.t.Helper()
	for line := range strings.Lines(p.logs.String()) {
		isMail := strings.Contains(line, " msg=mail ")
		if strings.Contains(line, "correct horse") || !isMail && codeOrToken.MatchString(line) {
			p.t.Errorf("S22 %s: a password, a token or a code is in the log", name)
		}
	}
}

// A browser is what the walks need beside the server.
type browser struct{ node, chromium string }

// findBrowser returns the programs, or what keeps the walks in a folder from running. It
// looks at their files: go test then forgets a cached result when one of them changes.
func findBrowser(folder string) (b browser, err error) {
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, file := range append(files, filepath.Join(folder, "page.test.mjs")) {
		if _, err := os.Stat(file); err != nil {
			return b, err
		}
	}
	for _, name := range []string{"playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join(folder, "node_modules", name, "package.json")); err != nil {
			return b, err
		}
	}
	if b.node, err = exec.LookPath("node"); err != nil {
		return b, err
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if b.chromium, err = exec.LookPath(name); err == nil {
			return b, nil
		}
	}
	return b, errors.New("there is no chromium")
}

// noBrowser ends a test that has no browser, or not the packages that it needs.
func noBrowser(t testing.TB, err error) {
	t.Helper()
	testkit.Missing(t, "browser", "install Node.js and Chromium, and run npm ci --prefix examples/server/browser", err)
}

func TestFindBrowser(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", filepath.Join(folder, "bin"))
	for _, step := range []struct{ name, problem string }{
		{"harness.mjs", "page.test.mjs"},
		{"page.test.mjs", "playwright-core"},
		{"node_modules/playwright-core/package.json", "axe-core"},
		{"node_modules/axe-core/package.json", `"node"`},
		{"bin/node", "there is no chromium"},
		{"bin/chromium", "<nil>"},
	} {
		file := filepath.Join(folder, filepath.FromSlash(step.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o777); err != nil {
			t.Fatal(err)
		}
		if _, err := findBrowser(folder); !strings.Contains(fmt.Sprint(err), step.problem) {
			t.Errorf("with %s: got the error %v, want one with %q", step.name, err, step.problem)
		}
	}
}
