package docs_test

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

// readFile returns a file of the repository.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The tables of metrics and labels are those that the tests of oteldeskauth have collected.
func TestObservabilityHasTheMetrics(t *testing.T) {
	t.Parallel()
	for table := range strings.SplitSeq(readFile(t, "oteldeskauth/testdata/metrics.md"), "\n\n") {
		if !strings.Contains(readFile(t, "docs/observability.md"), "\n"+table) {
			t.Errorf("docs/observability.md does not have this table of oteldeskauth/testdata/metrics.md:\n%s", table)
		}
	}
}

// names returns the names of a file of the root that are of a sort: the constants of a
// type, the interfaces, or the fields of a type.
func names(t *testing.T, file, sort string) (list []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	add := func(ids []*ast.Ident) {
		for _, id := range ids {
			list = append(list, id.Name)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == sort {
				add(n.Names)
			}
		case *ast.TypeSpec:
			if _, ok := n.Type.(*ast.InterfaceType); ok && sort == "interface" {
				list = append(list, n.Name.Name)
			}
			if fields, ok := n.Type.(*ast.StructType); ok && n.Name.Name == sort {
				for _, f := range fields.Fields.List {
					add(f.Names)
				}
			}
		}
		return true
	})
	return list
}

// An operation, a reason or the like that oteldeskauth does not know is reported as
// "other", and a store's ability that it does not know is hidden.
func TestObservabilityKnowsEveryName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, sort, knows, form string
		least                   int
	}{
		{"event.go", "Operation", "labels.go", `\bdeskauth\.NAME\b`, 24},
		{"event.go", "EventType", "labels.go", `\bdeskauth\.NAME\b`, 31},
		{"event.go", "Reason", "labels.go", `\bdeskauth\.NAME\b`, 30},
		{"mail.go", "MailKind", "labels.go", `\bdeskauth\.NAME\b`, 5},
		{"limits.go", "Limits", "labels.go", `"NAME"`, 9},
		{"optional.go", "interface", "optional.go", `is\[deskauth\.NAME\]`, 5},
	} {
		list, source := names(t, c.file, c.sort), readFile(t, "oteldeskauth/"+c.knows)
		if len(list) < c.least {
			t.Errorf("%s has %d of %s: the test does not find them", c.file, len(list), c.sort)
		}
		for _, name := range list {
			if !regexp.MustCompile(strings.Replace(c.form, "NAME", name, 1)).MatchString(source) {
				t.Errorf("oteldeskauth/%s does not know %s of %s", c.knows, name, c.file)
			}
		}
	}
}
