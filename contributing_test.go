package deskauth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	walkRow  = regexp.MustCompile("^\\| `([\\w/]+\\.go)` \\| (.*) \\|$")
	goFile   = regexp.MustCompile("`([\\w/]+\\.go)`")
	codeSpan = regexp.MustCompile("`(\\w+)`")
)

// functionsOf returns the names of a file's functions and methods.
func functionsOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("CONTRIBUTING.md names %s: %v", file, err)
		return nil
	}
	names := map[string]bool{}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			names[f.Name.Name] = true
		}
	}
	return names
}

// The walks in CONTRIBUTING.md name files that exist and functions that are in them.
func TestContributingWalks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, walks, ok := strings.Cut(string(text), "\n## The way of a request\n")
	walks, _, ok2 := strings.Cut(walks, "\n## ")
	if !ok || !ok2 {
		t.Fatal("CONTRIBUTING.md has no section The way of a request, with another one after it")
	}
	rows := 0
	for line := range strings.Lines(walks) {
		row := walkRow.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if row == nil {
			continue
		}
		rows++
		own, _, _ := strings.Cut(row[2], "; the store's ")
		functions := functionsOf(t, row[1])
		for _, name := range codeSpan.FindAllStringSubmatch(own, -1) {
			if !functions[name[1]] {
				t.Errorf("CONTRIBUTING.md: %s has no function %s", row[1], name[1])
			}
		}
	}
	if rows < 30 {
		t.Errorf("found %d rows of the walks, want all of them: has their form changed?", rows)
	}
}

// Every Go file that CONTRIBUTING.md names exists, but for the examples named foo.
func TestContributingFiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range goFile.FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(name[1], "foo") {
			continue
		}
		if _, err := os.Stat(name[1]); err != nil {
			t.Errorf("CONTRIBUTING.md names %s: %v", name[1], err)
		}
	}
}
