package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// run makes one call of the store, for which Close waits. It turns an error into the one
// that the contract names.
func (s *Store) run(ctx context.Context, call func() error) error {
	if err := s.enter(ctx); err != nil {
		return storeError(ctx, err)
	}
	defer s.leave()
	if err := call(); err != nil {
		return storeError(ctx, err)
	}
	return nil
}

// write runs a statement that changes a row, and returns how many it changed.
func (s *Store) write(
	ctx context.Context, change *statement, args ...any,
) (rows int64, err error) {
	err = s.inTurn(ctx, func(waiting context.Context) error {
		stmt, err := change.prepare(waiting)
		if err != nil {
			return err
		}
		result, err := stmt.ExecContext(waiting, args...)
		if err = cmp.Or(err, waiting.Err()); err != nil { // see exec
			return err
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}

// transact runs work in one transaction. When that has begun, it takes as long as ctx
// allows.
func (s *Store) transact(ctx context.Context, work func(conn *sql.Conn) error) error {
	var err error
	waited := s.inTurn(ctx, func(waiting context.Context) error {
		conn, begun := s.writer.Conn(waiting)
		if begun != nil {
			return begun
		}
		defer conn.Close()
		if begun := begin(waiting, conn); begun != nil {
			return begun
		}
		err = commit(ctx, conn, func() error { return work(conn) })
		return nil
	})
	return cmp.Or(waited, err)
}

// begin begins a transaction that may write. Not db.BeginTx: database/sql has no option for
// an immediate transaction.
//
// If ctx ends at that moment, some drivers return its error although the transaction has
// begun. It must not stay open: the connection goes back to the pool, and what later calls
// write on it would be lost.
func begin(ctx context.Context, conn *sql.Conn) error {
	err := exec(ctx, conn, "BEGIN IMMEDIATE")
	if err != nil {
		rollback(ctx, conn)
	}
	return err
}

// commit runs work in the transaction that has begun and commits it, or rolls it back, also
// if a driver panics.
func commit(ctx context.Context, conn *sql.Conn, work func() error) (err error) {
	done := false
	defer func() {
		if !done {
			rollback(ctx, conn)
		}
	}()
	if err := work(); err != nil {
		return err
	}
	err = exec(ctx, conn, "COMMIT")
	done = err == nil
	return err
}

// rollback ends a transaction, also when ctx has ended. If there is none, SQLite has rolled
// it back by itself.
func rollback(ctx context.Context, conn *sql.Conn) {
	_ = exec(context.WithoutCancel(ctx), conn, "ROLLBACK")
}

// inTurn runs work when it is the call's turn to write. SQLite has one writer at a time,
// and lets the others try again and again. Here they stand in line.
//
// The context that work gets ends when the call has waited long enough: in line, and for
// the lock that another process holds, together. So no call waits longer because others
// wait before it.
func (s *Store) inTurn(ctx context.Context, work func(waiting context.Context) error) error {
	waiting, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	var err error
	select {
	case s.writing <- struct{}{}:
		err = s.work(waiting, work)
	case <-waiting.Done():
		err = errors.New("another write of this program did not end")
	}
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the database could not be written within %v: %w", s.patience, err)
	}
	return err
}

// work runs work and gives the turn back, also when a driver panics.
func (s *Store) work(ctx context.Context, work func(ctx context.Context) error) error {
	defer func() { <-s.writing }()
	return work(ctx)
}
