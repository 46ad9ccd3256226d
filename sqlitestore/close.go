package sqlitestore

import (
	"context"
	"errors"
	"fmt"
)

// Close waits for the calls under way and ends the store. Later calls return an error, also
// while Close waits. A second Close does nothing and returns nil.
//
// If [Open] made the store, Close closes its database. The last connection to a database
// writes what is in the -wal file into the database file. If [New] made the store, Close
// closes the prepared statements and leaves the database open.
func (s *Store) Close() error {
	s.calls.Lock()
	defer s.calls.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, statement := range s.sql.all() {
		errs = append(errs, statement.close())
	}
	for _, db := range s.owned {
		errs = append(errs, db.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sqlitestore: close: %w", err)
	}
	return nil
}

var errClosed = errors.New("the store is closed")

// enter begins a call. After a nil error the caller calls leave.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.calls.TryRLock() { // Close has it, or waits for it: a call would wait too, without a deadline
		return errClosed
	}
	if s.closed {
		s.calls.RUnlock()
		return errClosed
	}
	return nil
}

func (s *Store) leave() { s.calls.RUnlock() }
