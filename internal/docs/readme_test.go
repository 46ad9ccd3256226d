package docs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestREADMEHasTheQuickstart holds the first program that people read to one that compiles.
func TestREADMEHasTheQuickstart(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join(root, "examples/quickstart/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), "\n```go\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatal("README.md has no block of Go")
	}
	if got := block + "\n"; got != string(program) {
		t.Errorf("README.md has\n%s\nwhere quickstart/main.go is\n%s", got, program)
	}
	if lines := bytes.Count(program, []byte("\n")); lines >= 40 {
		t.Errorf("quickstart/main.go has %d lines, want fewer than 40", lines)
	}
	if end := strings.Count(before, "\n") + strings.Count(block, "\n") + 4; end >= 40 { // with both fences
		t.Errorf("the program in README.md ends in line %d, want it before line 40", end)
	}
}
