package sqlitestore

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// prepareFile makes the file if it does not exist. It returns what findFile does.
func prepareFile(path string) (string, error) {
	if err := checkName(path); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeFile(path); err != nil {
			return "", err
		}
	}
	return findFile(path)
}

// checkName refuses what is no path.
func checkName(path string) error {
	if path == "" || path == ":memory:" {
		return errors.New("name a file; package memstore keeps accounts in memory")
	}
	if strings.HasPrefix(path, "file:") {
		return errors.New(`this is a URI, not a path; open the database yourself and use New, ` +
			`or put "./" before the name of a file`)
	}
	return nil
}

// findFile returns the full path of a file that exists, without symbolic links, as SQLite
// uses it.
func findFile(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.IsDir():
		return "", errors.New("this is a directory; name a file in it")
	case !info.Mode().IsRegular():
		return "", errors.New("this is not a regular file; name another one")
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// makeFile makes an empty file. It never opens an existing one: closing that would release
// the locks that another SQLite in this process has on it
// (https://sqlite.org/howtocorrupt.html §2.2).
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil // another process was faster
	case err != nil:
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir lets the name of a new file outlive a power failure. Windows has no such call.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// fileURI names a file to SQLite (https://sqlite.org/uri.html). SQLite does not make the
// file (mode=rw), and the -wal file gets its mode (modeof).
func fileURI(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // on Windows: file:///C:/…
	}
	uri := url.URL{Scheme: "file", Path: slashed, RawQuery: "mode=rw&modeof=" + escape(path)}
	return uri.String()
}

// escape escapes a value in the query of a URI. To SQLite a plus sign is not a blank.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
