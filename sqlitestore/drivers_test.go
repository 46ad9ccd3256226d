package sqlitestore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	sqlite "github.com/ncruces/go-sqlite3/driver"
)

// A faultyDriver is a driver that fault meddles with: it gets each statement that is run
// without being prepared, and runs it.
type faultyDriver struct {
	path  string
	fault func(ctx context.Context, query string, run func() (driver.Result, error)) (driver.Result, error)
}

func (d *faultyDriver) Driver() driver.Driver { return &sqlite.SQLite{} }

func (d *faultyDriver) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite.SQLite{}).Open("file:" + d.path + "?_pragma=busy_timeout(0)")
	return &faultyConn{conn, d}, err
}

type faultyConn struct {
	driver.Conn
	driver *faultyDriver
}

func (c *faultyConn) ExecContext(
	ctx context.Context, query string, args []driver.NamedValue,
) (driver.Result, error) {
	return c.driver.fault(ctx, query, func() (driver.Result, error) {
		return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	})
}

// openFaulty opens a database through a driver that does nothing wrong yet.
func openFaulty(t *testing.T, path string) (*faultyDriver, *sql.DB) {
	t.Helper()
	d := &faultyDriver{path: path}
	d.fault = honest
	db := sql.OpenDB(d)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return d, db
}

func honest(_ context.Context, _ string, run func() (driver.Result, error)) (driver.Result, error) {
	return run()
}

// transactions has a call of everything that begins a transaction.
func transactions(store *sqlitestore.Store, db *sql.DB) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Migrate": func(ctx context.Context) error {
			if _, err := db.Exec(`DROP TABLE IF EXISTS deskauth_accounts_migrations`); err != nil {
				return err
			}
			return sqlitestore.Migrate(ctx, db)
		},
		"PurgeIdle": func(ctx context.Context) error {
			_, err := store.PurgeIdle(ctx, deskauth.KindGuest, time.Unix(0, 0), 10)
			return err
		},
		"ImportUsers": func(ctx context.Context) error {
			_, err := store.ImportUsers(ctx, []deskauth.Account{account("imported")}, anyone)
			return err
		},
	}
}

// modernc.org/sqlite returns the context's error when that has ended, also of a statement
// that it has carried out. A transaction that began so does not stay open: what later calls
// acknowledge is in the file.
func TestABeginThatSaysItFailed(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Migrate", "PurgeIdle", "ImportUsers"} {
		path := newPath(t)
		d, db := openFaulty(t, path)
		store := newStore(t, db)
		call := transactions(store, db)[method]
		d.fault = func(_ context.Context, query string, run func() (driver.Result, error)) (driver.Result, error) {
			result, err := run()
			if err == nil && query == "BEGIN IMMEDIATE" {
				return nil, context.Canceled
			}
			return result, err
		}
		if err := call(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s whose context ended: got the error %v, want %v", method, err, context.Canceled)
		}
		d.fault = honest
		if err := store.CreateUser(t.Context(), account("a")); err != nil {
			t.Errorf("CreateUser after %s: got the error %v, want nil", method, err)
		}
		other := openDB(t, "file:"+path+"?_pragma=busy_timeout(0)")
		if n := number(t, other, `SELECT count(*) FROM deskauth_accounts`); n != 1 {
			t.Errorf("after %s, another process sees %d of the accounts that were created, want 1", method, n)
		}
		if err := call(t.Context()); err != nil {
			t.Errorf("%s again: got the error %v, want nil", method, err)
		}
	}
}

// An old modernc.org/sqlite leaves a statement out when the context has ended, and returns
// no error. Nothing is acknowledged then, and nothing stays open.
func TestAStatementThatIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"BEGIN", "COMMIT"} {
		for _, method := range []string{"Migrate", "PurgeIdle", "ImportUsers"} {
			path := newPath(t)
			d, db := openFaulty(t, path)
			store := newStore(t, db)
			call := transactions(store, db)[method]
			ctx, cancel := context.WithCancel(t.Context())
			d.fault = func(_ context.Context, query string, run func() (driver.Result, error)) (driver.Result, error) {
				if strings.HasPrefix(query, statement) {
					cancel()
					return driver.RowsAffected(1), nil
				}
				return run()
			}
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s without its %s: got the error %v, want %v", method, statement, err, context.Canceled)
			}
			d.fault = honest
			if err := store.CreateUser(t.Context(), account("a")); err != nil {
				t.Errorf("CreateUser after %s: got the error %v, want nil", method, err)
			}
			other := openDB(t, "file:"+path+"?_pragma=busy_timeout(0)")
			if n := number(t, other, `SELECT count(*) FROM deskauth_accounts`); n != 1 {
				t.Errorf("after %s without its %s, another process sees %d accounts, want 1", method, statement, n)
			}
		}
	}
}

// A driver that panics keeps no other call from writing, and no transaction open.
func TestAPanicGivesTheTurnBack(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	d, db := openFaulty(t, path)
	store := newStore(t, db)
	created := 0
	for _, method := range []string{"PurgeIdle", "ImportUsers"} {
		for _, statement := range []string{"BEGIN", "DELETE", "COMMIT"} {
			d.fault = func(_ context.Context, query string, run func() (driver.Result, error)) (driver.Result, error) {
				if strings.HasPrefix(query, statement) {
					panic("a bug in a driver")
				}
				return run()
			}
			panicked := panics(func() { _ = transactions(store, db)[method](t.Context()) })
			if statement != "DELETE" && !panicked {
				t.Errorf("%s: the panic of %s did not come through", method, statement)
			}
			d.fault = honest
			if !panicked {
				continue
			}
			if err := store.CreateUser(t.Context(), account(method+statement)); err != nil {
				t.Errorf("CreateUser after a panic of %s in %s: got the error %v, want nil", statement, method, err)
			}
			created++
			other := openDB(t, "file:"+path+"?_pragma=busy_timeout(0)")
			const count = `SELECT count(*) FROM deskauth_accounts WHERE id <> 'imported'`
			if n := number(t, other, count); n != created {
				t.Errorf("after a panic of %s in %s, another process sees %d accounts, want %d", statement, method, n, created)
			}
		}
	}
	if created != 5 {
		t.Errorf("the driver panicked %d times, want 5: DELETE is of PurgeIdle alone", created)
	}
}

func panics(call func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	call()
	return false
}
