package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// prepareFile makes the file if it is not there, and returns its full path without symbolic
// links, as SQLite uses it.
func prepareFile(path string) (string, error) {
	if path == "" || path == ":memory:" {
		return "", errors.New("accounts in memory are what package memstore is for; name a file")
	}
	if strings.HasPrefix(path, "file:") {
		return "", errors.New(`this takes a path and no URI; open the database yourself and use New, or write "./file:" for a file of that name`)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFile(path); err != nil {
			return "", err
		}
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return "", err
	case info.IsDir():
		return "", errors.New("it is a directory; name a file in it")
	case !info.Mode().IsRegular():
		return "", errors.New("it is no regular file")
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// makeFile never opens a file that is there: closing it would release the locks that
// another SQLite in this process has on it, https://sqlite.org/howtocorrupt.html §2.2.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil // somebody else has made it meanwhile
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("its directory does not exist; make it first, for its owner only: %w", err)
	case err != nil:
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a new file's name outlive a power failure. Windows has nothing like it.
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

// fileURI names a file to SQLite (https://sqlite.org/uri.html), which does not make it
// (mode=rw) and gives the -wal file its mode (modeof).
func fileURI(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // of Windows: file:///C:/…
	}
	uri := url.URL{Scheme: "file", Path: slashed, RawQuery: "mode=rw&modeof=" + escape(path)}
	return uri.String()
}

// escape is for a query that SQLite reads: to it a + is no blank.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
