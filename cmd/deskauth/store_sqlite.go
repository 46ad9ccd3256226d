package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

const busyTimeout = 5 * time.Second

// openSQLite opens a file that is there. [sqlitestore.Open] would make it, migrate it and
// change its journal mode.
func openSQLite(ctx context.Context, path string, f storeFlag) (*store, error) {
	if path == "" || strings.HasPrefix(path, "//") {
		return nil, errors.New("write a path behind sqlite:, as in sqlite:accounts.db")
	}
	if f.migrate {
		made, err := sqlitestore.Open(path)
		if err != nil {
			return nil, err
		}
		if err := made.Close(); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && f.changes {
		return nil, fmt.Errorf("there is no file %s: look at the path, or add --migrate to make it", path)
	} else if err != nil {
		return nil, err
	}
	db, err := openFile(path, f.changes)
	if err != nil {
		return nil, err
	}
	d := database{
		hasTable: "SELECT count(*) FROM sqlite_master WHERE name = '%s'",
		steps:    sqlitestore.Migrations,
		ask: func(ctx context.Context, query string) (n int, err error) {
			err = db.QueryRowContext(ctx, query).Scan(&n)
			return n, err
		},
	}
	if err := d.checkSchema(ctx, f); err != nil {
		db.Close()
		if errors.Is(err, sqlite3.NOTADB) {
			err = fmt.Errorf("%s is not a SQLite database", path)
		}
		return nil, err
	}
	s := sqlitestore.New(db)
	return &store{users: s, count: d.count, close: func() { s.Close(); db.Close() }}, nil
}

// openFile opens the database as sqlitestore needs it: what is written is on the disk when
// the call returns, and a call waits for the writes of others.
func openFile(path string, changes bool) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	full = filepath.ToSlash(full)
	if !strings.HasPrefix(full, "/") {
		full = "/" + full // on Windows: file:///C:/…
	}
	uri := url.URL{Scheme: "file", Path: full, RawQuery: "mode=rw"}
	pragmas := "PRAGMA synchronous = FULL"
	if !changes {
		pragmas = "PRAGMA query_only = ON"
	}
	return driver.Open(uri.String(), func(c *sqlite3.Conn) error {
		if err := c.BusyTimeout(busyTimeout); err != nil {
			return err
		}
		return c.Exec(pragmas)
	})
}
