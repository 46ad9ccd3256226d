package redislimit_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// A proxy stands before a server and delays what it answers.
func slowProxy(t *testing.T, s *redistest.Server, delay *atomic.Int64) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", s.Addr())
			if err != nil {
				client.Close()
				continue
			}
			go pipe(server, client, nil)
			go pipe(client, server, delay)
		}
	}()
	return listener.Addr().String()
}

func pipe(to, from net.Conn, delay *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if delay != nil {
			time.Sleep(time.Duration(delay.Load()))
		}
		if _, writeErr := to.Write(buf[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// A server that is slower than the patience is away, in the middle of load. One that is
// slow within it is not.
func TestSlowRedis(t *testing.T) {
	t.Parallel()
	for how, edit := range map[string]func(*redis.Options){"heeding": heeding, "unheeding": unheeding} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			admin := connect(t, s)
			var delay atomic.Int64
			addr := slowProxy(t, s, &delay)
			var logged logbook
			l := newLimiter(t, connect(t, s, edit, func(o *redis.Options) { o.Addr = addr }),
				redislimit.Options{Patience: soon, Logger: logged.logger()})
			delay.Store(int64(5 * time.Millisecond))
			a := attempt("slow", 5, 24*time.Hour)
			for range 3 {
				takes(t, l, a)
			}
			w := startLoad(l)
			w.more(t, "the load while the server is slow within the patience")
			if text := logged.String(); text != "" {
				t.Errorf("a server that answers in time: the log says\n%s", text)
			}
			delay.Store(int64(time.Hour))
			w.more(t, "the load when the server becomes slow")
			within(t, "a call of a slow server", func() {
				if got := left(t, l, a); got != 2 {
					t.Errorf("while the server is slow: %d attempts, want 2", got)
				}
			})
			logged.await(t, "Redis is away")
			delay.Store(0)
			awaitBack(t, l, admin)
			w.more(t, "the load when the server is fast again")
			w.end(t)
			if got := left(t, l, a); got != 0 {
				t.Errorf("when the server is fast again: %d attempts, want none", got)
			}
		})
	}
}

// Callers that hang up, or have less time than Redis needs, send nobody to the memory.
func TestImpatientCallersAreNoOutage(t *testing.T) {
	t.Parallel()
	for how, edit := range map[string]func(*redis.Options){"heeding": heeding, "unheeding": unheeding} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			var delay atomic.Int64
			addr := slowProxy(t, s, &delay)
			var logged logbook
			l := newLimiter(t, connect(t, s, edit, func(o *redis.Options) { o.Addr = addr }),
				redislimit.Options{Logger: logged.logger()})
			a := attempt("k", 100, time.Hour)
			takes(t, l, a)
			delay.Store(int64(100 * time.Millisecond))
			for range 5 {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
				refused, _, err := l.Take(ctx, a)
				cancel()
				if refused != -1 || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a caller with less time: %d, %v; want its deadline", refused, err)
				}
			}
			takes(t, l, a)
			if logged.String() != "" {
				t.Errorf("the log says\n%s", logged.String())
			}
		})
	}
}

// A tardyContext has a deadline that has passed, and has not noticed yet.
type tardyContext struct {
	context.Context
	deadline time.Time
}

func (c tardyContext) Deadline() (deadline time.Time, ok bool) { return c.deadline, true }

// On a busy machine a client may find out that the caller's time is over before the
// caller's context does. That says nothing of Redis.
func TestClientNoticesTheDeadlineFirst(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	l := newLimiter(t, connect(t, s, heeding), redislimit.Options{Logger: logged.logger()})
	a := attempt("k", 100, time.Hour)
	takes(t, l, a)
	late := tardyContext{t.Context(), time.Now().Add(-time.Millisecond)}
	refused, _, err := l.Take(late, a)
	if refused != -1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller whose time is over: %d, %v; want its deadline", refused, err)
	}
	takes(t, l, a)
	if logged.String() != "" {
		t.Errorf("the log says\n%s", logged.String())
	}
}
