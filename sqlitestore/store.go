package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

// Store is a [deskauth.UserStore] in a SQLite database, with all the optional abilities.
// Make one with [Open] or [New]. It is safe for concurrent use.
//
// Calls that write take turns. Errors begin with "sqlitestore:". They contain no value of
// an account but its ID.
type Store struct {
	readers, writer *sql.DB // of a store that New made, the same
	sql             statements

	writing  chan struct{} // full while a call writes
	patience time.Duration // how long a call waits for its turn and the lock together
	owned    []*sql.DB     // Close closes them, in this order

	calls  sync.RWMutex // each call holds it for reading, Close for writing
	closed bool
}

var _ deskauth.UserStore = (*Store)(nil)

// New returns a store in a database that is already open, with any driver. It does nothing
// before its first call. The table must exist by then: see [Migrate].
//
// The database must be encoded in UTF-8, which is SQLite's default. Three more settings are
// the caller's:
//
//   - "PRAGMA synchronous = FULL" on every connection. Some drivers are built with NORMAL
//     for WAL mode, also that of [Open]. Then a power failure may take back the last
//     changes (https://sqlite.org/pragma.html#pragma_synchronous). With the driver of Open,
//     write "file:accounts.db?_pragma=synchronous(full)".
//   - A busy timeout on every connection, five seconds for instance. SQLite lets one
//     connection write at a time, and the others wait that long. The default is one minute
//     with the driver of Open, and five seconds with mattn/go-sqlite3. With
//     modernc.org/sqlite it is zero: write "?_pragma=busy_timeout(5000)". A call gives up
//     after five seconds, in line and before the lock together, if the driver ends the
//     second wait with the context, as that of Open does.
//   - WAL mode, in which readers and the writer do not wait for each other
//     (https://sqlite.org/wal.html). Run "PRAGMA journal_mode = WAL" once for the file.
//
// The store prepares its statements on each connection that the pool opens. By default the
// pool keeps two connections. To keep all, give SetMaxIdleConns the number of
// SetMaxOpenConns.
//
// Do not call the store inside a transaction of yours that has written: the call waits for
// that transaction until its busy timeout or its context ends.
func New(db *sql.DB) *Store { return newStore(db, db) }

func newStore(readers, writer *sql.DB) *Store {
	return &Store{
		readers: readers, writer: writer,
		sql:     statementsOn(readers, writer),
		writing: make(chan struct{}, 1), patience: busyTimeout,
	}
}

// CreateUser implements [deskauth.UserStore].
func (s *Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	return s.run(ctx, func() error {
		row, err := values(&a)
		if err != nil {
			return err
		}
		created, err := s.write(ctx, s.sql.createUser, row...)
		if err == nil && created == 0 {
			return deskauth.ErrUserExists
		}
		return err
	})
}

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.userByID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.userByEmail, email)
}

// UpdateUser implements [deskauth.UserStore].
func (s *Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	return s.run(ctx, func() error {
		row, err := values(&a)
		if err != nil {
			return err
		}
		updated, err := s.write(ctx, s.sql.updateUser, row...)
		if err == nil && updated == 0 {
			return s.whyNotUpdated(ctx, a)
		}
		return err
	})
}

// Format implements [fmt.Formatter]. It prints neither accounts nor the database.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprint(f, "sqlitestore.Store") }

// find returns the account that a query finds under the key.
func (s *Store) find(
	ctx context.Context, query *statement, key string,
) (a deskauth.Account, err error) {
	err = s.run(ctx, func() error {
		if !isText(key) { // a driver may cut it to the key of an account
			return deskauth.ErrUserNotFound
		}
		stmt, err := query.prepare(ctx)
		if err != nil {
			return err
		}
		a, err = scan(stmt.QueryRowContext(ctx, key))
		return err
	})
	return a, err
}

// whyNotUpdated returns the reason why an update changed no row.
func (s *Store) whyNotUpdated(ctx context.Context, a deskauth.Account) error {
	stmt, err := s.sql.whyNotUpdated.prepare(ctx)
	if err != nil {
		return err
	}
	var version int64
	var emailTaken bool
	err = stmt.QueryRowContext(ctx, a.Email, a.ID).Scan(&version, &emailTaken)
	if err != nil {
		return err
	}
	if version == a.Version && emailTaken {
		return deskauth.ErrUserExists
	}
	// If the versions are equal, the account or the address changed between the two
	// statements. As with any conflict, the caller reads and tries again.
	return deskauth.ErrConflict
}
