package pgxstore_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A listener is a tracer that records the statements.
type listener struct{ sql []string }

func (l *listener) TraceQueryStart(
	ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData,
) context.Context {
	l.sql = append(l.sql, data.SQL)
	return ctx
}

func (l *listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestP10_OneRoundTrip counts how often the client waits for the server: first with
// prepared statements, then without any, as behind PgBouncer.
func TestP10_OneRoundTrip(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec"} {
		var trips atomic.Int64
		cfg, err := pgxpool.ParseConfig(withSchema(t, "default_query_exec_mode="+mode))
		if err != nil {
			t.Fatal(err)
		}
		cfg.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			return &countingConn{Conn: conn, trips: &trips}, err
		}
		pool := openConfig(t, cfg)
		if err := pgxstore.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		store := pgxstore.New(pool)
		if err := store.CreateUser(t.Context(), guest("stored")); err != nil {
			t.Fatal(err)
		}
		for name, call := range (&rig{store: store}).calls() {
			for _, deadline := range []bool{false, true} {
				for range 2 { // the second time, pgx has prepared the statement
					trips.Store(0)
					ctx, cancel := context.WithCancel(t.Context())
					if deadline { // the store puts a guard before what writes
						ctx, cancel = context.WithTimeout(ctx, patience)
					}
					err := call(ctx)
					cancel()
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
				if got := trips.Load(); got != 1 {
					t.Errorf("%s, %s, deadline %t: %d round trips, want 1", mode, name, deadline, got)
				}
			}
		}
	}
}

// A countingConn counts the round trips: how often a write follows a read.
type countingConn struct {
	net.Conn
	trips *atomic.Int64
	wrote atomic.Bool
}

func (c *countingConn) Write(b []byte) (int, error) {
	if !c.wrote.Swap(true) {
		c.trips.Add(1)
	}
	return c.Conn.Write(b)
}

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.wrote.Store(false)
	}
	return n, err
}

// TestEveryStatementUsesAnIndex asks PostgreSQL for the plan of each statement, on a table
// so large that it prefers an index.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	t.Parallel()
	heard := new(listener)
	cfg, err := pgxpool.ParseConfig(withSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.Tracer = heard
	pool := openConfig(t, cfg)
	if err := pgxstore.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	run(t, pool, `INSERT INTO deskauth_accounts
			(id, kind, email, last_active_at, created_at, updated_at)
		SELECT 'id-' || n, (ARRAY['guest', 'user', 'userexternal'])[n % 3 + 1], n || '@example.com',
			now() - n * interval '1 minute', now(), now() FROM generate_series(1, 20000) n`)
	run(t, pool, "ANALYZE deskauth_accounts")
	store, stored := pgxstore.New(pool), guest("stored")
	if err := store.CreateUser(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	calls := (&rig{store: store}).calls()
	calls["PurgeIdle, external users"] = func(ctx context.Context) error {
		_, err := store.PurgeIdle(ctx, deskauth.KindExternal, stored.CreatedAt, 10)
		return err
	}
	calls["LastActivity, external users"] = func(ctx context.Context) error {
		_, err := store.LastActivity(ctx, deskauth.KindExternal, time.Now())
		return err
	}
	for name, c := range map[string]struct {
		index string
		args  []any
	}{
		"UserByID":    {"deskauth_accounts_pkey", []any{"id-7"}},
		"UserByEmail": {"deskauth_accounts_email", []any{"7@example.com"}},
		"UpdateUser": {"deskauth_accounts_pkey", []any{"id-7", "user", "", false, "", "", "", "", nil,
			"", false, 0, nil, 0, nil, stored.CreatedAt, stored.CreatedAt}},
		"ListUsers":  {"deskauth_accounts_pkey", []any{"id-7", 100}},
		"DeleteUser": {"deskauth_accounts_pkey", []any{"id-7"}},

		"PurgeIdle":                    {"deskauth_accounts_idle_guests", []any{stored.CreatedAt, 100}},
		"PurgeIdle, external users":    {"deskauth_accounts_idle_externals", []any{stored.CreatedAt, 100}},
		"LastActivity":                 {"deskauth_accounts_idle_guests", []any{time.Now()}},
		"LastActivity, external users": {"deskauth_accounts_idle_externals", []any{time.Now()}},
	} {
		heard.sql = nil
		if err := calls[name](t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sql := heard.sql[len(heard.sql)-1]
		for _, plan := range []string{"force_custom_plan", "force_generic_plan"} {
			text := explain(t, pool, plan, sql, c.args)
			if !strings.Contains(text, c.index) || strings.Contains(text, "Seq Scan") {
				t.Errorf("%s, %s: got the plan\n%s\nwant the index %s and no Seq Scan for\n%s",
					name, plan, text, c.index, sql)
			}
		}
	}
}

// explain returns PostgreSQL's plan for a statement, made in the way that plan_cache_mode
// says.
func explain(t *testing.T, pool *pgxpool.Pool, plan, sql string, args []any) string {
	t.Helper()
	var lines []string
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = "+plan); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), "EXPLAIN "+sql, args...)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatalf("EXPLAIN %s: %v", sql, err)
	}
	return strings.Join(slices.Compact(lines), "\n")
}
