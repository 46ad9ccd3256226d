package redislimit_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// A panicking hook panics at every command, and notes it.
type panicking struct {
	redis.Hook
	atomic.Int64
}

func (p *panicking) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p *panicking) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error {
		p.Add(1)
		panic("a bug in a hook")
	}
}

func (p *panicking) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A panickingLog panics at every line.
type panickingLog struct{ slog.Handler }

func (panickingLog) Handle(context.Context, slog.Record) error { panic("a bug in a handler") }

// A client or a log that panics ends no process, in probes neither: the memory counts.
func TestPanicsOfTheHostAreContained(t *testing.T) {
	t.Parallel()
	for how, heeds := range map[string]bool{"heeding": true, "unheeding": false} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", ContextTimeoutEnabled: heeds})
			defer client.Close()
			hook := new(panicking)
			client.AddHook(hook)
			l := newLimiter(t, client, redislimit.Options{
				Logger: slog.New(panickingLog{slog.NewTextHandler(t.Output(), nil)}),
			})
			if n := left(t, l, attempt("k", 3, time.Hour)); n != 3 {
				t.Errorf("the memory allows %d attempts, want 3", n)
			}
			within(t, "the probes", func() {
				for hook.Load() < 3 {
					takes(t, l, attempt("another", 100_000, time.Hour))
					time.Sleep(10 * time.Millisecond)
				}
			})
		})
	}
}
