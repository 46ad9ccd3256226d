package pgxstore

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// maxTries bounds how often run makes a call that loses every race.
	maxTries = 100
	// longestWait bounds how long run waits before it tries again: a few times what a
	// statement takes.
	longestWait = 10 * time.Millisecond
)

// run makes one call of the store, of one statement. It turns an error into the one that
// the contract names.
//
// A statement that lost a race did nothing, so run makes the call again, which sees what
// the race has left. At a higher isolation level than the default, PostgreSQL reports a
// lost race as a failed transaction. Losers wait for a random time, so that they do not
// meet again.
func (s *Store) run(ctx context.Context, call func() error) error {
	for tries := 1; ; tries++ {
		err := call()
		if err == nil {
			return nil
		}
		if !lostRace(err) || tries == maxTries || ctx.Err() != nil {
			return storeError(ctx, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(min(time.Duration(tries)*time.Millisecond, longestWait))):
		}
	}
}

// write runs a statement and returns how many rows it changed, 0 with an error.
func (s *Store) write(ctx context.Context, change string, args ...any) (changed int64, err error) {
	return s.send(ctx, query{sql: change, args: args, writes: true})
}

// one reads the only row of a query.
func one(rows pgx.Rows, read func(pgx.Row) error) error {
	if !rows.Next() {
		return cmp.Or(rows.Err(), pgx.ErrNoRows)
	}
	return read(rows)
}
