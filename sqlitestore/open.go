package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// busyTimeout is how long a connection waits for another process's write to end.
const busyTimeout = 5 * time.Second

// cachePragma gives a connection up to 8 MB to cache pages in, instead of 2: room for the upper
// levels of the indexes of a million accounts, and some of what is below.
const cachePragma = "PRAGMA cache_size = -8000; "

// Open opens the database in the file, or makes it, with the table of accounts in it: see
// [Migrate]. Close the store in the end.
//
// A new file may be read by its owner only, because it holds password hashes; the files
// beside it, with -wal and -shm at their ends, get the mode of the file. Other processes may
// use the database at the same time, on the same machine: WAL mode does not work over a
// network file system (https://sqlite.org/wal.html). Calls wait up to five seconds for
// another process's write.
//
// The database is in WAL mode, with one connection that writes and syncs each change to the
// disk before the call returns (PRAGMA synchronous = FULL), and as many that read as there
// are processors, four at least. Each caches up to 8 MB of the database.
func Open(path string) (*Store, error) {
	s, err := open(path)
	if errors.Is(err, sqlite3.NOTADB) {
		err = fmt.Errorf("it is no SQLite database; name another file, or move it away: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open %q: %w", path, err)
	}
	return s, nil
}

func open(path string) (s *Store, err error) {
	path, err = prepareFile(path)
	if err != nil {
		return nil, err
	}
	writer, err := pool(path, 1, "PRAGMA synchronous = FULL")
	if err != nil {
		return nil, err
	}
	readers, err := pool(path, max(4, runtime.GOMAXPROCS(0)), "PRAGMA query_only = ON")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s = newStore(readers, writer)
	s.own = []*sql.DB{readers, writer}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	// In this order, so that a file with another table of that name is left as it is.
	if err := migrateAll(context.Background(), writer); err != nil {
		return s, err
	}
	if err := useWAL(writer); err != nil {
		return s, err
	}
	if _, err := readers.Exec(byIDSQL, ""); err != nil { // makes the -shm file, if that was not there
		return s, err
	}
	return s, shareMode(path)
}

// pool returns a pool of connections that stay open. It opens none yet.
func pool(path string, size int, pragma string) (*sql.DB, error) {
	// By the connector, not by a name registered with database/sql: see the package comment.
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

// useWAL puts the database in WAL mode. Where several processes do that at once, SQLite
// answers SQLITE_BUSY without waiting, lest they wait for each other.
func useWAL(db *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; time.Sleep(time.Millisecond) {
		var mode string
		err := db.QueryRow("PRAGMA journal_mode = WAL").Scan(&mode)
		switch {
		case err == nil && mode == "wal":
			return nil
		case err == nil:
			return fmt.Errorf("the database stays in journal mode %q; WAL mode needs a local disk", mode)
		case !errors.Is(err, sqlite3.BUSY) || time.Now().After(deadline):
			return err
		}
	}
}

// shareMode gives the -shm file, which is there as long as a connection is open, the mode of
// the database. The driver does that for the -wal file.
func shareMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	shm, err := os.Stat(path + "-shm")
	if err != nil || shm.Mode() == info.Mode() {
		return err
	}
	return os.Chmod(path+"-shm", info.Mode())
}
