package sqlitestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

func TestOpenKeepsAccounts(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for i := range 3 {
		store, err := sqlitestore.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = store.CreateUser(t.Context(), account("kept"))
		} else {
			_, err = store.UserByEmail(t.Context(), account("kept").Email)
		}
		if err := errors.Join(err, store.Close()); err != nil {
			t.Fatalf("opened %d times: %v", i+1, err)
		}
		// The last one to close has put everything into the one file.
		if names := filesIn(t, filepath.Dir(path)); names != "accounts.db" {
			t.Errorf("files after Close: got %s, want accounts.db alone", names)
		}
	}
}

func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"what?mode=memory", "100%", "%41.db", "a#b", "a b+c", "a&b=c;d", "file:x", "ünï.db", "'quoted'.db", `"x".db`, "-wal", "x:y",
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.ContainsAny(name, `?"':`) {
				t.Skip("no name of a file there")
			}
			dir := filepath.Join(t.TempDir(), "dir of "+name)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			store := openStore(t, filepath.Join(dir, name))
			if err := store.CreateUser(t.Context(), account("a")); err != nil {
				t.Errorf("CreateUser: got the error %v, want nil", err)
			}
			want := strings.Join([]string{name, name + "-shm", name + "-wal"}, " ")
			if names := filesIn(t, dir); names != want {
				t.Errorf("files in use: got %s, want %s", names, want)
			}
			checkMode(t, filepath.Join(dir, name), 0o600)
			if err := store.Close(); err != nil {
				t.Errorf("Close: got the error %v, want nil", err)
			}
		})
	}
}

// TestOpenRelativePath goes on with the same file after a change of the directory.
func TestOpenRelativePath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	store := openStore(t, "accounts.db")
	t.Chdir(t.TempDir())
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Errorf("CreateUser: got the error %v, want nil", err)
	}
	if _, err := store.UserByID(t.Context(), "a"); err != nil {
		t.Errorf("UserByID: got the error %v, want nil", err)
	}
	if names := filesIn(t, dir); !strings.HasPrefix(names, "accounts.db ") {
		t.Errorf("files: got %s, want accounts.db among them", names)
	}
}

func TestOpenFollowsSymbolicLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file.db"), filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	if _, err := sqlitestore.Open(link); err == nil {
		t.Error("Open of a link to nothing: got no error, want one")
	}
	openStore(t, file)
	openStore(t, link)
	if names := filesIn(t, filepath.Dir(link)); names != "link.db" {
		t.Errorf("files beside the link: got %s, want none", names)
	}
}

// TestOpenModes looks at who may read the files: a new database is its owner's, one that is
// there stays as it is, and what is beside it is like it.
func TestOpenModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	path := newPath(t)
	store := openStore(t, path)
	if err := store.CreateUser(t.Context(), account("a")); err != nil {
		t.Fatal(err)
	}
	checkMode(t, path, 0o600)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	openStore(t, path)
	checkMode(t, path, 0o640)
}

// checkMode looks at the file and those beside it.
func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + end)
		if err != nil {
			t.Error(err)
		} else if got := info.Mode(); got != want {
			t.Errorf("mode of %s: got %v, want %v", info.Name(), got, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database, but long enough to be one. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	mustExec(t, openDB(t, other), `CREATE TABLE deskauth_accounts (id)`)
	before := openFiles(t, dir)
	for name, c := range map[string]struct{ path, want string }{
		"another table":     {other, "lacks something"},
		"empty":             {"", "memstore"},
		"memory":            {":memory:", "memstore"},
		"URI":               {"file:accounts.db?mode=memory", "use New"},
		"missing directory": {filepath.Join(dir, "missing", "accounts.db"), "make it first"},
		"directory":         {dir, "name a file in it"},
		"a file above":      {filepath.Join(text, "accounts.db"), "not a directory"},
		"another file":      {text, "no SQLite database"},
		"device":            {os.DevNull, "no regular file"},
		"NUL":               {filepath.Join(dir, "a\x00b"), "invalid argument"},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := sqlitestore.Open(c.path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "sqlitestore: open ") || store != nil {
				t.Errorf("Open(%q): got %v and the error %v, want no store and an error with %q", c.path, store, err, c.want)
			}
			if after := openFiles(t, dir); after != before {
				t.Errorf("files open after Open failed: got %s, want %s", after, before)
			}
		})
	}
	var mode string
	if err := openDB(t, other).QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "delete" {
		t.Errorf("journal mode of the file with another table: got %q and the error %v, want %q as before", mode, err, "delete")
	}
	if names := filesIn(t, dir); names != "notes.txt other.db" {
		t.Errorf("files after Open failed: got %s, want notes.txt and other.db alone", names)
	}
}

// openFiles names the files below dir that this process has open, where the system tells.
func openFiles(t *testing.T, dir string) (names string) {
	t.Helper()
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil && strings.HasPrefix(name, dir) {
			names += name + " "
		}
	}
	return names
}

func filesIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
