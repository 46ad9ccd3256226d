package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ncruces/go-sqlite3"
)

// explain adds to an error of Open which directory or file is to blame. SQLite says no more
// than "unable to open database file", also of the files that it makes beside the database.
func explain(path string, err error) error {
	blamesFiles := false
	for _, kind := range []error{
		sqlite3.CANTOPEN, sqlite3.READONLY, sqlite3.PERM, sqlite3.IOERR,
		fs.ErrPermission, fs.ErrNotExist, syscall.ENOTDIR, syscall.EROFS,
	} {
		blamesFiles = blamesFiles || errors.Is(err, kind)
	}
	if !blamesFiles {
		return err
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	problem := directoryProblem(filepath.Dir(path))
	if problem == "" {
		problem = fileProblem(path)
	}
	return fmt.Errorf("%s: %w", problem, err)
}

// directoryProblem says why SQLite cannot make files in a directory, or returns nothing.
func directoryProblem(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	for above := dir; ; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		switch {
		case err != nil && above != filepath.Dir(above):
			continue
		case err == nil && !info.IsDir():
			return fmt.Sprintf("%q is a file, not a directory", above)
		case above != dir && !canEnter(above, dir):
			return fmt.Sprintf("the directory %q cannot be entered by this user", above)
		case above != dir:
			return fmt.Sprintf("the directory does not exist; make %q first, for its owner only", dir)
		}
		break
	}
	made, err := probe(dir)
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Sprintf("the disk of the directory %q is full, or a quota is used up; make room: SQLite "+
			"needs %d KiB beside the database", dir, shmSize>>10)
	case !made:
		return fmt.Sprintf("the directory %q cannot be written to by this user, and SQLite makes files "+
			"beside the database; give the user the right, or use another directory", dir)
	}
	return ""
}

// shmSize is the size of the least -shm file (https://sqlite.org/walformat.html §2.2).
const shmSize = 32 << 10

// probe makes a file in a directory as SQLite makes its -shm file, and removes it.
func probe(dir string) (made bool, err error) {
	file, err := os.CreateTemp(dir, ".deskauth-*")
	if err != nil {
		return false, err
	}
	_, err = file.Write(make([]byte, shmSize))
	err = errors.Join(err, file.Sync(), file.Close()) // some disks say it late
	return true, errors.Join(err, os.Remove(file.Name()))
}

// canEnter reports whether the user may look for names in a directory, such as below.
func canEnter(dir, below string) bool {
	rest, err := filepath.Rel(dir, below)
	if err != nil {
		return true
	}
	first, _, _ := strings.Cut(rest, string(filepath.Separator))
	_, err = os.Stat(filepath.Join(dir, first))
	return !errors.Is(err, fs.ErrPermission)
}

// fileProblem says what may be wrong with a file in a directory that is sound.
func fileProblem(path string) string {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() == fs.ModeSymlink {
		target, _ := os.Readlink(path)
		return fmt.Sprintf("%q is a symbolic link to %q, which does not exist or cannot be used", path, target)
	}
	return fmt.Sprintf("this user may not read and write %q, or a file beside it with -wal or -shm at its end; "+
		"look at their owners and modes", path)
}
