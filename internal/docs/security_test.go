package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	inName    = regexp.MustCompile(`S\d\d`)
	inText    = regexp.MustCompile(`\bS\d\d\b`)
	tableRow  = regexp.MustCompile(`^\| (S\d\d) \|`)
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
)

// TestSecurity holds docs/security.md to the tests: each number that a test carries has a
// row, each row names every test that carries its number, and each test that is named
// exists.
func TestSecurity(t *testing.T) {
	t.Parallel()
	names, carriers := securityTests(t)
	rows := securityRows(t)
	for _, number := range slices.Sorted(maps.Keys(carriers)) {
		if _, ok := rows[number]; !ok {
			t.Errorf("docs/security.md has no row %s, which these tests carry: %s", number, list(carriers[number]))
		}
	}
	for number, named := range rows {
		for name := range named {
			if !names[name] {
				t.Errorf("docs/security.md names %s in row %s, and there is no such test", name, number)
			}
		}
		missing := maps.Clone(carriers[number])
		maps.DeleteFunc(missing, func(name string, _ bool) bool { return named[name] })
		if len(missing) > 0 {
			t.Errorf("row %s of docs/security.md does not name %s", number, list(missing))
		}
		if len(named) == 0 {
			t.Errorf("row %s of docs/security.md names no test", number)
		}
	}
	if len(rows) < 30 || len(names) < 300 {
		t.Errorf("%d rows and %d tests are compared: the test does not find them", len(rows), len(names))
	}
}

func list(names map[string]bool) string {
	return "`" + strings.Join(slices.Sorted(maps.Keys(names)), "`, `") + "`"
}

// securityRows returns the tests that each row of the page names.
func securityRows(t *testing.T) map[string]map[string]bool {
	t.Helper()
	rows := make(map[string]map[string]bool)
	for _, p := range pages(t) {
		if p.path != "docs/security.md" {
			continue
		}
		for _, l := range p.prose {
			row := tableRow.FindStringSubmatch(l.text)
			if row == nil {
				continue
			}
			if rows[row[1]] != nil {
				t.Errorf("docs/security.md has two rows %s", row[1])
			}
			rows[row[1]] = make(map[string]bool)
			for _, m := range namedTest.FindAllStringSubmatch(l.text, -1) {
				rows[row[1]][m[1]] = true
			}
		}
	}
	return rows
}

// securityTests returns the names of all tests and fuzz targets, and for each number those
// that carry it: in their own name, or in that of a sub-test, or in what they say when they
// fail.
func securityTests(t *testing.T) (names map[string]bool, carriers map[string]map[string]bool) {
	t.Helper()
	names, carriers = make(map[string]bool), make(map[string]map[string]bool)
	carry := func(number, name string) {
		if carriers[number] == nil {
			carriers[number] = make(map[string]bool)
		}
		carriers[number][name] = true
	}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		for _, declaration := range parsed.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			names[f.Name.Name] = true
			for _, number := range append(inName.FindAllString(f.Name.Name, -1), numbersIn(f)...) {
				carry(number, f.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, carriers
}

// numbersIn returns the numbers in the texts of a function.
func numbersIn(f *ast.FuncDecl) (numbers []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err == nil {
				numbers = append(numbers, inText.FindAllString(text, -1)...)
			}
		}
		return true
	})
	return numbers
}
