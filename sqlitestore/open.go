package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// busyTimeout is how long a call waits for the writes of others to end: those of this
// program and of other processes together.
const busyTimeout = 5 * time.Second

// cachePragma lets a connection cache 8 MB of pages, where the default is 2 MB. That is
// room for the upper levels of the indexes of a million accounts, and for some pages below
// them.
const cachePragma = "PRAGMA cache_size = -8000; "

// Open opens the database in the file, or makes it, with the table of accounts: see
// [Migrate]. The caller closes the store with [Store.Close]. The path is that of a file,
// not a URI; a relative path counts from the directory at the time of the call.
//
// A new file has mode 0600 on Unix, because it holds password hashes. An existing file
// keeps its mode. The files beside it, with -wal and -shm at the ends of their names, get
// the same mode. Other processes on the same machine may use the database at the same time.
// WAL mode does not work on a network file system (https://sqlite.org/wal.html).
//
// The database is in WAL mode. One connection writes, and syncs each change to the disk
// before the call returns (PRAGMA synchronous = FULL). A call waits up to five seconds for
// the writes of other calls and processes. As many connections read as there are
// processors, but at least four. Each connection caches up to 8 MB of the database.
func Open(path string) (*Store, error) {
	s, err := open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	return s, nil
}

func openError(path string, err error) error {
	if errors.Is(err, sqlite3.NOTADB) {
		err = fmt.Errorf("the file is not a SQLite database; name another one, or move it away: %w", err)
	}
	return fmt.Errorf("sqlitestore: open %q: %w", path, explain(path, err))
}

// OpenDB opens the database in a file that exists. It is for programs that look at the
// accounts of another program, or change some. In contrast to [Open] it makes no file and
// no table, and leaves the journal mode as it is. [New] makes a store of the database. The
// settings that New asks for are those of Open. The caller closes the database.
//
// Even to read, SQLite makes the files beside the database that are not there, so the user
// must be able to write in the directory. They get the mode of the database and, where the
// program runs as root, its owner. The last connection removes them.
func OpenDB(path string) (*sql.DB, error) {
	db, err := openExisting(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("sqlitestore: open %q: there is no such file; look at the path, or let Open make it: %w",
			path, err)
	case err != nil:
		return nil, openError(path, err)
	}
	return db, nil
}

func openExisting(path string) (*sql.DB, error) {
	if err := checkName(path); err != nil {
		return nil, err
	}
	path, err := findFile(path)
	if err != nil {
		return nil, err
	}
	db, err := pool(path, readers(), "PRAGMA synchronous = FULL")
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("SELECT 1 FROM sqlite_schema LIMIT 1") // makes the -shm file in WAL mode
	if err == nil {
		err = shareMode(path)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func open(path string) (*Store, error) {
	path, err := prepareFile(path)
	if err != nil {
		return nil, err
	}
	writer, err := pool(path, 1, "PRAGMA synchronous = FULL")
	if err != nil {
		return nil, err
	}
	readers, err := pool(path, readers(), "PRAGMA query_only = ON")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s := newStore(readers, writer)
	s.owned = []*sql.DB{readers, writer}
	if err := s.setUp(path); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// setUp brings the database into the state that Open promises. It migrates first, so that a
// file with another table of that name stays as it is.
func (s *Store) setUp(path string) error {
	if err := migrateAll(context.Background(), s.writer); err != nil {
		return err
	}
	if err := useWAL(s.writer); err != nil {
		return err
	}
	// The first reader makes the -shm file, if there is none.
	if _, err := s.readers.Exec(s.sql.userByID.text, ""); err != nil {
		return err
	}
	return shareMode(path)
}

// readers is how many connections read at once.
func readers() int { return max(4, runtime.GOMAXPROCS(0)) }

// pool returns a pool of connections that stay open. It opens none yet.
func pool(path string, size int, pragma string) (*sql.DB, error) {
	// The connector needs no name registered with database/sql: see the package comment.
	db, err := driver.Open(fileURI(path), func(c *sqlite3.Conn) error {
		if err := c.BusyTimeout(busyTimeout); err != nil {
			return err
		}
		return c.Exec(cachePragma + pragma)
	})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// useWAL puts the database into WAL mode. If several processes do that at once, SQLite
// returns SQLITE_BUSY without waiting, so that they do not wait for each other.
func useWAL(db *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; time.Sleep(time.Millisecond) {
		var mode string
		err := db.QueryRow("PRAGMA journal_mode = WAL").Scan(&mode)
		switch {
		case err == nil && mode == "wal":
			return nil
		case err == nil:
			return fmt.Errorf("the database stays in journal mode %q; move it to a local disk, "+
				"which WAL mode needs", mode)
		case !errors.Is(err, sqlite3.BUSY) || time.Now().After(deadline):
			return err
		}
	}
}

// shareMode gives the -shm file the mode of the database, and its owner where the program
// runs as root. The driver does that for the -wal file. The -shm file exists while a
// connection is open in WAL mode.
func shareMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	shm, err := os.Lstat(path + "-shm")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !shm.Mode().IsRegular():
		return errors.New("the file with -shm at its end is not a regular file; remove it while no program uses the database")
	}
	if err := shareOwner(path+"-shm", info); err != nil {
		return err
	}
	if shm.Mode() == info.Mode() {
		return nil
	}
	return os.Chmod(path+"-shm", info.Mode())
}
