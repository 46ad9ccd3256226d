package limitertest_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenConcurrency are sound as long as one call waits for the other.
var brokenConcurrency = []broken{
	{"reads, then writes", []string{"Concurrent/AllAreCounted"}, makesFaulty(readsThenWrites)},
	{"fails when two calls meet", []string{"Concurrent/AllAreCounted", "Concurrent/IndependentKeys"},
		failsWhenTwoMeet(func(string) bool { return true })},
	{"fails when Take meets Reset", []string{"Concurrent/TakeWhileResetting"},
		failsWhenTwoMeet(func(method string) bool { return method == "Reset" })},
}

// readsThenWrites has no data race, and still counts attempts in parallel as one.
func readsThenWrites(f *faulty, now func() time.Time) {
	var stored bite.Table[time.Time]
	f.take = func(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		free, _ := stored.At(key)
		runtime.Gosched()
		if free.Before(now()) {
			free = now()
		}
		next := free.Add(rate.Per / time.Duration(rate.Attempts))
		if wait := next.Sub(now()) - rate.Per; wait > 0 {
			return wait, nil
		}
		stored.Set(key, next)
		return 0, nil
	}
	f.reset = func(_ context.Context, key string) error {
		stored.Drop(key)
		return nil
	}
}

// failsWhenTwoMeet gives up where two calls overlap and one of them is of a special method,
// like a database whose transactions do not fit in any order.
func failsWhenTwoMeet(special func(method string) bool) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		var inside, specials atomic.Int64
		meet := func(method string, work func()) error {
			inside.Add(1)
			defer inside.Add(-1)
			if special(method) {
				specials.Add(1)
				defer specials.Add(-1)
			}
			for range 5 {
				runtime.Gosched()
			}
			if inside.Load() > 1 && specials.Load() > 0 {
				return errors.New("could not serialize access")
			}
			work()
			return nil
		}
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (wait time.Duration, err error) {
			err = meet("Take", func() { wait, _ = f.sound.Take(ctx, key, rate) })
			return wait, err
		}
		f.reset = func(ctx context.Context, key string) error {
			return meet("Reset", func() { f.sound.Reset(ctx, key) })
		}
	})
}

// brokenContexts go wrong when a context has ended.
var brokenContexts = []broken{
	{"is dead after a cancelled call", []string{"Context/WorksAfterCancelled"}, makesFaulty(deadAfterCancelledTake)},
	{"keeps a cancelled Reset for later", []string{"Context/WorksAfterCancelled"}, onReset(keepsCancelledReset)},
}

func deadAfterCancelledTake(f *faulty, _ func() time.Time) {
	var dead atomic.Bool
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		if ctx.Err() != nil {
			dead.Store(true)
		}
		if dead.Load() {
			return 0, errors.New("connection is busy")
		}
		return f.sound.Take(ctx, key, rate)
	}
}

func keepsCancelledReset(f *faulty, ctx context.Context, key string) error {
	if ctx.Err() != nil {
		f.reset = func(context.Context, string) error { return errors.New("transaction is aborted") }
		return ctx.Err()
	}
	return f.sound.Reset(ctx, key)
}
