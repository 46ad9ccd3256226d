package pgxstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A query is a statement, and what becomes of its rows.
type query struct {
	sql    string
	args   []any
	writes bool
	read   func(pgx.Rows) error // nil if there are none
}

// An attempt is one of sending a query.
type attempt struct {
	since   time.Time // send was called
	anytime bool      // the guard does not look at the server's clock
}

// send runs a query on a connection of the pool, for which it waits as long as ctx allows.
// If another connection may help and nothing was written, send tries that. It returns how
// many rows the query has read or changed, 0 with an error.
func (s *Store) send(ctx context.Context, q query) (rows int64, err error) {
	try := attempt{since: time.Now()}
	for tries := int32(1); ; tries++ {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return 0, fmt.Errorf("get a connection: %w", err)
		}
		rows, again, err := s.sendOn(ctx, conn, q, try)
		if err == nil {
			return rows, nil
		}
		if !again || tries > s.pool.Stat().MaxConns() || ctx.Err() != nil {
			return 0, err
		}
		try.anytime = errors.Is(err, errTooLate)
	}
}

// sendOn runs a query on a connection, and gives the connection back. again reports that
// the query may be sent once more.
func (s *Store) sendOn(
	ctx context.Context, conn *pgxpool.Conn, q query, try attempt,
) (rows int64, again bool, err error) {
	run, cancel := detach(ctx)
	defer cancel()
	rows, again, err = s.use(run, conn, q, try)
	if err != nil && run.Err() != nil || errors.Is(err, errInTime) {
		<-ctx.Done() // is at hand: who compares the error with the context finds them equal
	}
	return rows, again, err
}

// use is sendOn in the context of the statement. The tracer of the connection belongs to
// the host. If it panics, pgx has sent or read a part only, so the connection ends.
func (s *Store) use(
	ctx context.Context, conn *pgxpool.Conn, q query, try attempt,
) (rows int64, again bool, err error) {
	returned := false
	defer func() {
		if !returned {
			abandon(conn)
		}
		conn.Release() // does nothing to a connection that was abandoned
	}()
	if deadline, ok := ctx.Deadline(); ok && q.writes {
		rows, err = s.guarded(ctx, conn.Conn(), q, deadline, try.anytime)
	} else {
		rows, err = plain(ctx, conn.Conn(), q)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil && conn.Conn().IsClosed():
		abandon(conn)
	case errors.Is(err, errTooLate):
		again = !try.anytime
	default:
		again = s.mayHelp(ctx, conn.Conn(), q, try, err)
	}
	returned = true
	return rows, again, err
}

// grace is how long a statement may still take when its caller has gone.
const grace = 5 * time.Second

// detach returns a context for a statement. It has the deadline of ctx, and ends a while
// after ctx was cancelled: pgx closes the connection when a context ends, and a client that
// hangs up should cost none. Statements that nothing holds up have ended by then.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	run := context.WithoutCancel(ctx)
	var cancel context.CancelFunc
	if deadline, ok := ctx.Deadline(); ok {
		run, cancel = context.WithDeadline(run, deadline)
	} else {
		run, cancel = context.WithCancel(run)
	}
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return run, func() { stop(); cancel() }
}

// plain runs a query by itself.
func plain(ctx context.Context, conn *pgx.Conn, q query) (int64, error) {
	rows, err := conn.Query(ctx, q.sql, q.args...)
	if err != nil {
		return 0, err
	}
	return q.take(rows)
}

// take reads the rows of the query to their end, where an error may come.
func (q query) take(rows pgx.Rows) (int64, error) {
	defer rows.Close()
	if q.read != nil {
		if err := q.read(rows); err != nil {
			return 0, err
		}
	}
	rows.Close()
	return rows.CommandTag().RowsAffected(), rows.Err()
}

// abandon takes a connection out of the pool at once. Its statement has not ended, in time
// or at all. pgx asks the server to cancel the statement, and would hold the place in the
// pool until it knows that the server has heard. The reset discards what the network has
// not delivered yet, which could still arrive when nobody waits for it any more.
func abandon(conn *pgxpool.Conn) {
	socket := conn.Hijack().PgConn().Conn()
	if secure, ok := socket.(interface{ NetConn() net.Conn }); ok {
		socket = secure.NetConn()
	}
	if tcp, ok := socket.(interface{ SetLinger(sec int) error }); ok {
		tcp.SetLinger(0)
	}
	socket.Close()
}
