package pgxstore

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// mayHelp reports whether another connection may do what failed on this one, and closes
// this one then. It may if nothing was written and the failure is that of the session.
//
//   - A connection that broke says nothing about the next one. A query that only reads goes
//     on there. A write does if it never left, or if the server says that it had ended the
//     session while that was idle. The codes of a server that stops or crashes (57P01,
//     57P02) come in the middle of work, too.
//   - A failover leaves sessions read-only: their server is not the one that writes any
//     more, or was not for the moment in which they began.
//   - A server that takes no connections (57P03) says nothing here: there is no connection.
func (s *Store) mayHelp(
	ctx context.Context, conn *pgx.Conn, q query, try attempt, err error,
) bool {
	if conn.IsClosed() {
		return !q.writes || pgconn.SafeToRetry(err) || hasCode(err, idleSessionTimeout)
	}
	if !hasCode(err, readOnlyTransaction) || !isOlder(ctx, conn, time.Since(try.since)) {
		return false
	}
	wait, ok := s.reopening.take(time.Now(), int(s.pool.Stat().MaxConns()))
	if !ok {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
	}
	conn.Close(ctx)
	return true
}

// isOlder reports whether a session began longer ago than d. If one that began since then
// is read-only, so is the database, and another session is of no use. PostgreSQL does not
// tell a session that has taken another role when it began: it may be older.
func isOlder(ctx context.Context, conn *pgx.Conn, d time.Duration) (older bool) {
	err := conn.QueryRow(ctx, `SELECT coalesce(
		clock_timestamp() - backend_start > $1::bigint * interval '1 microsecond', true)
		FROM pg_stat_activity WHERE pid = pg_backend_pid()`, d.Microseconds()).Scan(&older)
	return err == nil && older
}

// A brake lets something happen 20 times a second, and more often at once after a rest. So
// a database that is read-only for longer does not get a new connection for each write that
// fails.
type brake struct {
	next atomic.Int64 // Unix nanoseconds
}

// take returns how long the caller has to wait for its turn, at most 50 ms. It returns
// false if another caller waits for that turn already. After a rest it may happen 32 times
// at once, or as often as the pool has connections: a failover leaves all of them
// read-only.
func (b *brake) take(now time.Time, conns int) (wait time.Duration, ok bool) {
	const interval = int64(time.Second / 20)
	rest := int64(max(32, conns)) * interval
	for {
		old := b.next.Load()
		next := max(old, now.UnixNano()-rest) + interval
		wait := next - now.UnixNano()
		if wait > interval {
			return 0, false
		}
		if b.next.CompareAndSwap(old, next) {
			return max(time.Duration(wait), 0), true
		}
	}
}
