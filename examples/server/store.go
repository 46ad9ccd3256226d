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

// A store is where the accounts are, and what is said of it.
type store struct {
	deskauth.UserStore
	where string // without a password
	lasts bool   // the accounts are there after a restart
	close func() error
}

// checkStore says what is wrong with the name of a store, as far as can be seen without it.
func checkStore(name string) error {
	path, sqlite := strings.CutPrefix(name, "sqlite:")
	switch {
	case name == "memory", sqlite && path != "":
		return nil
	case sqlite:
		return errors.New("-store sqlite: needs a path, as in sqlite:accounts.db")
	case isPostgres(name):
		_, err := parseURL(name)
		return err
	}
	if i := strings.IndexAny(name, ":=@ "); i >= 0 { // behind a scheme that is misspelled there may be a password
		name = name[:i]
	}
	return fmt.Errorf("-store %q is not known: the stores are memory, sqlite:PATH and postgres://…", name)
}

// parseURL returns an error without the URL: pgx masks a password in it only where it is
// sure to have found one.
func parseURL(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		why, text := "", err.Error()
		if i := strings.LastIndex(text, "`: "); i >= 0 {
			why = text[i+1:]
		}
		return nil, fmt.Errorf("-store: cannot parse the URL, which is like postgres://USER:PASSWORD@HOST:5432/DATABASE%s", why)
	}
	return config, nil
}

func isPostgres(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// openStore opens a store that checkStore has nothing against, and makes its tables.
func openStore(ctx context.Context, name string) (*store, error) {
	if path, ok := strings.CutPrefix(name, "sqlite:"); ok {
		s, err := sqlitestore.Open(path)
		if err != nil {
			return nil, fmt.Errorf("-store: %w", err)
		}
		return &store{s, "SQLite in " + path, true, s.Close}, nil
	}
	if isPostgres(name) {
		return openPostgres(ctx, name)
	}
	return &store{memstore.New(), "memory: a restart forgets all accounts", false, func() error { return nil }}, nil
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
	c := pool.Config().ConnConfig
	where := fmt.Sprintf("PostgreSQL at %s:%d, database %s", c.Host, c.Port, c.Database)
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := pgxstore.Migrate(ctx, pool); err != nil {
		pool.Close()
		return nil, fmt.Errorf("-store: %s: is it running, and does the URL name a user and a database that are there? %w", where, err)
	}
	return &store{pgxstore.New(pool), where, true, func() error { pool.Close(); return nil }}, nil
}
