package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

const connectTimeout = 5 * time.Second // pgx's own is two minutes

// openPostgres opens a database that has the table of accounts.
func openPostgres(ctx context.Context, name string, f storeFlag) (*store, error) {
	config, err := pgxstore.ParseURL(name)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	config.ConnConfig.ConnectTimeout = cmp.Or(config.ConnConfig.ConnectTimeout, connectTimeout)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := pgxstore.New(pool)
	d := database{
		hasTable: "SELECT count(to_regclass('%s'))::int",
		steps:    pgxstore.Migrations,
		ask: func(ctx context.Context, query string) (n int, err error) {
			err = pool.QueryRow(ctx, query).Scan(&n)
			return n, err
		},
	}
	err = pool.Ping(ctx)
	if err == nil && f.migrate {
		err = s.Migrate(ctx)
	}
	if err == nil {
		err = d.checkSchema(ctx, f)
	}
	if err != nil {
		pool.Close()
		conn := config.ConnConfig
		return nil, fmt.Errorf("PostgreSQL at %s:%d, database %s: %w", conn.Host, conn.Port, conn.Database, err)
	}
	return &store{users: s, count: d.count, close: pool.Close}, nil
}
