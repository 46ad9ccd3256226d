package sqlitestore

import "context"

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

// write runs a statement and returns how many rows it changed.
func (s *Store) write(
	ctx context.Context, change *statement, args ...any,
) (rows int64, err error) {
	if err := s.startWriting(ctx); err != nil {
		return 0, err
	}
	defer s.stopWriting()
	stmt, err := change.prepare(ctx)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// startWriting waits for the store's turn to write, as long as ctx allows. SQLite has one
// writer at a time, and lets the others try again and again. Here they stand in line. After
// a nil error the caller calls stopWriting.
func (s *Store) startWriting(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) stopWriting() { <-s.writing }
