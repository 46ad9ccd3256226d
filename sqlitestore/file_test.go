package sqlitestore_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// The name of a file may have any character that the system allows.
func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"what?mode=memory", "100%", "%41.db", "a#b", "a b+c", "a&b=c;d", "file:x", "ünï.db",
		"'quoted'.db", `"x".db`, "-wal", "x:y",
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.ContainsAny(name, `?"':`) {
				t.Skip("Windows does not allow this name")
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

// A relative path is that of one file, also after the program has changed its directory.
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

// A symbolic link leads to the file, and the other files are beside that file, not the
// link.
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

// Only the owner may read a new database. An existing one keeps its mode, and the files
// beside it get that mode.
func TestOpenModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
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

// OpenDB opens what is there and nothing else. The files beside it are not for more people
// than the database is, whatever the mask of the process.
func TestOpenDB(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, text := filepath.Join(dir, "accounts.db"), filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"missing":      {path, "there is no such file; look at the path"},
		"directory":    {dir, "name a file in it"},
		"another file": {text, "not a SQLite database"},
		"empty":        {"", "name a file"},
		"URI":          {"file:" + path, "use New"},
	} {
		if db, err := sqlitestore.OpenDB(c.path); err == nil || db != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got the error %v, want one with %q", name, err, c.want)
		}
	}
	if names := filesIn(t, dir); names != "notes.txt" {
		t.Errorf("files after the refusals: got %s, want notes.txt alone", names)
	}
	store := openStore(t, path)
	if err := errors.Join(store.CreateUser(t.Context(), account("a")), store.Close()); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o640} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		db, err := sqlitestore.OpenDB(path)
		if err != nil {
			t.Fatal(err)
		}
		users := sqlitestore.New(db)
		if err := users.CreateUser(t.Context(), account(mode.String())); err != nil {
			t.Error(err)
		}
		if _, err := users.UserByID(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		checkMode(t, path, mode)
		if err := errors.Join(users.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}
