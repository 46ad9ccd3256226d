package deskauth_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"
)

// Test files that are not about one file of the root, beside the examples.
var aboutTheWhole = []string{
	"api_test.go", "contributing_test.go", "export_test.go", "imports_test.go", "layout_test.go", "widths_test.go",
}

// rootFiles returns the Go files of the root: the others and the tests.
func rootFiles(t *testing.T) (sources, tests []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasSuffix(name, "_test.go"):
			tests = append(tests, name)
		case strings.HasSuffix(name, ".go"):
			sources = append(sources, name)
		}
	}
	return sources, tests
}

// misplaced says which of the sources has no test of its name, and which of the tests
// belongs to none. The tests of signin.go are signin_test.go and signin_<matter>_test.go.
func misplaced(sources, tests []string) (problems []string) {
	for _, source := range sources {
		base := strings.TrimSuffix(source, ".go") + "_test.go"
		if source != "doc.go" && !slices.Contains(tests, base) {
			problems = append(problems, source+" has no "+base)
		}
	}
	for _, test := range tests {
		ofSource := slices.Contains(sources, baseOf(test)+".go")
		if !ofSource && baseOf(test) != "example" && !slices.Contains(aboutTheWhole, test) {
			problems = append(problems, test+" is named after no file of the root")
		}
	}
	return problems
}

// baseOf returns what stands before the first _ of a test's name.
func baseOf(test string) string {
	base, _, _ := strings.Cut(test, "_")
	return base
}

func TestEachFileHasItsTest(t *testing.T) {
	t.Parallel()
	sources, tests := rootFiles(t)
	if len(sources) < 20 || len(tests) < 20 {
		t.Fatalf("the root has %d files and %d tests: this test looks in the wrong folder", len(sources), len(tests))
	}
	for _, problem := range misplaced(sources, tests) {
		t.Error(problem)
	}
	for problem, tests := range map[string][]string{
		"a.go has no a_test.go":                        {"a_more_test.go"},
		"b_test.go is named after no file of the root": {"a_test.go", "b_test.go"},
	} {
		if got := misplaced([]string{"a.go", "doc.go"}, tests); !slices.Equal(got, []string{problem}) {
			t.Errorf("of %q the problems are %q, want %q", tests, got, problem)
		}
	}
}

// borrowed returns what each file uses of another: fixtures by the names of both files. The
// base file of a group, signin_test.go of signin_<matter>_test.go, is for the group.
func borrowed(fset *token.FileSet, files []*ast.File) (uses []string) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := config.Check("", fset, files, info)
	for id, object := range info.Uses {
		if object.Parent() != pkg.Scope() {
			continue
		}
		user, owner := fset.Position(id.Pos()).Filename, fset.Position(object.Pos()).Filename
		if user != owner && owner != baseOf(user)+"_test.go" {
			uses = append(uses, user+" uses "+id.Name+" of "+owner)
		}
	}
	slices.Sort(uses)
	return slices.Compact(uses)
}

// noImports fails every import. The types that come from other packages are then unknown,
// and the names of this one are found all the same.
type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not imported") }

// A fixture that several groups need belongs in internal/testkit.
func TestFixturesStayInTheirGroup(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	parse := func(name string, src any) *ast.File {
		file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	_, tests := rootFiles(t)
	var files []*ast.File
	for _, name := range tests {
		if file := parse(name, nil); file.Name.Name == "deskauth_test" && baseOf(name) != "example" {
			files = append(files, file)
		}
	}
	for _, use := range borrowed(fset, files) {
		t.Error(use)
	}
	got := borrowed(fset, []*ast.File{
		parse("a_test.go", `package p; import "fmt"; func own() { fmt.Print(own, other) }`),
		parse("a_more_test.go", `package p; var other = own; func f(third int) { _ = third }`),
		parse("b_test.go", `package p; func third() { own() }`),
	})
	want := []string{"a_test.go uses other of a_more_test.go", "b_test.go uses own of a_test.go"}
	if !slices.Equal(got, want) {
		t.Errorf("the uses are %q, want %q", got, want)
	}
}
