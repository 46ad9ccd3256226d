package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/deskauth/deskauth/sqlitestore"
)

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
	db, err := sqlitestore.OpenDB(path)
	if err != nil {
		return nil, err
	}
	if !f.changes { // a guard: a look changes nothing
		db.SetMaxOpenConns(1)
		if _, err := db.ExecContext(ctx, "PRAGMA query_only = ON"); err != nil {
			db.Close()
			return nil, err
		}
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
		return nil, err
	}
	s := sqlitestore.New(db)
	return &store{users: s, count: d.count, close: func() { s.Close(); db.Close() }}, nil
}
