package docs_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// exports are the files that the compiler has written for the packages that fragments
// import.
var exports = sync.OnceValues(func() (files map[string]string, err error) {
	if err := lookAtSources(); err != nil {
		return nil, err
	}
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}, fragmentImports...)
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(root, "examples") // the module that requires all of them
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	files = make(map[string]string)
	for _, entry := range strings.Fields(string(out)) {
		name, file, _ := strings.Cut(entry, "=")
		files[name] = file
	}
	return files, err
})

// lookAtSources makes go test forget a cached result when a Go file of the repository
// changes.
func lookAtSources() error {
	return filepath.WalkDir(root, func(file string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == ".go" {
			_, err = os.Stat(file)
		}
		return err
	})
}

// A compiler type-checks fragments against compiled packages.
type compiler struct {
	fset     *token.FileSet
	importer types.Importer
}

func newCompiler(t *testing.T) compiler {
	t.Helper()
	files, err := exports()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	fset := token.NewFileSet()
	return compiler{fset, importer.ForCompiler(fset, "gc", func(name string) (io.ReadCloser, error) {
		return os.Open(files[name])
	})}
}

// fragment compiles a whole file, declarations, or statements of a function that returns an
// error. A name that is declared and not used is no error here.
func (c compiler) fragment(page string, number int, text string) error {
	file, err := c.parse(fmt.Sprintf("//line %s:%d\n%s", page, number, text))
	if err != nil {
		return err
	}
	var found error
	config := types.Config{Importer: c.importer, Error: func(err error) {
		var e types.Error
		if found == nil && !(errors.As(err, &e) && e.Soft) {
			found = err
		}
	}}
	config.Check("docs", c.fset, []*ast.File{file}, nil)
	return found
}

func (c compiler) parse(text string) (*ast.File, error) {
	if strings.Contains(text, "\npackage ") {
		return parser.ParseFile(c.fset, "", text, 0)
	}
	head := "package docs\nimport (\n\"" + strings.Join(fragmentImports, "\"\n\"") + "\"\n)\n" + fragmentNames
	file, err := parser.ParseFile(c.fset, "", head+text, 0)
	if err == nil {
		return file, nil
	}
	return parser.ParseFile(c.fset, "", head+"func _() error {\n"+text+"\nreturn nil\n}\n", 0)
}
