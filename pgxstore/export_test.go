package pgxstore

import (
	"context"
	"time"
)

// What only the tests of this package use.

// SetAhead sets how far the store takes the server's clock to be ahead.
func (s *Store) SetAhead(d time.Duration) { s.ahead.Store(int64(d)) }

// Ahead returns it.
func (s *Store) Ahead() time.Duration { return time.Duration(s.ahead.Load()) }

// Detach returns the context in which a call's statement runs.
var Detach = detach

// TriggerSQL makes the trigger that raises version.
const TriggerSQL = triggerSQL

// MigrateWithin is Migrate, which tries to lock the table for so long.
func (s *Store) MigrateWithin(ctx context.Context, patience time.Duration) error {
	all, err := steps()
	if err != nil {
		return err
	}
	return s.migrate(ctx, all, patience)
}
