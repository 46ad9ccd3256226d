package sqlitestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/sqlitestore"
)

// A directory is one to open a database in, after a test has prepared it.
type directory struct {
	prepare func(t *testing.T, dir string) (path string)
	says    string // DIR stands for the directory
}

var directories = map[string]directory{
	"not writable, new file": {func(t *testing.T, dir string) string {
		chmod(t, dir, 0o555)
		return filepath.Join(dir, "accounts.db")
	}, `the directory "DIR" cannot be written to by this user`},
	"not writable, file of a database": {func(t *testing.T, dir string) string {
		path := filepath.Join(dir, "accounts.db")
		openStore(t, path).Close()
		chmod(t, path, 0o666)
		chmod(t, dir, 0o555)
		return path
	}, `the directory "DIR" cannot be written to by this user`},
	"not writable, empty file": {func(t *testing.T, dir string) string {
		path := filepath.Join(dir, "accounts.db")
		write(t, path)
		chmod(t, path, 0o666)
		chmod(t, dir, 0o555)
		return path
	}, `the directory "DIR" cannot be written to by this user`},
	"not to be entered": {func(t *testing.T, dir string) string {
		chmod(t, dir, 0)
		return filepath.Join(dir, "accounts.db")
	}, `the directory "DIR" cannot be `},
	"below one that is not to be entered": {func(t *testing.T, dir string) string {
		below := filepath.Join(dir, "below", "of", "that")
		if err := os.MkdirAll(below, 0o777); err != nil {
			t.Fatal(err)
		}
		chmod(t, dir, 0)
		return filepath.Join(below, "accounts.db")
	}, `the directory "DIR" cannot be entered by this user`},
	"missing": {func(t *testing.T, dir string) string {
		return filepath.Join(dir, "a", "b", "accounts.db")
	}, `the directory does not exist; make "DIR/a/b" first`},
	"a file": {func(t *testing.T, dir string) string {
		write(t, filepath.Join(dir, "a"))
		return filepath.Join(dir, "a", "accounts.db")
	}, `"DIR/a" is a file, not a directory`},
	"below a file": {func(t *testing.T, dir string) string {
		write(t, filepath.Join(dir, "a"))
		return filepath.Join(dir, "a", "b", "accounts.db")
	}, `"DIR/a" is a file, not a directory`},
	"that of a link": {func(t *testing.T, dir string) string {
		target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link.db")
		if err := os.Mkdir(target, 0o777); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(target, "accounts.db")
		openStore(t, path).Close()
		chmod(t, path, 0o666)
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		chmod(t, target, 0o555)
		return link
	}, `the directory "DIR/target" cannot be written to by this user`},
	"one with a link to nothing": {func(t *testing.T, dir string) string {
		link := filepath.Join(dir, "link.db")
		if err := os.Symlink(filepath.Join(dir, "nothing.db"), link); err != nil {
			t.Fatal(err)
		}
		return link
	}, `"DIR/link.db" is a symbolic link to "DIR/nothing.db", which does not exist`},
	"sound, with a file of another user": {func(t *testing.T, dir string) string {
		path := filepath.Join(dir, "accounts.db")
		openStore(t, path).Close()
		chmod(t, path, 0)
		return path
	}, `may not read and write "DIR/accounts.db"`},
}

// Open says which directory SQLite cannot write to, and so does OpenDB.
func TestOpenNamesTheDirectory(t *testing.T) {
	for name, c := range directories {
		t.Run(name, func(t *testing.T) {
			// Not t.TempDir: another user may not enter that.
			dir, err := os.MkdirTemp("", "deskauth-directory-")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			t.Cleanup(func() { os.Chmod(dir, 0o777); os.Chmod(filepath.Join(dir, "target"), 0o777) })
			chmod(t, dir, 0o777)
			path := c.prepare(t, dir)
			var store *sqlitestore.Store
			testkit.AsNobody(t, func() { store, err = sqlitestore.Open(path) })
			if err == nil {
				store.Close()
				t.Fatal("Open: got no error, want one")
			}
			says := strings.ReplaceAll(c.says, "DIR", dir)
			if !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "sqlitestore: open ") {
				t.Errorf("Open: got the error %v, want one that says %s", err, says)
			}
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				return // OpenDB makes no database
			}
			testkit.AsNobody(t, func() { _, err = sqlitestore.OpenDB(path) })
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("OpenDB: got the error %v, want one that says %s", err, says)
			}
		})
	}
}

// Where the system makes no file, the directory is named too.
func TestOpenInProc(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc")
	}
	for _, dir := range []string{"/proc", "/sys"} {
		_, err := sqlitestore.Open(dir + "/accounts.db")
		if err == nil || !strings.Contains(err.Error(), `the directory "`+dir+`" cannot be written to`) {
			t.Errorf("Open in %s: got the error %v, want one that names it", dir, err)
		}
	}
	// Nothing is left of a look at a directory that is sound.
	dir := t.TempDir()
	_, err := sqlitestore.Open(filepath.Join(dir, "missing", "accounts.db"))
	if names := filesIn(t, dir); names != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open in a missing directory: got the error %v and the files %q, want none", err, names)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
}
