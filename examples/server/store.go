package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// storeTimeout is how long the database may take to answer at the start. One that is
	// started together with this program takes a while.
	storeTimeout = 10 * time.Second
	storePause   = 200 * time.Millisecond // between two tries

	connectTimeout = 5 * time.Second // pgx's own is two minutes
	pingTimeout    = time.Second     // pgx's own is that of the call
)

// A store has the accounts, and what the server must know about them.
type store struct {
	deskauth.UserStore
	where string // for people to read; it has no password in it
	close func() error
}

// checkStore returns an error if the value of -store cannot be right. It opens nothing.
func checkStore(name string) error {
	path, isSQLite := strings.CutPrefix(name, "sqlite:")
	switch {
	case isSQLite && path == "":
		return errors.New("-store sqlite: needs a path, as in sqlite:accounts.db")
	case isSQLite && strings.HasPrefix(path, "//"):
		return errors.New("-store sqlite: is followed by a path and not by //: " +
			"write sqlite:accounts.db, or sqlite:/var/lib/accounts.db")
	case name == "memory", isSQLite:
		return nil
	case isPostgres(name):
		if _, err := pgxstore.ParseURL(name); err != nil {
			return fmt.Errorf("-store: %w", err)
		}
		return nil
	}
	return fmt.Errorf("-store%s is not a store: choose memory, sqlite:PATH or postgres://USER@HOST/DATABASE",
		shownScheme(name))
}

func isPostgres(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// shownScheme returns the scheme of a misspelled URL for an error. There may be a password
// behind it, or anywhere in what is not a URL.
func shownScheme(name string) string {
	if scheme, _, ok := strings.Cut(name, "://"); ok && strings.Trim(scheme, letters) == "" {
		return fmt.Sprintf(" %q", scheme)
	}
	return ""
}

// openStore opens a store whose name has passed checkStore, and makes its tables.
func openStore(ctx context.Context, name string, logger *slog.Logger) (*store, error) {
	if path, ok := strings.CutPrefix(name, "sqlite:"); ok {
		users, err := sqlitestore.Open(path)
		if err != nil {
			return nil, fmt.Errorf("-store: %w", err)
		}
		return &store{UserStore: users, where: "SQLite in " + path, close: users.Close}, nil
	}
	if isPostgres(name) {
		return openPostgres(ctx, name, logger)
	}
	return &store{
		UserStore: memstore.New(),
		where:     "memory: a restart forgets all accounts",
		close:     func() error { return nil },
	}, nil
}

func openPostgres(ctx context.Context, url string, logger *slog.Logger) (*store, error) {
	config, err := pgxstore.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	config.ConnConfig.ConnectTimeout = cmp.Or(config.ConnConfig.ConnectTimeout, connectTimeout)
	config.PingTimeout = cmp.Or(config.PingTimeout, pingTimeout)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	conn := config.ConnConfig
	where := fmt.Sprintf("PostgreSQL at %s:%d, database %s", conn.Host, conn.Port, conn.Database)
	if err := prepare(ctx, pool, where, logger); err != nil {
		within(closeTimeout, logger, "the pool to close", func() error { pool.Close(); return nil })
		return nil, fmt.Errorf("-store: %s: %w", where, err)
	}
	return &store{
		UserStore: pgxstore.New(pool),
		where:     where,
		close:     func() error { pool.Close(); return nil },
	}, nil
}

// prepare makes the tables. That may take as long as a large table needs.
func prepare(ctx context.Context, pool *pgxpool.Pool, where string, logger *slog.Logger) error {
	if err := await(ctx, pool, where, logger); err != nil {
		return fmt.Errorf("check that it runs and that the user and the database exist: %w", err)
	}
	return pgxstore.Migrate(ctx, pool)
}

// await waits for a database that is still starting.
func await(parent context.Context, pool *pgxpool.Pool, where string, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(parent, storeTimeout)
	defer cancel()
	var starting error // what the database said last
	for {
		err := pool.Ping(ctx)
		switch {
		case err == nil:
			return nil
		case parent.Err() != nil:
			return parent.Err()
		case ctx.Err() != nil && starting != nil:
			return fmt.Errorf("no answer within %v: %w", storeTimeout, starting)
		case ctx.Err() != nil || !isStarting(err):
			return err
		case starting == nil:
			logger.Warn("the database does not answer yet; trying again", "for", storeTimeout, "database", where, "error", err)
		}
		starting = err
		select {
		case <-ctx.Done():
		case <-time.After(storePause):
		}
	}
}

// isStarting reports whether an error is one of a server that is not there yet: no name, no
// listener, no word, or one that takes no connections (57P03) or starts anew (57P01).
func isStarting(err error) bool {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return said.Code == "57P03" || said.Code == "57P01"
	}
	_, ofNetwork := errors.AsType[*net.OpError](err)
	_, ofName := errors.AsType[*net.DNSError](err)
	return ofNetwork || ofName || errors.Is(err, context.DeadlineExceeded) || // connectTimeout
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
