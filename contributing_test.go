package deskauth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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

// section returns the part of CONTRIBUTING.md under a heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, ok := strings.Cut(string(text), "\n## "+heading+"\n")
	part, _, ok2 := strings.Cut(part, "\n## ")
	if !ok || !ok2 {
		t.Fatalf("CONTRIBUTING.md has no section %s, with another one after it", heading)
	}
	return part
}

// The walks in CONTRIBUTING.md name files that exist and functions that are in them.
func TestContributingWalks(t *testing.T) {
	t.Parallel()
	rows := 0
	for line := range strings.Lines(section(t, "The way of a request")) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || line == "| file | functions |" || line == "|---|---|" {
			continue
		}
		row := walkRow.FindStringSubmatch(line)
		if row == nil {
			t.Errorf("CONTRIBUTING.md: the row %q is not a file and its functions", line)
			continue
		}
		rows++
		own, _, _ := strings.Cut(row[2], "; the store's ")
		functions := functionsOf(t, row[1])
		names := codeSpan.FindAllStringSubmatch(own, -1)
		if len(names) == 0 {
			t.Errorf("CONTRIBUTING.md: the row of %s names no function", row[1])
		}
		for _, name := range names {
			if !functions[name[1]] {
				t.Errorf("CONTRIBUTING.md: %s has no function %s", row[1], name[1])
			}
		}
	}
	if rows < 50 {
		t.Errorf("found %d rows of the walks, want all of them", rows)
	}
}

// declaration matches where a line declares a name: at the top of a Go file, in a list of
// constants or fields, in the Makefile, or as an object of the OpenAPI document.
var declaration = regexp.MustCompile(`^(?:func(?: \([^)]*\))? |type |const |var |\t)(\w+)|^(\w+) *:=|^ *"(\w+)": \{`)

// What is to be changed for an addition exists.
func TestContributingNames(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	for _, pattern := range []string{"*.go", "*/*.go", "*/*/*.go", "Makefile", "httpadapter/openapi.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				if name := declaration.FindStringSubmatch(line); name != nil {
					declared[name[1]+name[2]+name[3]] = true
				}
			}
		}
	}
	names := codeSpan.FindAllStringSubmatch(section(t, "Where things are added"), -1)
	for _, name := range names {
		if !declared[name[1]] {
			t.Errorf("CONTRIBUTING.md: nothing is named %s", name[1])
		}
	}
	if len(names) < 25 {
		t.Errorf("found %d names, want all of them", len(names))
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
