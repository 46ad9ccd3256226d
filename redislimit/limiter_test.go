package redislimit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// TestRun runs the suite on each way to count: in Redis, with a client that heeds deadlines
// or not, and in memory while Redis is away.
func TestRun(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	away := redistest.Start(t)
	away.Kill()
	for name, client := range map[string]*redis.Client{
		"heeds deadlines": connect(t, s),
		"heeds none":      connect(t, s, func(o *redis.Options) { o.ContextTimeoutEnabled = false }),
		"away":            connect(t, away),
		"away, unheeding": connect(t, away, func(o *redis.Options) { o.ContextTimeoutEnabled = false }),
		"RESP2":           connect(t, s, func(o *redis.Options) { o.Protocol = 2 }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			limitertest.Run(t, func(t *testing.T) deskauth.Limiter {
				n++
				o := redislimit.Options{Prefix: fmt.Sprintf("%s-%d:", strings.ReplaceAll(name, " ", "-"), n)}
				if strings.HasPrefix(name, "away") {
					o.Patience = 20 * time.Millisecond // nothing answers
				}
				l := newLimiter(t, client, o)
				takes(t, l, attempt("the first", 1, time.Hour)) // finds out that Redis is away
				return l
			}, time.Sleep)
		})
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	for _, tt := range []struct {
		client redis.UniversalClient
		o      redislimit.Options
		want   string // nothing for success
	}{
		{nil, redislimit.Options{}, "New needs a client"},
		{client, redislimit.Options{}, ""}, // asks nobody
		{client, redislimit.Options{Prefix: "shop:auth:"}, ""},
		{client, redislimit.Options{Prefix: strings.Repeat("x", 100)}, ""},
		{client, redislimit.Options{Prefix: strings.Repeat("x", 101)}, "Options.Prefix is"},
		{client, redislimit.Options{Prefix: "a{}"}, "Options.Prefix is"}, // an empty hash tag is none
		{client, redislimit.Options{Prefix: "a{b}"}, "Options.Prefix is"},
		{client, redislimit.Options{Prefix: "a b"}, "Options.Prefix is"},
		{client, redislimit.Options{Prefix: "ä"}, "Options.Prefix is"},
		{client, redislimit.Options{Prefix: "\n"}, "Options.Prefix is"},
		{client, redislimit.Options{Patience: time.Millisecond}, ""},
		{client, redislimit.Options{Patience: 10 * time.Second}, ""},
		{client, redislimit.Options{Patience: time.Millisecond - 1}, "Options.Patience is"},
		{client, redislimit.Options{Patience: 10*time.Second + 1}, "Options.Patience is"},
		{client, redislimit.Options{Patience: -1}, "Options.Patience is"},
	} {
		l, err := redislimit.New(tt.client, tt.o)
		switch {
		case tt.want == "" && (err != nil || l == nil):
			t.Errorf("%+v: %v, want a limiter", tt.o, err)
		case tt.want != "" && (l != nil || err == nil || !strings.HasPrefix(err.Error(), "redislimit: "+tt.want)):
			t.Errorf("%+v: %v, want an error with %q", tt.o, err, tt.want)
		}
	}
}

// What the host gets wrong is an error, and no outage.
func TestCallsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	for _, refuse := range []bool{false, true} {
		l := newLimiter(t, connect(t, s), redislimit.Options{RefuseWhileAway: refuse, Logger: logged.logger()})
		good := attempt("good", 1, time.Hour)
		for _, rate := range []deskauth.Rate{
			{}, {Attempts: 1}, {Per: time.Hour}, {Attempts: 2, Per: 1}, {Attempts: 1, Per: 367 * 24 * time.Hour},
			{Attempts: 1_000_000_001, Per: time.Hour}, deskauth.NoLimit,
		} {
			bad := deskauth.Attempt{Key: "bad", Rate: rate}
			if refused, _, err := l.Take(t.Context(), good, bad); refused != -1 || err == nil {
				t.Errorf("Take at %v: %d, %v; want an error", rate, refused, err)
			}
			if err := l.GiveBack(t.Context(), good, bad); err == nil {
				t.Errorf("GiveBack at %v: want an error", rate)
			}
		}
		if _, _, err := l.Take(t.Context(), make([]deskauth.Attempt, 101)...); err == nil {
			t.Error("Take of 101 attempts: want an error")
		}
		if refused, wait, err := l.Take(t.Context()); refused != -1 || wait != 0 || err != nil {
			t.Errorf("Take of none: %d, %v, %v", refused, wait, err)
		}
		if err := l.GiveBack(t.Context()); err != nil {
			t.Errorf("GiveBack of none: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range 3 {
			if _, _, err := l.Take(ended, good); err == nil {
				t.Error("Take with a context that has ended: want its error")
			}
		}
		many := make([]deskauth.Attempt, 100)
		for i := range many {
			many[i] = attempt(fmt.Sprint(refuse, i), 1, time.Hour)
		}
		if !takes(t, l, many...) || takes(t, l, many[99]) {
			t.Error("a call of 100 attempts is not counted")
		}
	}
	if logged.String() != "" {
		t.Errorf("the log says %s", logged.String())
	}
}

// Names in Redis hold nothing that is counted, and each has an end.
func TestKeysInRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	client := connect(t, s)
	l := newLimiter(t, client, redislimit.Options{})
	other := newLimiter(t, client, redislimit.Options{Prefix: "shop:"})
	a := attempt("signin ada@example.com from 192.0.2.1", 3, 366*24*time.Hour)
	b := attempt("signin ada@example.com", 1_000_000_000, time.Second)
	takes(t, other, a)
	takes(t, l, attempt("for a second", 1, time.Second))
	for range 3 {
		takes(t, l, a, b, a)
		if err := l.GiveBack(t.Context(), a, attempt("unknown", 1, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	takes(t, l, attempt("another", 1, time.Hour))
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 3 {
		t.Errorf("the keys are %q, want one for each that is counted", keys)
	}
	for _, key := range keys {
		if strings.HasSuffix(key, "{limits}:since") {
			if ttl := client.TTL(t.Context(), key).Val(); ttl < 399*24*time.Hour {
				t.Errorf("the mark ends in %v, want 400 days", ttl)
			}
			continue
		}
		name, ok := strings.CutPrefix(strings.Replace(key, "shop:", "deskauth:", 1), "deskauth:{limits}:")
		if !ok || len(name) != 43 || strings.Contains(key, "ada") {
			t.Errorf("the key %q, want a prefix, a hash tag and a hash", key)
		}
		ttl, err := client.PTTL(t.Context(), key).Result()
		if err != nil || ttl == -1 || ttl > 366*24*time.Hour+2*time.Millisecond {
			t.Errorf("the key %q ends in %v, %v; want an end when its attempts have come back", key, ttl, err)
		}
	}
	if got := left(t, other, a); got != 2 {
		t.Errorf("a limiter with another prefix has %d attempts, want 2", got)
	}
}

// A clock of Redis that was ahead and is set back, or a failover to a server whose clock is
// behind, leaves no key used up.
func TestAClockOfRedisThatIsSetBack(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	client := connect(t, s)
	a := attempt("k", 3, time.Hour)
	takes(t, newLimiter(t, client, redislimit.Options{}), a)
	keys := client.Keys(t.Context(), "*").Val()
	keys = slices.DeleteFunc(keys, func(key string) bool { return strings.HasSuffix(key, ":since") })
	if len(keys) != 1 {
		t.Fatalf("the keys are %q, want one and the mark", keys)
	}
	for _, ahead := range []time.Duration{time.Hour + time.Minute, 24 * time.Hour, 20 * 365 * 24 * time.Hour} {
		future := time.Now().Add(ahead)
		value := future.UnixMicro()
		set := func() {
			if err := client.Set(t.Context(), keys[0], value, 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
		l := newLimiter(t, client, redislimit.Options{})
		set()
		if got := left(t, l, a); got != 3 {
			t.Errorf("after a clock that was %v ahead: %d attempts, want 3", ahead, got)
		}
		set()
		l = newLimiter(t, client, redislimit.Options{})
		if err := l.GiveBack(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if got := left(t, l, a); got != 3 {
			t.Errorf("after it, with one given back: %d attempts, want 3", got)
		}
	}
	for _, value := range []string{"", "x", "9", "-1", "nan", "inf", "0x7", "1e300", strings.Repeat("9", 400)} {
		client.Set(t.Context(), keys[0], value, 0)
		if got := left(t, newLimiter(t, client, redislimit.Options{}), a); got != 3 {
			t.Errorf("after the value %.20q of another program: %d attempts, want 3", value, got)
		}
	}
	client.Del(t.Context(), keys[0])
	client.RPush(t.Context(), keys[0], "a list of another program")
	if got := left(t, newLimiter(t, client, redislimit.Options{}), a); got != 3 {
		t.Errorf("after a list: %d attempts, want 3", got)
	}
}

// Rates whose times are no whole microseconds are counted to the attempt, and none comes
// back before its time.
func TestTimesAreExact(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	l := newLimiter(t, connect(t, s), redislimit.Options{RefuseWhileAway: true, Patience: 10 * time.Second})
	for _, rate := range []deskauth.Rate{
		{Attempts: 7, Per: 24 * time.Hour},
		{Attempts: 97, Per: 366*24*time.Hour - 1},
		{Attempts: 3, Per: 366 * 24 * time.Hour},
		{Attempts: 13, Per: time.Hour + 1},
		{Attempts: 1, Per: 1_000_000 * time.Second}, // whose milliseconds are 1e+9
		{Attempts: 10, Per: 10_000_000 * time.Second},
	} {
		a := deskauth.Attempt{Key: fmt.Sprint(rate), Rate: rate}
		begun := time.Now()
		call := make([]deskauth.Attempt, rate.Attempts)
		for i := range call {
			call[i] = a
		}
		if refused, wait, err := l.Take(t.Context(), call...); refused != -1 || err != nil {
			t.Fatalf("%v: attempt %d is refused for %v, %v; want all at once", rate, refused, wait, err)
		}
		refused, wait, err := l.Take(t.Context(), a)
		step := rate.Per / time.Duration(rate.Attempts)
		least, most := step-time.Since(begun)-time.Millisecond, step+time.Microsecond
		if refused != 0 || wait < least || wait > most || err != nil {
			t.Errorf("%v: one more: %d, %v, %v; want 0 and %v to %v", rate, refused, wait, err, least, most)
		}
	}
}

// The fastest rates have all their attempts at once.
func TestFastestRates(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	l := newLimiter(t, connect(t, s), redislimit.Options{RefuseWhileAway: true, Patience: 10 * time.Second})
	for _, rate := range []deskauth.Rate{
		{Attempts: 1, Per: 1}, {Attempts: 100, Per: 100}, {Attempts: 1_000_000_000, Per: time.Second},
		{Attempts: 1_000_000_000, Per: 366 * 24 * time.Hour},
	} {
		a := deskauth.Attempt{Key: fmt.Sprint(rate), Rate: rate}
		call := make([]deskauth.Attempt, min(100, rate.Attempts))
		for i := range call {
			call[i] = a
		}
		if refused, wait, err := l.Take(t.Context(), call...); refused != -1 || err != nil {
			t.Errorf("%v: attempt %d is refused for %v, %v; want all at once", rate, refused, wait, err)
		}
	}
}
