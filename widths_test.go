package deskauth_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/testkit"
)

// How wide a line may be, in characters. A tab counts as four in comments and prose, which
// people read beside one another, and as one in code.
const (
	commentColumns  = 92
	codeColumns     = 120
	markdownColumns = 100
	tabColumns      = 4
)

// How many lines a file may have, and a function outside of tests.
const (
	fileLines     = 300
	functionLines = 60
)

func columns(line string) int {
	return utf8.RuneCountInString(line) + (tabColumns-1)*strings.Count(line, "\t")
}

// wideInGo returns the numbers of the lines of a Go file that are too wide. A comment has
// the width of comments where it has the line to itself. The output of an example counts as
// code, because it is compared to the letter. A line with an address of the web cannot be
// broken.
func wideInGo(name string, text []byte) (wide []int, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	comment := make([]bool, len(lines)+1) // by number: the line is one and nothing else
	for _, group := range file.Comments {
		output := false
		for _, c := range group.List {
			at := fset.Position(c.Pos())
			alone := strings.TrimSpace(lines[at.Line-1][:at.Column-1]) == ""
			output = output || strings.HasPrefix(c.Text, "// Output:")
			for n := at.Line; n <= fset.Position(c.End()).Line; n++ {
				comment[n] = alone && !output
			}
		}
	}
	for i, line := range lines {
		tooWide := utf8.RuneCountInString(line) > codeColumns
		if comment[i+1] {
			tooWide = columns(line) > commentColumns && !strings.Contains(line, "://")
		}
		if tooWide {
			wide = append(wide, i+1)
		}
	}
	return wide, nil
}

// wideInMarkdown does the same for prose. Rows of tables, code in fences and lines with an
// address of the web cannot be broken.
func wideInMarkdown(text []byte) (wide []int) {
	fence := ""
	for i, line := range strings.Split(string(text), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		case strings.HasPrefix(trimmed, "|"), strings.Contains(line, "://"):
		case columns(line) > markdownColumns:
			wide = append(wide, i+1)
		}
	}
	return wide
}

// wideLines returns the lines under a folder that are too wide, as file:line.
func wideLines(t *testing.T, folder string) (lines []string) {
	t.Helper()
	for _, file := range testkit.Files(t, folder) {
		isGo := strings.HasSuffix(file, ".go")
		if !isGo && !strings.HasSuffix(file, ".md") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		wide := wideInMarkdown(text)
		if isGo {
			wide, err = wideInGo(file, text)
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range wide {
			lines = append(lines, fmt.Sprintf("%s:%d", file, n))
		}
	}
	return lines
}

// The whole repository, nested modules and examples included, but for testdata.
func TestWidths(t *testing.T) {
	t.Parallel()
	for _, line := range wideLines(t, ".") {
		t.Errorf("%s is too wide: comments have %d columns, code %d, Markdown %d",
			line, commentColumns, codeColumns, markdownColumns)
	}
}

// tooLong returns what is too long in a Go file: the file, and functions outside of tests.
func tooLong(name string, text []byte) (long []string, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(text, []byte("\n")); n > fileLines {
		long = append(long, fmt.Sprintf("%s has %d lines, want at most %d", name, n, fileLines))
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; n > functionLines {
			long = append(long, fmt.Sprintf("%s: %s has %d lines, want at most %d", name, f.Name.Name, n, functionLines))
		}
	}
	return long, nil
}

func TestLengths(t *testing.T) {
	t.Parallel()
	for _, name := range testkit.Files(t, ".") {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		long, err := tooLong(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range long {
			t.Error(l)
		}
	}
}

func TestLengthsBite(t *testing.T) {
	t.Parallel()
	function := func(lines int) string { return "package p\nfunc f() {" + strings.Repeat("\n", lines-1) + "}\n" }
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"a.go", function(functionLines), 0},
		{"a.go", function(functionLines + 1), 1},
		{"a_test.go", function(functionLines + 1), 0},
		{"a_test.go", "package p" + strings.Repeat("\n", fileLines), 0},
		{"a_test.go", "package p" + strings.Repeat("\n", fileLines+1), 1},
	} {
		long, err := tooLong(c.name, []byte(c.text))
		if err != nil || len(long) != c.want {
			t.Errorf("%s of %d lines: %q, %v; want %d", c.name, strings.Count(c.text, "\n"), long, err, c.want)
		}
	}
}

func TestWidthsBite(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("é", n) }
	folder := t.TempDir()
	for name, lines := range map[string][]string{
		"a.go": {
			"package a",
			"// " + x(89),
			"// " + x(90), // 3: a comment
			"// https://example.com/" + x(90),
			"var a = \"" + x(110) + "\"",
			"var b = \"" + x(111) + "\"", // 6: code
			"var c = `",
			"// " + x(117),
			"// " + x(118), // 9: code that looks like a comment
			"`",
			"func f() {",
			"\tvar _ = \"" + x(109) + "\"",
			"\tvar _ = \"" + x(110) + "\"", // 13: code behind a tab
			"\tvar _ = 1 // " + x(106),
			"\tvar _ = 1 // " + x(107), // 15: code with a comment
			"\t// " + x(85),
			"\t// " + x(86), // 17: a comment behind a tab
			"\t/*",
			x(93), // 19: inside a comment
			"\t*/",
			"}",
			"func g() {",
			"\t// Output:",
			"\t// " + x(116),
			"\t// " + x(117), // 25: output
			"}",
		},
		"a.md": {
			x(100),
			x(101), // 2
			"| " + x(200) + " |",
			"https://example.com/" + x(100),
			"```go",
			x(200),
			"~~~",
			"```",
			x(101), // 9
		},
		"a.txt":           {x(200)},
		"testdata/a.md":   {x(200)},
		".hidden/a.md":    {x(200)},
		"nested/deep.md":  {x(101)},
		"nested/short.md": {x(100)},
	} {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got := wideLines(t, folder)
	for i, line := range got {
		got[i] = strings.TrimPrefix(line, filepath.ToSlash(folder)+"/")
	}
	want := []string{
		"a.go:3", "a.go:6", "a.go:9", "a.go:13", "a.go:15", "a.go:17", "a.go:19", "a.go:25",
		"a.md:2", "a.md:9", "nested/deep.md:1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the wide lines are %q, want %q", got, want)
	}
}
