package pgxstore

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lockPatience is how long Migrate tries to lock the table.
	lockPatience = time.Minute
	// lockTimeout is how long one try takes, in which look-ups wait behind it.
	lockTimeout = 500 * time.Millisecond
	// lockPause is how long look-ups have to themselves before the next one.
	lockPause = time.Second
)

// lock locks the table, if it exists, for steps that change it. It cannot while another
// transaction is open that has used the table, and whatever comes after it waits behind it.
// So lock gives up after a moment and tries again later. Other processes that migrate wait
// for this one, and do not try in its pauses.
func (t table) lock(ctx context.Context, tx pgx.Tx, patience time.Duration) error {
	var exists bool
	err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", t.String()).Scan(&exists)
	if err != nil || !exists {
		return err
	}
	for begin := time.Now(); ; {
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint
			_, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d; "+
				"LOCK TABLE %s IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = 0",
				lockTimeout.Milliseconds(), t))
			return err
		})
		if err == nil || ctx.Err() == nil && !hasCode(err, lockNotAvailable) {
			return err
		}
		if ctx.Err() == nil && time.Since(begin) < patience {
			select {
			case <-ctx.Done():
			case <-time.After(lockPause):
				continue
			}
		}
		return fmt.Errorf("other transactions have held the table for %v; end them, such as a pg_dump "+
			"or a report, and call Migrate again (SELECT pid FROM pg_locks WHERE relation = '%s'::regclass): %w",
			time.Since(begin).Round(time.Millisecond), t, cmp.Or(ctx.Err(), err))
	}
}
