package pgxstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
)

// everybodyIsAnswered makes each call a number of times at once. Each must get an error
// that says that its deadline has passed.
func (r *rig) everybodyIsAnswered(t *testing.T, callers int) {
	t.Helper()
	var wg sync.WaitGroup
	for range callers {
		for name, call := range r.calls() {
			wg.Go(func() {
				err := within(t, soon, call)
				if !errors.Is(err, context.DeadlineExceeded) || isAnswer(err) {
					t.Errorf("%s of a silent database: got the error %v, want one that wraps %v",
						name, err, context.DeadlineExceeded)
				}
			})
		}
	}
	wg.Wait()
}

// worksAgain wants every call to succeed on every place of the pool.
func (r *rig) worksAgain(t *testing.T) {
	t.Helper()
	var wg sync.WaitGroup
	for range r.pool.Config().MaxConns {
		for name, call := range r.calls() {
			wg.Go(func() {
				if err := within(t, later, call); err != nil {
					t.Errorf("%s when the database speaks again: got the error %v, want nil", name, err)
				}
			})
		}
	}
	wg.Wait()
}

// A database that falls silent costs each caller its deadline, and not more. When it speaks
// again, the store works: no place in the pool is held by a connection that never answers.
func TestS40_SilentDatabase(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			r.proxy.Hold()
			r.everybodyIsAnswered(t, 3)
			r.proxy.Freeze() // what was open then never speaks again
			r.proxy.Resume()
			r.worksAgain(t)
		})
	}
}

// Some connections fall silent, as when a firewall forgets them. New ones take their
// places.
func TestS40_SilentConnections(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.proxy.Freeze()
	var wg sync.WaitGroup
	for range r.pool.Config().MaxConns {
		wg.Go(func() {
			err := within(t, soon, r.calls()["UserByID"])
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("UserByID on a silent connection: got the error %v, want one that wraps %v",
					err, context.DeadlineExceeded)
			}
		})
	}
	wg.Wait()
	r.worksAgain(t)
}

// The database falls silent in the middle of an answer, wherever that is.
func TestS40_SilentInTheMiddleOfAnAnswer(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int{0, 1, 5, 20, 60} {
		t.Run(fmt.Sprint(bytes), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.proxy.Cut(bytes)
			for _, name := range []string{"UserByID", "ListUsers", "CreateUser", "UpdateUser"} {
				err := within(t, soon, r.calls()[name])
				if !errors.Is(err, context.DeadlineExceeded) || isAnswer(err) {
					t.Errorf("%s: got the error %v, want one that wraps %v", name, err, context.DeadlineExceeded)
				}
			}
		})
	}
}

// The database takes connections and says nothing: at the start of the protocol, of TLS, or
// of TLS that is not asked for first.
func TestS40_SilentFromTheStart(t *testing.T) {
	t.Parallel()
	for _, params := range [][]string{
		{"sslmode=disable"}, {"sslmode=require"}, {"sslmode=prefer"}, {"sslmode=require", "sslnegotiation=direct"},
	} {
		t.Run(strings.Join(params, " "), func(t *testing.T) {
			t.Parallel()
			proxy := pgtest.StartProxy(t, withSchema(t))
			proxy.Hold()
			pool := open(t, withParams(t, proxy.URL(), params...))
			r := &rig{store: pgxstore.New(pool), pool: pool, proxy: proxy}
			r.everybodyIsAnswered(t, 2)
		})
	}
}

// Clients that hang up cost the database no connection, and no request to cancel.
func TestP13_HangingUpCostsNoConnection(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			opened, made, before := r.proxy.Opened(), r.pool.Stat().NewConnsCount(), r.pids(t)
			cancelled := r.hangUp(t)
			if cancelled < 100 {
				t.Errorf("%d calls were cancelled: the test shows nothing", cancelled)
			}
			if n, m := r.proxy.Opened()-opened, r.pool.Stat().NewConnsCount()-made; n != 0 || m != 0 {
				t.Errorf("%d calls were cancelled: the pool made %d connections, and the server got %d; want none",
					cancelled, m, n)
			}
			if after := r.pids(t); after != before {
				t.Errorf("%d calls were cancelled: got the sessions %s, want the same as before, %s",
					cancelled, after, before)
			}
		})
	}
}

// pids returns the process IDs of the pool's sessions.
func (r *rig) pids(t *testing.T) (pids string) {
	t.Helper()
	err := r.admin.QueryRow(t.Context(), `SELECT string_agg(pid::text, ' ' ORDER BY pid)
		FROM pg_stat_activity WHERE application_name = $1`, r.name).Scan(&pids)
	if err != nil {
		t.Fatal(err)
	}
	return pids
}

// hangUp makes many calls whose contexts are cancelled while they run, with a deadline and
// without one. It returns how many of them were.
func (r *rig) hangUp(t *testing.T) (cancelled int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for caller := range 24 {
		wg.Go(func() {
			for range 12 {
				for name, call := range r.calls() {
					ctx, cancel := context.WithCancel(t.Context())
					if caller%2 == 0 {
						ctx, cancel = context.WithTimeout(t.Context(), patience)
					}
					stop := time.AfterFunc(rand.N(2*time.Millisecond), cancel)
					err := call(ctx)
					stop.Stop()
					cancel()
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Errorf("%s whose caller hangs up: got the error %v", name, err)
					}
					mu.Lock()
					if err != nil {
						cancelled++
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return cancelled
}

// A statement that another session holds up goes on when its caller has gone, and ends all
// the same: by its deadline, or a while after the caller went.
func TestP13_GoneCallersLeaveNoStatement(t *testing.T) {
	t.Parallel()
	for name, deadline := range map[string]time.Duration{"with a deadline": 2 * soon, "without": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			locked(t, r.admin.Config().ConnString(), "stored", func() {
				ctx, cancel := context.WithCancel(t.Context())
				if deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, deadline)
				}
				defer cancel()
				done := make(chan error, 1)
				stored := guest("stored")
				stored.Version = 1
				go func() { done <- r.store.UpdateUser(ctx, stored) }()
				eventually(t, "the update waits for the lock", func() bool { return r.sessions(t, true) == 1 })
				cancel()
				err := <-done
				if !errors.Is(err, context.Canceled) || isAnswer(err) {
					t.Errorf("UpdateUser whose caller has gone: got the error %v, want one that wraps %v",
						err, context.Canceled)
				}
				eventually(t, "no statement is left", func() bool { return r.sessions(t, true) == 0 })
			})
			if n := ask(t, r.admin, "SELECT version FROM deskauth_accounts WHERE id = 'stored'"); n != 1 {
				t.Errorf("the account has Version %d, want 1 as before", n)
			}
		})
	}
}

// A resettable is a connection that notes what is asked of it.
type resettable struct {
	*net.TCPConn
	resets *atomic.Int64
}

func (c *resettable) SetLinger(seconds int) error {
	c.resets.Add(1)
	return c.TCPConn.SetLinger(seconds)
}

// A connection whose statement has not ended is reset: what the network has not delivered
// yet is discarded.
func TestS40_SilentConnectionIsReset(t *testing.T) {
	t.Parallel()
	proxy := pgtest.StartProxy(t, withSchema(t))
	cfg, err := pgxpool.ParseConfig(proxy.URL())
	if err != nil {
		t.Fatal(err)
	}
	var resets atomic.Int64
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &resettable{conn.(*net.TCPConn), &resets}, nil
	}
	pool := openConfig(t, cfg)
	r := &rig{store: pgxstore.New(pool), pool: pool}
	openAll(t, pool)
	if n := resets.Load(); n != 0 {
		t.Fatalf("%d connections were reset in peace", n)
	}
	proxy.Hold()
	for _, name := range []string{"CreateUser", "UserByID"} {
		if err := within(t, soon, r.calls()[name]); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got the error %v, want one that wraps %v", name, err, context.DeadlineExceeded)
		}
	}
	if n := resets.Load(); n != 2 {
		t.Errorf("%d connections were reset, want both that were used", n)
	}
}
