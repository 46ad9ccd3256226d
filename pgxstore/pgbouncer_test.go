//go:build unix

package pgxstore_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TestPgBouncer has far more callers than connections to the server, through PgBouncer in
// transaction mode. With CI=true it runs the whole suite so.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	through := startPgBouncer(t, pgtest.URL(t))
	// Older versions of PgBouncer follow neither prepared statements nor the search_path of
	// a connection string. So the names in the statements have a schema.
	bounced := withParams(t, through, "default_query_exec_mode=exec")
	if testkit.Thorough() {
		storetest.Run(t, emptiedBounced(t, bounced))
	}
	t.Run("ManyClients", func(t *testing.T) {
		store := bouncedStore(t, bounced)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				a := guest(fmt.Sprint("client-", i))
				if err := store.CreateUser(t.Context(), a); err != nil {
					t.Error(err)
				}
				for range 20 {
					got, err := store.UserByID(t.Context(), a.ID)
					if err != nil || got.ID != a.ID {
						t.Errorf("UserByID(%q) = %q, %v", a.ID, got.ID, err)
					}
				}
			})
		}
		wg.Wait()
	})
	t.Run("Deadlines", func(t *testing.T) { boundedThroughPgBouncer(t, bouncedStore(t, bounced), open(t, bounced)) })
}

// boundedThroughPgBouncer wants a write that waits for a lock to end by its deadline, at
// the server. Nothing of the deadline is left for the next client of the same connection.
func boundedThroughPgBouncer(t *testing.T, store *pgxstore.Store, others *pgxpool.Pool) {
	a := guest("waited-for")
	timeout := shown(t, others, "statement_timeout")
	if err := within(t, patience, func(ctx context.Context) error { return store.CreateUser(ctx, a) }); err != nil {
		t.Fatal(err)
	}
	table := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(store), "pgxstore.Store("), ")")
	err := pgx.BeginFunc(t.Context(), open(t, pgtest.URL(t)), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SELECT FROM "+table+" FOR UPDATE"); err != nil {
			return err
		}
		ended := 0
		for late := 0; ended < 6 && late <= mostLate; { // more than PgBouncer has connections
			err := within(t, soon, func(ctx context.Context) error { return store.UpdateUser(ctx, a) })
			switch {
			case !errors.Is(err, context.DeadlineExceeded):
				t.Errorf("UpdateUser of a locked account: got the error %v, want that of statement_timeout", err)
				return nil
			case strings.Contains(err.Error(), "statement timeout"):
				ended++
			default: // the server's answer came too late
				late++
			}
		}
		if ended < 6 {
			t.Errorf("statement_timeout ended %d calls, want 6", ended)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := within(t, patience, func(ctx context.Context) error { return store.UpdateUser(ctx, a) }); err != nil {
		t.Errorf("UpdateUser when the lock is gone: %v", err)
	}
	for range 20 {
		if got := shown(t, others, "statement_timeout"); got != timeout {
			t.Errorf("statement_timeout of another client is %s, want %s as before", got, timeout)
		}
	}
}

// emptiedBounced is emptied behind PgBouncer, whose sessions are those of all its clients.
func emptiedBounced(t *testing.T, bounced string) func(*testing.T) deskauth.UserStore {
	t.Helper()
	pool, admin := open(t, bounced), open(t, pgtest.URL(t))
	schema := newSchema(t, pool)
	store, err := pgxstore.NewTable(pool, schema, "accounts")
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) deskauth.UserStore {
		t.Helper()
		eventually(t, "the calls of the clause before have ended", func() bool {
			const active = `SELECT count(*) FROM pg_stat_activity
				WHERE state <> 'idle' AND pid <> pg_backend_pid() AND query LIKE '%' || $1 || '%'`
			return pool.Stat().AcquiredConns() == 0 && ask(t, admin, active, schema) == 0
		})
		run(t, admin, "DELETE FROM "+schema+".accounts")
		return store
	}
}

// newSchema makes a schema with the table "accounts" in it.
func newSchema(t *testing.T, pool *pgxpool.Pool) (schema string) {
	t.Helper()
	schema = "deskauth_test_" + strings.ToLower(rand.Text())
	store, err := pgxstore.NewTable(pool, schema, "accounts")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run(t, pool, "DROP SCHEMA "+schema+" CASCADE") })
	return schema
}

// bouncedStore returns an empty store behind PgBouncer, in a schema of its own.
func bouncedStore(t *testing.T, bounced string) *pgxstore.Store {
	t.Helper()
	pool := open(t, bounced)
	store, err := pgxstore.NewTable(pool, newSchema(t, pool), "accounts")
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// startPgBouncer starts PgBouncer in front of the database at the URL and returns its URL.
func startPgBouncer(t *testing.T, behind string) string {
	t.Helper()
	program, err := lookPath("pgbouncer", "/usr/sbin/pgbouncer")
	if err != nil {
		testkit.Missing(t, "PgBouncer", "apt-get install pgbouncer", err)
	}
	database, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	// Not t.TempDir: another user may not enter that.
	dir, err := os.MkdirTemp("", "deskauth-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(pgBouncerConfig(database, port)), 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cmd := exec.Command(program, file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
	if os.Geteuid() == 0 { // PgBouncer refuses to run as root
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if t.Failed() {
			t.Logf("PgBouncer says\n%s", log.String())
		}
	})
	user := database.User.Username()
	through := fmt.Sprintf("postgres://%s@127.0.0.1:%d/bounced?sslmode=disable", user, port)
	waitFor(t, withParams(t, through, "default_query_exec_mode=exec"))
	return through
}

func pgBouncerConfig(database *url.URL, port int) string {
	user := "user=" + database.User.Username()
	if password, ok := database.User.Password(); ok {
		user += " password=" + password
	}
	return fmt.Sprintf(`[databases]
bounced = host=%s port=%s dbname=%s %s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`, database.Hostname(), cmp.Or(database.Port(), "5432"), strings.TrimPrefix(database.Path, "/"), user, port)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// waitFor waits until a server answers at the URL.
func waitFor(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			conn.Close(ctx)
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("PgBouncer does not answer: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// lookPath returns the path of the first of the programs that is installed.
func lookPath(names ...string) (path string, err error) {
	for _, name := range names {
		path, err = exec.LookPath(name)
		if err == nil {
			return path, nil
		}
	}
	return "", err
}
