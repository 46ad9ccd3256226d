package redislimit_test

import (
	"strings"
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
	if text := logged.await(t, "Redis is away"); strings.Count(text, "\n") != 1 || strings.Contains(text, "canary") {
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
	if text := logged.await(t, "Redis is back"); strings.Count(text, "\n") != 2 {
		t.Errorf("the log says, want one line that Redis is away and one that it is back:\n%s", text)
	}
	// Another process has what Redis knows.
	other := newLimiter(t, connect(t, s), redislimit.Options{})
	if got := left(t, other, before); o.keeps && got > 4 || !o.keeps && got != 10 {
		t.Errorf("another process has %d attempts left; the data was kept: %t", got, o.keeps)
	}
}

// What the memory allowed while Redis was away is not given back in Redis. It would forgive
// what another process has counted there.
func TestS41_GiveBackInRedisWhatRedisHasCounted(t *testing.T) {
	t.Parallel()
	for name, o := range outages {
		if !o.keeps {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, "maxmemory-policy", "noeviction")
			admin := connect(t, s)
			one := newLimiter(t, connect(t, s), redislimit.Options{Patience: soon})
			two := newLimiter(t, connect(t, s), redislimit.Options{})
			a, other := attempt("a", 20, 24*time.Hour), attempt("other", 20, 24*time.Hour)
			for range 6 { // wrong passwords
				takes(t, two, a)
			}
			takes(t, one, a)
			takes(t, one, other)
			o.begin(t, s, admin)
			takes(t, one, attempt("finds out", 1, time.Hour)) // what it asked may reach Redis later
			for range 4 {
				takes(t, one, a)
			}
			o.end(t, s, admin)
			awaitBack(t, one, admin)
			for range 4 {
				if err := one.GiveBack(t.Context(), a, attempt("unknown", 1, time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			if err := one.GiveBack(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			if got := left(t, two, a); got != 13 {
				t.Errorf("four that Redis never counted were given back: another process has %d attempts, want 13 of 20", got)
			}
			if err := one.GiveBack(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if got := left(t, two, a); got != 1 {
				t.Errorf("one that Redis has counted was given back: another process has %d attempts, want 1", got)
			}
			if got := left(t, two, other); got != 20 {
				t.Errorf("one of another key was given back: another process has %d attempts, want 20", got)
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
