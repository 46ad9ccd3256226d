package redislimit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

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

// A lostGiveBack is a client whose second script gets no answer.
type lostGiveBack struct {
	redis.Hook
	mu            sync.Mutex
	script        string    // the first one
	first, second time.Time // the end of the time that each has
}

func (g *lostGiveBack) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "evalsha" || !g.isSecond(ctx, cmd) {
			return next(ctx, cmd)
		}
		<-ctx.Done()
		cmd.SetErr(ctx.Err())
		return ctx.Err()
	}
}

func (g *lostGiveBack) isSecond(ctx context.Context, cmd redis.Cmder) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	end, _ := ctx.Deadline()
	if script := fmt.Sprint(cmd.Args()[1]); g.script == "" {
		g.script, g.first = script, end
	} else if script != g.script {
		g.second = end
		return true
	}
	return false
}

func (g *lostGiveBack) ends() (first, second time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.first, g.second
}

// The first call after a restart may give back what Redis has just counted. Together that
// takes no longer than the patience. Less time than that says nothing of Redis.
func TestGiveBackAfterARestartIsInTime(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	client, hook := connect(t, s), &lostGiveBack{Hook: &asked{}}
	l := newLimiter(t, client, redislimit.Options{Patience: 2 * time.Second, Logger: logged.logger()})
	used := attempt("used", 3, 24*time.Hour)
	left(t, l, used)
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	client.AddHook(hook)
	if takes(t, l, used) {
		t.Error("an attempt after the restart is allowed, want it refused: all are used up")
	}
	if first, second := hook.ends(); second.IsZero() || second.After(first) {
		t.Errorf("the scripts of one call have time until %v and %v, want the second no more than the first", first, second)
	}
	if text := logged.String(); text != "" {
		t.Errorf("the log says:\n%s\nwant nothing: Redis is there", text)
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
