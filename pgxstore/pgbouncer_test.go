//go:build unix

package pgxstore_test

import (
	"context"
	"crypto/rand"
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
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// TestPgBouncer runs the suite through PgBouncer in transaction mode, with far fewer
// connections to the server than the suite has callers.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	through := startPgBouncer(t, pgtest.URL(t))
	// Older versions of PgBouncer follow neither prepared statements nor the search_path of a
	// connection string: the schema goes into the statements.
	bounced := withParams(t, through, "default_query_exec_mode=exec")
	storetest.Run(t, func(t *testing.T) deskauth.UserStore { return bouncedStore(t, bounced) })
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
					if got, err := store.UserByID(t.Context(), a.ID); err != nil || got.ID != a.ID {
						t.Errorf("UserByID(%q) = %q, %v", a.ID, got.ID, err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func bouncedStore(t *testing.T, bounced string) *pgxstore.Store {
	t.Helper()
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	pool := open(t, bounced)
	store, err := pgxstore.NewTable(pool, schema, "accounts")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run(t, pool, "DROP SCHEMA "+schema+" CASCADE") })
	return store
}

// startPgBouncer starts one in front of a database and returns its URL.
func startPgBouncer(t *testing.T, behind string) string {
	t.Helper()
	program, err := lookPath("pgbouncer", "/usr/sbin/pgbouncer")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no PgBouncer, and with CI=true that is a failure: %v", err)
		}
		t.Skipf("no PgBouncer: %v", err)
	}
	u, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	dir, err := os.MkdirTemp("", "deskauth-pgbouncer-") // not the test's, which nobody else may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := fmt.Sprintf(`[databases]
bounced = host=%s port=%s dbname=%s user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`, u.Hostname(), orElse(u.Port(), "5432"), strings.TrimPrefix(u.Path, "/"), u.User.Username(), port)
	if password, ok := u.User.Password(); ok {
		config = strings.Replace(config, "user=", "password="+password+" user=", 1)
	}
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cmd := exec.Command(program, file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
	if os.Geteuid() == 0 { // it refuses to run as root
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
	through := fmt.Sprintf("postgres://%s@127.0.0.1:%d/bounced?sslmode=disable", u.User.Username(), port)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, withParams(t, through, "default_query_exec_mode=exec"))
		if err == nil {
			conn.Close(ctx)
			return through
		}
		time.Sleep(10 * time.Millisecond) // until it listens
	}
	t.Fatalf("PgBouncer does not answer:\n%s", log.String())
	return ""
}

// lookPath looks for a program under any of these names.
func lookPath(names ...string) (path string, err error) {
	for _, name := range names {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
