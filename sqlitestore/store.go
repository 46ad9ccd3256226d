package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/deskauth/deskauth"
)

// A Store is a [deskauth.UserStore] in a SQLite database, with all the abilities that
// deskauth knows. It is safe for concurrent use. Its errors begin with "sqlitestore:" and
// hold no values of an account but its ID.
type Store struct {
	byID, byEmail, list, obstacle *query // on readers
	insert, update, delete, purge *query // on writer
	queries                       []*query
	writer                        *sql.DB

	turn chan struct{} // full while somebody writes
	own  []*sql.DB     // closed with the store, in this order

	use    sync.RWMutex // held for reading by every call
	closed bool
}

// New returns a store in a database that is open already, with any driver. It does nothing
// before the first call: the table has to be there by then, see [Migrate]. The database has
// to be UTF-8, which is SQLite's default, and three settings of it are the caller's:
//
//   - "PRAGMA synchronous = FULL" on every connection, because some drivers are built with
//     NORMAL for WAL mode, this one among them: then what was answered last may be gone after
//     a power failure (https://sqlite.org/pragma.html#pragma_synchronous). With this driver
//     it is "file:accounts.db?_pragma=synchronous(full)".
//   - A busy timeout on every connection, five seconds for instance, because SQLite lets one
//     connection write at a time and the others have to wait for it. This driver has one of a
//     minute, mattn/go-sqlite3 of five seconds; modernc.org/sqlite has none:
//     "?_pragma=busy_timeout(5000)".
//   - WAL mode, in which readers and the writer do not wait for each other
//     (https://sqlite.org/wal.html): "PRAGMA journal_mode = WAL", once for the file.
//
// Statements are prepared anew on each connection that the pool opens. By default it keeps
// two; with db.SetMaxIdleConns as high as db.SetMaxOpenConns it keeps all.
//
// A call of the store inside a transaction of the caller's that has written waits for that
// transaction, in vain.
func New(db *sql.DB) *Store { return newStore(db, db) }

func newStore(readers, writer *sql.DB) *Store {
	s := &Store{writer: writer, turn: make(chan struct{}, 1)}
	keep := func(db *sql.DB, text string) *query {
		q := &query{db: db, text: text}
		s.queries = append(s.queries, q)
		return q
	}
	s.byID, s.byEmail = keep(readers, byIDSQL), keep(readers, byEmailSQL)
	s.list, s.obstacle = keep(readers, listSQL), keep(readers, obstacleSQL)
	s.insert, s.update = keep(writer, insertSQL), keep(writer, updateSQL)
	s.delete, s.purge = keep(writer, deleteSQL), keep(writer, purgeSQL)
	return s
}

// Close waits for the calls under way and ends the store: later calls return an error. Of a
// store that [Open] made it closes the database, and the last one to close a database writes
// what is in its -wal file back into the file. Of a store that [New] made it closes the
// prepared statements and leaves the database open.
//
// A second Close does nothing.
func (s *Store) Close() error {
	s.use.Lock()
	defer s.use.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, q := range s.queries {
		errs = append(errs, q.close())
	}
	for _, db := range s.own {
		errs = append(errs, db.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sqlitestore: close: %w", err)
	}
	return nil
}

// enter begins a call. Without an error, leave has to end it.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.use.RLock()
	if s.closed {
		s.use.RUnlock()
		return errors.New("the store is closed")
	}
	return nil
}

func (s *Store) leave() { s.use.RUnlock() }

// startWriting waits for the store's turn to write, as long as ctx allows. SQLite has one
// writer at a time and lets others try again and again: here they stand in line. Without an
// error, stopWriting has to follow.
func (s *Store) startWriting(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) stopWriting() { <-s.turn }

// write runs a statement and returns how many rows it changed.
func (s *Store) write(ctx context.Context, q *query, values ...any) (rows int64, err error) {
	if err := s.startWriting(ctx); err != nil {
		return 0, err
	}
	defer s.stopWriting()
	stmt, err := q.stmt(ctx)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, values...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// explain names the store in an error, and the context's error if that is what is behind it:
// drivers tell of an "interrupted" statement, or that the database was busy.
func explain(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("sqlitestore: %w: %w", ended, err)
	}
	return fmt.Errorf("sqlitestore: %w", err)
}

// Format implements [fmt.Formatter]: neither accounts nor the database are printed.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprint(f, "sqlitestore.Store") }

var _ interface {
	deskauth.UserStore
	deskauth.IdlePurger
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)
