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
		if err != nil {
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
		if begun := exec(waiting, conn, "BEGIN IMMEDIATE"); begun != nil {
			return begun
		}
		err = work(conn)
		if err == nil {
			err = exec(ctx, conn, "COMMIT")
		}
		if err != nil {
			_ = exec(context.WithoutCancel(ctx), conn, "ROLLBACK") // SQLite may have done it
		}
		return nil
	})
	return cmp.Or(waited, err)
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
		err = work(waiting)
		<-s.writing
	case <-waiting.Done():
		err = errors.New("another write of this program did not end")
	}
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the database could not be written within %v: %w", s.patience, err)
	}
	return err
}
