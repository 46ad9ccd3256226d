package redislimit_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// asked counts the scripts that a client is told to run.
type asked struct{ atomic.Int64 }

func (a *asked) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (a *asked) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			a.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (a *asked) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// takeWithin calls Take for a caller that has so much time.
func takeWithin(l deskauth.Limiter, patience time.Duration, a deskauth.Attempt) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, _, err := l.Take(ctx, a)
	return err
}

// Callers that have no more time than the limiter's patience find out all the same that
// Redis is away, and from then on the memory counts for them. No later call fails, although
// Redis is asked again and again.
func TestCallersWithLittleTimeInAnOutage(t *testing.T) {
	t.Parallel()
	const patience = 400 * time.Millisecond
	for how, edit := range map[string]func(*redis.Options){"heeding": heeding, "unheeding": unheeding} {
		for _, has := range []time.Duration{patience, patience / 2, patience / 4} {
			t.Run(how+" "+has.String(), func(t *testing.T) {
				t.Parallel()
				s := redistest.Start(t)
				admin := connect(t, s)
				client := connect(t, s, edit)
				var scripts asked
				client.AddHook(&scripts)
				var logged logbook
				l := newLimiter(t, client, redislimit.Options{Patience: patience, Logger: logged.logger()})
				a := attempt("k", 100_000, 24*time.Hour)
				if err := s.Freeze(); err != nil {
					t.Fatal(err)
				}
				within(t, "finding out that Redis is away", func() {
					for takeWithin(l, has, a) != nil {
					}
				})
				if text := logged.await(t, "Redis is away"); strings.Count(text, "\n") != 1 {
					t.Errorf("the log says, want once that Redis is away:\n%s", text)
				}
				from, failed := scripts.Load(), 0
				within(t, "the outage", func() {
					for scripts.Load() < from+3 {
						if err := takeWithin(l, has, a); err != nil {
							t.Errorf("a call in the outage: %v", err)
							failed++
						}
						if failed > 3 {
							return
						}
						time.Sleep(time.Millisecond)
					}
				})
				if err := s.Thaw(); err != nil {
					t.Fatal(err)
				}
				awaitBack(t, l, admin)
			})
		}
	}
}

// Giving back has a deadline of its own, which may be shorter than the patience.
func TestGivingBackWithLittleTimeInAnOutage(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var logged logbook
	l := newLimiter(t, connect(t, s, heeding),
		redislimit.Options{Patience: 400 * time.Millisecond, Logger: logged.logger()})
	a := attempt("k", 100_000, 24*time.Hour)
	takes(t, l, a)
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	within(t, "finding out that Redis is away", func() {
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			err := l.GiveBack(ctx, a)
			cancel()
			if err == nil {
				return
			}
		}
	})
	if text := logged.await(t, "Redis is away"); strings.Count(text, "\n") != 1 {
		t.Errorf("the log says, want once that Redis is away:\n%s", text)
	}
}
