package main

import (
	"context"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A deadlineTracer notes which statements have a deadline.
type deadlineTracer struct{ with, without []string }

func (d *deadlineTracer) TraceQueryStart(
	ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData,
) context.Context {
	if _, ok := ctx.Deadline(); ok {
		d.with = append(d.with, data.SQL)
	} else {
		d.without = append(d.without, data.SQL)
	}
	return ctx
}

func (d *deadlineTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// The database has little time to answer at all, and a migration all that it needs.
func TestMigrationHasNoDeadline(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(withSchema(t, pgtest.URL(t)))
	if err != nil {
		t.Fatal(err)
	}
	tracer := &deadlineTracer{}
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := prepare(t.Context(), pool, "here", testkit.Logger(t)); err != nil {
		t.Fatal(err)
	}
	if len(tracer.with) > 0 || len(tracer.without) < 10 {
		t.Errorf("got a deadline for %q, and none for %d statements; want none for all that Migrate sends",
			tracer.with, len(tracer.without))
	}
}

// The error of a table that is not ours says nothing about the connection, which is good.
func TestErrorOfAMigration(t *testing.T) {
	t.Parallel()
	url := withSchema(t, pgtest.URL(t))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE deskauth_accounts (id int)"); err != nil {
		t.Fatal(err)
	}
	const hint = "check that it runs"
	_, err = openStore(t.Context(), url, testkit.Logger(t))
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL at ") || strings.Contains(err.Error(), hint) {
		t.Errorf("a table that is not ours: got the error %v, want one with its place, and without %q", err, hint)
	}
}
