package deskauth_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

const apiFile = "testdata/api.txt"

var updateAPI = flag.Bool("update", false, "write "+apiFile+" anew")

// exported returns the exported top-level names of this directory's package, with what they
// are, sorted by name. count counts the constants of one type once.
func exported(t *testing.T) (names []string, count int) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	add := func(what, typ string, id *ast.Ident) {
		if !id.IsExported() {
			return
		}
		names = append(names, id.Name+" "+what)
		if what != "const" || !types[typ] {
			count++
		}
		types[typ] = what == "const"
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add("func", "", d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						add("type", "", s.Name)
					case *ast.ValueSpec:
						typ, _ := s.Type.(*ast.Ident)
						for _, id := range s.Names {
							add(d.Tok.String(), fmt.Sprint(typ), id)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names, count
}

// A new exported name is a decision: it is made by running this test with -update, and
// seen in the change.
func TestExportedNames(t *testing.T) {
	t.Parallel()
	got, count := exported(t)
	if count == 0 || count >= 90 {
		t.Errorf("%d exported top-level names, want fewer than 90", count)
	}
	if *updateAPI {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(apiFile, []byte(strings.Join(got, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(apiFile)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s is exported and not in %s: go test -run TestExportedNames -update . writes it", name, apiFile)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is in %s and not exported", name, apiFile)
		}
	}
}
