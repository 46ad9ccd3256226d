package redislimit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// unheeding clients have long timeouts of their own, and do not look at contexts.
func unheeding(o *redis.Options) {
	o.ContextTimeoutEnabled = false
	o.ReadTimeout, o.WriteTimeout, o.DialTimeout = time.Hour, time.Hour, time.Hour
}

func heeding(o *redis.Options) {
	o.ReadTimeout, o.WriteTimeout, o.DialTimeout = time.Hour, time.Hour, time.Hour
}

// soon is a patience that a busy machine keeps, and that is over long before within is.
const soon = 2 * time.Second

// within fails the test if work hangs: if it takes many times the patience of a limiter.
func within(t *testing.T, what string, work func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s hangs", what)
	}
}

// A load takes attempts from many goroutines until it is stopped. No call may fail, hang,
// or allow more attempts than there are.
type load struct {
	limiter deskauth.Limiter
	keys    []deskauth.Attempt
	allowed []atomic.Int64
	calls   atomic.Int64
	failed  atomic.Pointer[error]
	stop    context.CancelFunc
	all     sync.WaitGroup
}

func startLoad(l deskauth.Limiter) *load {
	ctx, stop := context.WithCancel(context.Background())
	w := &load{limiter: l, allowed: make([]atomic.Int64, 4), stop: stop}
	for i := range w.allowed {
		w.keys = append(w.keys, attempt(fmt.Sprint("load ", i), 60, 24*time.Hour))
	}
	for n := range 8 {
		w.all.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				w.call(i)
				time.Sleep(time.Millisecond)
			}
		})
	}
	return w
}

func (w *load) call(i int) {
	a, b := i%4, (i+1)%4
	refused, _, err := w.limiter.Take(context.Background(), w.keys[a], w.keys[b])
	w.calls.Add(1)
	switch {
	case err != nil:
		w.failed.Store(&err)
	case refused < 0:
		w.allowed[a].Add(1)
		w.allowed[b].Add(1)
	}
}

// more waits until every goroutine has finished calls.
func (w *load) more(t *testing.T, what string) {
	t.Helper()
	from := w.calls.Load()
	within(t, what, func() {
		for w.calls.Load() < from+40 {
			time.Sleep(time.Millisecond)
		}
	})
}

func (w *load) end(t *testing.T) {
	t.Helper()
	w.stop()
	within(t, "the load", w.all.Wait)
	if err := w.failed.Load(); err != nil {
		t.Errorf("a call failed: %v", *err)
	}
	for i := range w.allowed {
		if n := w.allowed[i].Load(); n > 60 {
			t.Errorf("%d attempts of %s were allowed, want at most the 60 that there are", n, w.keys[i].Key)
		}
	}
	if n := w.allowed[0].Load(); n < 50 {
		t.Errorf("%d attempts of %s were allowed, want 60 or a few less", n, w.keys[0].Key)
	}
}

// awaitBack waits until the limiter counts in Redis again.
func awaitBack(t *testing.T, l deskauth.Limiter, client *redis.Client) {
	t.Helper()
	within(t, "coming back", func() {
		for n := 0; ; n++ {
			before := client.DBSize(t.Context()).Val()
			takes(t, l, attempt(fmt.Sprint("is it back ", n), 1, time.Hour))
			if after := client.DBSize(t.Context()).Val(); after > before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// An outage is a way in which Redis goes away, and comes back.
type outage struct {
	begin, end func(t *testing.T, s *redistest.Server, admin *redis.Client)
	keeps      bool // its data
}

func do(command ...any) func(*testing.T, *redistest.Server, *redis.Client) {
	return func(t *testing.T, _ *redistest.Server, admin *redis.Client) {
		t.Helper()
		if err := admin.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

var outages = map[string]outage{
	"killed": {
		func(_ *testing.T, s *redistest.Server, _ *redis.Client) { s.Kill() },
		func(t *testing.T, s *redistest.Server, _ *redis.Client) {
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
		}, false,
	},
	"frozen": {
		func(t *testing.T, s *redistest.Server, _ *redis.Client) {
			if err := s.Freeze(); err != nil {
				t.Fatal(err)
			}
		},
		func(t *testing.T, s *redistest.Server, _ *redis.Client) {
			if err := s.Thaw(); err != nil {
				t.Fatal(err)
			}
		}, true,
	},
	"paused": { // nobody can end a pause but the time
		do("CLIENT", "PAUSE", "4000", "ALL"), func(*testing.T, *redistest.Server, *redis.Client) {}, true,
	},
	"full": {do("CONFIG", "SET", "maxmemory", "1"), do("CONFIG", "SET", "maxmemory", "0"), true},
	"a replica without its primary": {
		do("REPLICAOF", "127.0.0.1", "1"), do("REPLICAOF", "NO", "ONE"), true,
	},
	"a primary without replicas": {
		do("CONFIG", "SET", "min-replicas-to-write", "1"), do("CONFIG", "SET", "min-replicas-to-write", "0"), true,
	},
	"behind another password": {
		func(t *testing.T, s *redistest.Server, admin *redis.Client) {
			do("CONFIG", "SET", "requirepass", "canary")(t, s, admin)
			do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")(t, s, admin)
		},
		do("CONFIG", "SET", "requirepass", ""), true,
	},
}

// TestOutages sends Redis away in each way in the middle of load. No call fails or hangs.
// Nobody gets an attempt more, from the process that has counted, and the count in Redis
// goes on afterwards.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, o := range outages {
		for how, edit := range map[string]func(*redis.Options){"heeding": heeding, "unheeding": unheeding} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				testOutage(t, name, o, edit)
			})
		}
	}
}

func testOutage(t *testing.T, name string, o outage, edit func(*redis.Options)) {
	s := redistest.Start(t, "maxmemory-policy", "noeviction")
	admin := connect(t, s)
	client := connect(t, s, edit)
	var logged logbook
	l := newLimiter(t, client, redislimit.Options{Patience: soon, Logger: logged.logger()})
	before, during := attempt("before", 10, 24*time.Hour), attempt("during", 10, 24*time.Hour)
	for range 6 {
		takes(t, l, before)
	}
	w := startLoad(l)
	w.more(t, "the load before the outage")

	o.begin(t, s, admin)
	w.more(t, "the load at the begin of the outage")
	within(t, "counting in memory", func() {
		if got := left(t, l, before); got != 4 {
			t.Errorf("in the outage %d attempts are left of 10, after 6: want 4", got)
		}
		if got := left(t, l, during); got != 10 {
			t.Errorf("in the outage a new key has %d attempts, want 10", got)
		}
		if err := l.GiveBack(t.Context(), during); err != nil {
			t.Errorf("giving back in the outage: %v", err)
		}
		if got := left(t, l, during); got != 1 {
			t.Errorf("after one was given back %d attempts are left, want 1", got)
		}
	})
	w.more(t, "the load during the outage")
	if text := logged.String(); strings.Count(text, "Redis is away") != 1 || strings.Contains(text, "canary") {
		t.Errorf("the log says, want once that Redis is away:\n%s", text)
	}

	o.end(t, s, admin)
	awaitBack(t, l, admin)
	w.more(t, "the load after the outage")
	for _, a := range []deskauth.Attempt{before, during} {
		if got := left(t, l, a); got != 0 {
			t.Errorf("after the outage %d attempts of %s are left, want none", got, a.Key)
		}
	}
	w.end(t)
	if text := logged.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "Redis is back") {
		t.Errorf("the log says, want one line that Redis is away and one that it is back:\n%s", text)
	}
	// Another process has what Redis knows.
	other := newLimiter(t, connect(t, s), redislimit.Options{})
	if got := left(t, other, before); o.keeps && got > 4 || !o.keeps && got != 10 {
		t.Errorf("another process has %d attempts left; the data was kept: %t", got, o.keeps)
	}
}

// TestRestartThatNobodySees restarts Redis between two calls. No call fails, and still the
// process knows that the data is gone.
func TestRestartThatNobodySees(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	one := newLimiter(t, connect(t, s), redislimit.Options{Logger: logged.logger()})
	two := newLimiter(t, connect(t, s), redislimit.Options{Logger: logged.logger()})
	a := attempt("k", 10, 24*time.Hour)
	for range 3 {
		takes(t, one, a)
		takes(t, two, a)
	}
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if got := left(t, one, a); got != 7 {
		t.Errorf("the first process has %d attempts, want 7: it has made 3 itself", got)
	}
	if got := left(t, two, a); got != 3 {
		t.Errorf("the second process has %d attempts, want 3: 7 are used up again", got)
	}
	if logged.String() != "" {
		t.Errorf("the log says:\n%s", logged.String())
	}
}

// The same for a key that was used up: the first call after the restart is refused.
func TestRestartGivesNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	l := newLimiter(t, connect(t, s), redislimit.Options{})
	used, other := attempt("used", 3, 24*time.Hour), attempt("other", 3, 24*time.Hour)
	left(t, l, used)
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if refused, wait, err := l.Take(t.Context(), other, used); refused != 1 || wait <= 7*time.Hour || err != nil {
		t.Errorf("after the restart: %d, %v, %v; want 1 and 8h", refused, wait, err)
	}
	if got := left(t, l, used) + 10*left(t, l, other); got != 30 {
		t.Errorf("then %d attempts of the one that was used up and %d of the other, want 0 and 3", got%10, got/10)
	}
}

// The script cache is emptied in the middle of load: everything is counted as ever.
func TestScriptFlush(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	admin := connect(t, s)
	one, two := newLimiter(t, connect(t, s), redislimit.Options{}), newLimiter(t, connect(t, s), redislimit.Options{})
	a := attempt("k", 100, 24*time.Hour)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			l := []deskauth.Limiter{one, two}[n%2]
			for range 20 {
				refused, _, err := l.Take(t.Context(), a)
				if err != nil {
					t.Error(err)
				} else if refused < 0 {
					allowed.Add(1)
				}
			}
		})
	}
	for range 20 {
		admin.ScriptFlush(t.Context())
		time.Sleep(time.Millisecond)
	}
	all.Wait()
	if allowed.Load() != 100 {
		t.Errorf("of 320 attempts of two processes %d were allowed, want 100", allowed.Load())
	}
}

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

// A server that is slower than the patience is away. One that is slow within it is not.
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
			if text := logged.String(); text != "" {
				t.Errorf("a server that answers in time: the log says\n%s", text)
			}
			delay.Store(int64(time.Hour))
			within(t, "a call of a slow server", func() {
				if got := left(t, l, a); got != 2 {
					t.Errorf("while the server is slow: %d attempts, want 2", got)
				}
			})
			if text := logged.String(); !strings.Contains(text, "Redis is away") {
				t.Errorf("while the server is slow the log says\n%s", text)
			}
			delay.Store(0)
			awaitBack(t, l, admin)
			if got := left(t, l, a); got != 0 {
				t.Errorf("when the server is fast again: %d attempts, want none", got)
			}
		})
	}
}

// With RefuseWhileAway calls fail while Redis is away, and nothing is counted.
func TestRefuseWhileAway(t *testing.T) {
	t.Parallel()
	for name, o := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, "maxmemory-policy", "noeviction")
			admin := connect(t, s)
			l := newLimiter(t, connect(t, s), redislimit.Options{RefuseWhileAway: true, Patience: soon})
			a := attempt("k", 5, 24*time.Hour)
			takes(t, l, a)
			o.begin(t, s, admin)
			for range 3 {
				refused, wait, err := l.Take(t.Context(), a)
				if refused != -1 || wait != 0 || err == nil || !strings.Contains(err.Error(), "Redis is away") {
					t.Errorf("while Redis is away: %d, %v, %v; want an error", refused, wait, err)
				}
				if err := l.GiveBack(t.Context(), a); err == nil {
					t.Error("giving back while Redis is away: want an error")
				}
			}
			o.end(t, s, admin)
			within(t, "coming back", func() {
				for {
					if _, _, err := l.Take(t.Context(), attempt("back", 1, time.Hour)); err == nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
			got := left(t, l, a)
			if least, most := 2, 4; o.keeps && (got < least || got > most) || !o.keeps && got != 5 {
				t.Errorf("afterwards %d attempts are left; the data was kept: %t", got, o.keeps)
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

// Two processes share one limit, to the attempt, however their calls meet.
func TestTwoProcessesShareALimit(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	one, two := newLimiter(t, connect(t, s), redislimit.Options{}), newLimiter(t, connect(t, s), redislimit.Options{})
	scarce, plenty := attempt("scarce", 37, 24*time.Hour), attempt("plenty", 500, 24*time.Hour)
	var allowed, given atomic.Int64
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			l := []deskauth.Limiter{one, two}[n%2]
			for i := range 20 {
				call := []deskauth.Attempt{scarce, plenty}
				if i%2 == 0 {
					call[0], call[1] = plenty, scarce
				}
				refused, _, err := l.Take(t.Context(), call...)
				switch {
				case err != nil:
					t.Error(err)
				case refused >= 0 && call[refused] != scarce:
					t.Errorf("attempt %d of %v is refused", refused, call)
				case refused < 0:
					allowed.Add(1)
					if i == 0 { // a success
						given.Add(1)
						if err := l.GiveBack(t.Context(), call...); err != nil {
							t.Error(err)
						}
					}
				}
			}
		})
	}
	all.Wait()
	if got := allowed.Load() - given.Load(); got != 37 {
		t.Errorf("two processes made %d attempts, want 37", got)
	}
	if got := left(t, one, plenty); got != 500-37 {
		t.Errorf("of the other key %d attempts are left, want %d: refused calls reserve none", got, 500-37)
	}
}
