package pgxstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A failover is a pool, and a switch that makes its new sessions read-only. Sessions stay
// as they are: so a failover leaves them on the server that writes no more.
type failover struct {
	store    *pgxstore.Store
	pool     *pgxpool.Pool
	admin    *pgxpool.Pool
	name     string // of the pool's sessions
	readOnly atomic.Bool
}

func newFailover(t *testing.T, params ...string) *failover {
	t.Helper()
	url := withSchema(t)
	f := &failover{admin: open(t, url), name: rand.Text()}
	cfg, err := pgxpool.ParseConfig(withParams(t, url, append(params, "application_name="+f.name)...))
	if err != nil {
		t.Fatal(err)
	}
	cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		if f.readOnly.Load() {
			c.RuntimeParams["default_transaction_read_only"] = "on"
		}
		return nil
	}
	f.pool = openConfig(t, cfg)
	f.store = pgxstore.New(f.pool)
	if err := pgxstore.Migrate(t.Context(), f.admin); err != nil {
		t.Fatal(err)
	}
	return f
}

// openAll opens all connections of a pool.
func openAll(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
	}
}

// disconnect ends the sessions of the pool.
func (f *failover) disconnect() error {
	_, err := f.admin.Exec(context.Background(),
		"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1", f.name)
	return err
}

// writes makes 40 writes from a few goroutines, and wants each to succeed.
func writes(t *testing.T, store *pgxstore.Store) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 10 {
				id := fmt.Sprintf("after the failover %d-%d", i, n)
				err := within(t, patience, func(ctx context.Context) error { return store.CreateUser(ctx, guest(id)) })
				if err != nil {
					t.Errorf("CreateUser after a failover: got the error %v, want nil", err)
				}
			}
		})
	}
	wg.Wait()
}

// All sessions of a pool are read-only, and new ones are not. Each write succeeds, the
// first one too. A connection is closed once.
func TestReadOnlySessions(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			f := newFailover(t, "default_query_exec_mode="+mode)
			f.readOnly.Store(true)
			openAll(t, f.pool)
			f.readOnly.Store(false)
			made := f.pool.Stat().NewConnsCount()
			writes(t, f.store)
			if n, most := f.pool.Stat().NewConnsCount()-made, int64(f.pool.Config().MaxConns); n > most {
				t.Errorf("%d connections were made, want at most one for each of the %d that were read-only", n, most)
			}
		})
	}
}

// PostgreSQL does not tell a session when it began if it has taken another role.
func TestReadOnlySessions_AnotherRole(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	role := currentSchema(t, f.admin) + "_app"
	run(t, f.admin, "CREATE ROLE "+role+"; CREATE ROLE "+role+"_login LOGIN IN ROLE "+role)
	t.Cleanup(func() {
		run(t, open(t, pgtest.URL(t)),
			"DROP OWNED BY "+role+"; DROP ROLE "+role+"_login; DROP ROLE "+role)
	})
	run(t, f.admin, fmt.Sprintf(`GRANT USAGE ON SCHEMA %s TO %s;
		GRANT SELECT, INSERT, UPDATE, DELETE ON deskauth_accounts TO %[2]s`, currentSchema(t, f.admin), role))
	cfg := f.pool.Config()
	cfg.ConnConfig.User = role + "_login"
	cfg.ConnConfig.RuntimeParams["role"] = role
	pool := openConfig(t, cfg)
	f.readOnly.Store(true)
	openAll(t, pool)
	f.readOnly.Store(false)
	writes(t, pgxstore.New(pool))
}

// Every session of a large pool is read-only, and all of them get a write at once.
func TestReadOnlySessions_LargePool(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	cfg := f.pool.Config()
	cfg.MaxConns = 64
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	f.readOnly.Store(true)
	openAll(t, pool)
	f.readOnly.Store(false)
	store := pgxstore.New(pool)
	var wg sync.WaitGroup
	for range cfg.MaxConns {
		wg.Go(func() {
			err := within(t, patience, func(ctx context.Context) error {
				return store.CreateUser(ctx, guest(rand.Text()))
			})
			if err != nil {
				t.Errorf("CreateUser on a read-only session of a large pool: got the error %v, want nil", err)
			}
		})
	}
	wg.Wait()
}

// Each method that writes finds a session that can.
func TestReadOnlySessions_EveryMethod(t *testing.T) {
	t.Parallel()
	for name := range (&rig{}).calls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFailover(t)
			if err := pgxstore.New(f.admin).CreateUser(t.Context(), guest("stored")); err != nil {
				t.Fatal(err)
			}
			f.readOnly.Store(true)
			openAll(t, f.pool)
			f.readOnly.Store(false)
			if err := within(t, patience, (&rig{store: f.store}).calls()[name]); err != nil {
				t.Errorf("%s: got the error %v, want nil", name, err)
			}
		})
	}
}

// The whole database is read-only. Writes fail, and not each of them opens a connection.
// Look-ups go on, and so does everything when writing is possible again.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	if err := f.store.CreateUser(t.Context(), guest("stored")); err != nil {
		t.Fatal(err)
	}
	f.readOnly.Store(true)
	f.pool.Reset()
	openAll(t, f.pool)
	begin, made, failed := time.Now(), f.pool.Stat().NewConnsCount(), 0
	for ; failed < 80; failed++ {
		err := f.store.CreateUser(t.Context(), guest(rand.Text()))
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "25006" || isAnswer(err) {
			t.Fatalf("CreateUser in a read-only database: got the error %v, want that it is read-only", err)
		}
		if _, err := f.store.UserByID(t.Context(), "stored"); err != nil {
			t.Fatalf("UserByID in a read-only database: %v", err)
		}
	}
	// 32 may be made at once, and 20 a second after that.
	most := 34 + int64(20*time.Since(begin)/time.Second)
	if n := f.pool.Stat().NewConnsCount() - made; n > most {
		t.Errorf("%d writes failed and %d connections were made, want at most %d", failed, n, most)
	}
	f.readOnly.Store(false)
	eventually(t, "a write succeeds", func() bool {
		return f.store.CreateUser(t.Context(), guest(rand.Text())) == nil
	})
}

// TestRunFaults_Failover makes sessions read-only as a failover does, and leaves them so.
func TestRunFaults_Failover(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
		f := newFailover(t)
		return f.store, storetest.Backdoor{
			ReadOnly: func(on bool) error {
				f.readOnly.Store(on)
				if on {
					f.pool.Reset() // closes the sessions that can write
				}
				return nil
			},
		}
	})
}

// A server becomes read-only while a proxy sends new connections to another one. Open
// sessions stay on the old server.
func TestFailoverToAnotherServer(t *testing.T) {
	t.Parallel()
	primary, next := pgtest.Start(t), pgtest.Start(t)
	proxy := pgtest.StartProxy(t, primary.URL())
	pool, onNext := open(t, proxy.URL()), open(t, next.URL())
	store := pgxstore.New(pool)
	for _, p := range []*pgxpool.Pool{pool, onNext} {
		if err := pgxstore.Migrate(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	openAll(t, pool)
	run(t, pool, "ALTER SYSTEM SET default_transaction_read_only = on")
	run(t, pool, "SELECT pg_reload_conf()")
	eventually(t, "the old server is read-only", func() bool {
		return store.CreateUser(t.Context(), guest(rand.Text())) != nil
	})
	proxy.Redirect(t, next.URL())
	writes(t, store)
	if n := ask(t, onNext, "SELECT count(*) FROM deskauth_accounts"); n != 40 {
		t.Errorf("the new server has %d accounts, want all 40", n)
	}
}
