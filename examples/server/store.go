package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/jackc/pgx/v5/pgxpool"
)

// storeTimeout is how long the database may take to answer at the start.
const storeTimeout = 10 * time.Second

// A store has the accounts, and what the server must know about them.
type store struct {
	deskauth.UserStore
	where string // for people to read; it has no password in it
	lasts bool   // a restart keeps the accounts
	close func() error
}

// checkStore returns an error if the value of -store cannot be right. It opens nothing.
func checkStore(name string) error {
	path, isSQLite := strings.CutPrefix(name, "sqlite:")
	switch {
	case name == "memory", isSQLite && path != "":
		return nil
	case isSQLite:
		return errors.New("-store sqlite: needs a path, as in sqlite:accounts.db")
	case isPostgres(name):
		_, err := parseURL(name)
		return err
	}
	// A URL with a misspelled scheme may have a password in it, so show no more than the
	// scheme.
	scheme := name[:len(name)-len(strings.TrimLeft(name, letters))]
	if rest := name[len(scheme):]; rest != "" && rest[0] != ':' && rest[0] != '=' {
		scheme = ""
	}
	return fmt.Errorf("-store %q is not a store: choose memory, sqlite:PATH or postgres://USER@HOST/DATABASE", scheme)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// openStore opens a store whose name has passed checkStore, and makes its tables.
func openStore(ctx context.Context, name string) (*store, error) {
	if path, ok := strings.CutPrefix(name, "sqlite:"); ok {
		users, err := sqlitestore.Open(path)
		if err != nil {
			return nil, fmt.Errorf("-store: %w", err)
		}
		return &store{UserStore: users, where: "SQLite in " + path, lasts: true, close: users.Close}, nil
	}
	if isPostgres(name) {
		return openPostgres(ctx, name)
	}
	return &store{
		UserStore: memstore.New(),
		where:     "memory: a restart forgets all accounts",
		close:     func() error { return nil },
	}, nil
}

func openPostgres(ctx context.Context, url string) (*store, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	conn := config.ConnConfig
	where := fmt.Sprintf("PostgreSQL at %s:%d, database %s", conn.Host, conn.Port, conn.Database)
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := pgxstore.Migrate(ctx, pool); err != nil {
		pool.Close()
		return nil, fmt.Errorf("-store: %s: check that it runs and that the user and the database exist: %w",
			where, err)
	}
	return &store{
		UserStore: pgxstore.New(pool),
		where:     where,
		lasts:     true,
		close:     func() error { pool.Close(); return nil },
	}, nil
}
