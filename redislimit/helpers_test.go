package redislimit_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// connect returns a client that heeds deadlines, as the documentation advises.
func connect(t testing.TB, s *redistest.Server, edits ...func(*redis.Options)) *redis.Client {
	t.Helper()
	o := &redis.Options{Addr: s.Addr(), ContextTimeoutEnabled: true}
	for _, edit := range edits {
		edit(o)
	}
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	return client
}

// newLimiter returns a limiter that waits long for Redis, because the machine may be busy.
func newLimiter(t testing.TB, client redis.UniversalClient, o redislimit.Options) *redislimit.Limiter {
	t.Helper()
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l, err := redislimit.New(client, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func attempt(key string, attempts int, per time.Duration) deskauth.Attempt {
	return deskauth.Attempt{Key: key, Rate: deskauth.Rate{Attempts: attempts, Per: per}}
}

// takes calls Take, which must not fail, and reports whether it is allowed.
func takes(t testing.TB, l deskauth.Limiter, attempts ...deskauth.Attempt) bool {
	t.Helper()
	refused, _, err := l.Take(t.Context(), attempts...)
	if err != nil {
		t.Fatal(err)
	}
	return refused < 0
}

// left returns how many attempts are left, and uses them up.
func left(t testing.TB, l deskauth.Limiter, a deskauth.Attempt) (n int) {
	t.Helper()
	for n < 1000 && takes(t, l, a) {
		n++
	}
	return n
}

// A logbook is what a limiter logs.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await returns the log when it has the line. Calls know of an outage before it is written.
func (l *logbook) await(t *testing.T, line string) string {
	t.Helper()
	within(t, "the line that "+line, func() {
		for !strings.Contains(l.String(), line) {
			time.Sleep(time.Millisecond)
		}
	})
	return l.String()
}

func (l *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func TestMain(m *testing.M) { os.Exit(testkit.RunWaiting(m, 16)) }
