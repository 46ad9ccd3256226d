package testkit

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Files returns the files under a folder, nested modules included, by their paths with
// slashes. It leaves out hidden folders, testdata and node_modules.
func Files(t testing.TB, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"
		switch {
		case d.IsDir() && file != folder && hidden:
			return filepath.SkipDir
		case !d.IsDir():
			files = append(files, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
