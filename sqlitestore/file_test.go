package sqlitestore_test

import (
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
