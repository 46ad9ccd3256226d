package pgxstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	soon     = 400 * time.Millisecond // a deadline that a call misses
	later    = 10 * time.Second       // one that it does not; pgx gives up a silent connection after 15 s
	patience = 30 * time.Second       // far more than anything here takes
)

// modes are the ways in which pgx sends statements: with CI=true all, elsewhere two that
// differ in all that can matter.
var modes = func() []string {
	if testkit.Thorough() {
		return []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}
	}
	return []string{"cache_statement", "simple_protocol"}
}()

// A rig is a store whose database a test can take away. The account "stored" is in it.
type rig struct {
	store *pgxstore.Store
	pool  *pgxpool.Pool
	proxy *pgtest.Proxy // between them
	admin *pgxpool.Pool // goes past the proxy
	name  string        // of the pool's sessions
}

// newRig returns a rig whose pool has all its connections open. On each of them pgx has
// prepared every statement, and the store has learned the server's clock.
func newRig(t *testing.T, params ...string) *rig {
	t.Helper()
	direct := withSchema(t)
	r := &rig{proxy: pgtest.StartProxy(t, direct), admin: open(t, direct), name: rand.Text()}
	params = append(params, "application_name="+r.name, "connect_timeout=4")
	cfg, err := pgxpool.ParseConfig(withParams(t, r.proxy.URL(), params...))
	if err != nil {
		t.Fatal(err)
	}
	// pgx pings connections that were idle for a second. Where nothing answers, it keeps
	// the place of such a connection for 15 seconds. Here the store finds that out.
	cfg.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	r.pool = openConfig(t, cfg)
	t.Cleanup(r.proxy.Break) // pgx takes 15 s to close a connection that is silent
	r.store = pgxstore.New(r.pool)
	if err := r.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.store.CreateUser(t.Context(), guest("stored")); err != nil {
		t.Fatal(err)
	}
	r.warm(t)
	return r
}

// warm makes every call once on each connection of the pool.
func (r *rig) warm(t *testing.T) {
	t.Helper()
	var all []*pgxpool.Conn
	for range r.pool.Config().MaxConns {
		conn, err := r.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		all = append(all, conn)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, conn := range all {
		conn.Release() // now it is the only free one
		for name, call := range r.calls() {
			if err := call(ctx); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		taken, err := r.pool.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Release()
	}
	run(t, r.admin, "DELETE FROM deskauth_accounts WHERE id <> 'stored'")
}

// calls has a call of every method, for any number of goroutines at once. Their answers
// are success.
func (r *rig) calls() map[string]func(context.Context) error {
	stored := guest("stored")
	return map[string]func(context.Context) error{
		"UserByID": func(ctx context.Context) error {
			_, err := r.store.UserByID(ctx, stored.ID)
			return err
		},
		"UserByEmail": func(ctx context.Context) error {
			_, err := r.store.UserByEmail(ctx, stored.Email)
			return err
		},
		"CreateUser": func(ctx context.Context) error {
			return r.store.CreateUser(ctx, guest("new "+rand.Text()))
		},
		"UpdateUser": func(ctx context.Context) error {
			return unless(r.store.UpdateUser(ctx, stored), deskauth.ErrConflict)
		},
		"ListUsers": func(ctx context.Context) error {
			_, err := r.store.ListUsers(ctx, "", 10)
			return err
		},
		"LastActivity": func(ctx context.Context) error {
			_, err := r.store.LastActivity(ctx, deskauth.KindGuest, time.Now())
			return err
		},
		"ImportUsers": func(ctx context.Context) error {
			_, err := r.store.ImportUsers(ctx, []deskauth.Account{
				guest("new " + rand.Text()), guest("new " + rand.Text()),
			}, nil)
			return err
		},
		"PurgeIdle": func(ctx context.Context) error {
			_, err := r.store.PurgeIdle(ctx, deskauth.KindGuest, stored.LastActiveAt.Add(-time.Hour), 10)
			return err
		},
		"DeleteUser": func(ctx context.Context) error {
			return unless(r.store.DeleteUser(ctx, "nobody"), deskauth.ErrUserNotFound)
		},
	}
}

// unless returns the error, but nil for an answer.
func unless(err, answer error) error {
	if errors.Is(err, answer) {
		return nil
	}
	return err
}

// accounts counts the accounts beside "stored".
func (r *rig) accounts(t *testing.T) int {
	t.Helper()
	return ask(t, r.admin, "SELECT count(*) FROM deskauth_accounts WHERE id <> 'stored'")
}

// sessions counts the sessions of the pool at the server: all, or those with a statement.
func (r *rig) sessions(t *testing.T, active bool) int {
	t.Helper()
	return ask(t, r.admin, `SELECT count(*) FROM pg_stat_activity
		WHERE application_name = $1 AND (state = 'active' OR NOT $2)`, r.name, active)
}

// ask returns the number that a query gives.
func ask(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// shown returns a setting as a session of the pool has it.
func shown(t *testing.T, pool *pgxpool.Pool, setting string) (value string) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), "SHOW "+setting).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for since := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(since) > patience {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// within makes a call with a deadline. An error that says that this has passed comes when
// it has.
func within(t *testing.T, d time.Duration, call func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	err := call(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		t.Errorf("%v: got that before it was true", err)
	}
	return err
}
