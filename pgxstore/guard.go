package pgxstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// guardSQL limits the statement behind it, in the same transaction and the same round trip.
// It sets statement_timeout to $1 milliseconds, unless that is shorter already, or the
// server's clock reaches $2 before. It fails if the clock has passed $2, which may be NULL.
// It returns the server's clock.
//
// It gives set_config an invalid value in order to fail: then nothing of the transaction is
// done. A statement_timeout of 0 is none, and least takes no notice of NULL.
const guardSQL = `SELECT clock_timestamp(), set_config('statement_timeout', CASE
	WHEN clock_timestamp() > $2::timestamptz THEN 'none: the caller has given up'
	ELSE greatest(least($1::bigint,
		extract(epoch FROM $2::timestamptz - clock_timestamp()) * 1000,
		nullif(extract(epoch FROM current_setting('statement_timeout')::interval) * 1000, 0)),
		1)::bigint::text END, true)`

// errTooLate is the error of a guard that found its time over.
var errTooLate = errors.New("the statement came to the server after its deadline")

// errInTime is the error of a statement that its guard has limited.
var errInTime = errors.New("the server ended the statement just before its deadline")

// The server's clock may be off by slack from what the store has learned, and by firstSlack
// from the store's own before that. If it is off by more, a guard fails although there is
// time, and send sends the statement again without a look at the clock.
const (
	slack      = 50 * time.Millisecond
	firstSlack = time.Second
)

// maxTimeout is the longest limit of a statement. statement_timeout is a number of
// milliseconds in 32 bits, which ends at 24.8 days.
const maxTimeout = 24 * 24 * time.Hour

// headStart is how long before its deadline a statement ends at the server, so that the
// answer arrives in time and the connection stays good.
const headStart = 250 * time.Millisecond

// guarded runs a query that writes, with a guard before it. The caller is told that the
// query failed when its deadline passes. So the server ends the statement a little earlier,
// and does not begin it later, when the network or the server moves on again. If it may
// begin at any time, only its own time is limited.
func (s *Store) guarded(
	ctx context.Context, conn *pgx.Conn, q query, deadline time.Time, anytime bool,
) (changed int64, err error) {
	left := time.Until(deadline)
	limit := min(max(left-min(left/10, headStart), time.Millisecond), maxTimeout)
	latest := new(s.atServer(deadline))
	if anytime {
		latest = nil
	}
	var batch pgx.Batch
	batch.Queue(guardSQL, limit.Milliseconds(), latest)
	batch.Queue(q.sql, q.args...)
	begin := time.Now()
	results := conn.SendBatch(ctx, &batch)
	err = s.passGuard(results, begin)
	if err == nil {
		var rows pgx.Rows
		rows, err = results.Query()
		if err == nil {
			changed, err = q.take(rows)
		}
	}
	if closeErr := results.Close(); err == nil { // where a commit fails
		err = closeErr
	}
	if hasCode(err, queryCanceled) && time.Since(begin) >= limit.Truncate(time.Millisecond) {
		err = fmt.Errorf("%w, after %v: %w: %w", errInTime,
			limit.Round(time.Millisecond), context.DeadlineExceeded, err)
	}
	return changed, err
}

// atServer returns what the server's clock says at a time, or a little later.
func (s *Store) atServer(at time.Time) time.Time {
	if ahead := s.ahead.Load(); ahead != 0 {
		return at.Add(time.Duration(ahead) + slack)
	}
	return at.Add(firstSlack)
}

// passGuard reads what the guard answers, and learns how far the server's clock is ahead.
// The server has read its clock between begin and now. Its answer comes with that of the
// statement, which may have waited for a lock. So what was learned stays if it is possible.
func (s *Store) passGuard(results pgx.BatchResults, begin time.Time) error {
	var clock time.Time
	err := results.QueryRow().Scan(&clock, nil)
	switch {
	case hasCode(err, invalidParameterValue):
		return fmt.Errorf("%w: %w", errTooLate, err)
	case err == nil:
		least, most := int64(time.Until(clock)), int64(clock.Sub(begin))
		ahead := cmp.Or(s.ahead.Load(), least)
		s.ahead.Store(cmp.Or(min(max(ahead, least), most), 1))
	}
	return err
}
