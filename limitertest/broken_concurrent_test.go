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
	{"fails when Take meets GiveBack", []string{"Concurrent/TakeWhileGivingBack"},
		failsWhenTwoMeet(func(method string) bool { return method == "GiveBack" })},
}

// readsThenWrites has no data race, and still counts attempts in parallel as one.
func readsThenWrites(f *faulty, now func() time.Time) {
	var stored bite.Table[time.Time]
	f.take = func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		for i, a := range attempts {
			free, _ := stored.At(a.Key)
			runtime.Gosched()
			if free.Before(now()) {
				free = now()
			}
			next := free.Add(a.Rate.Per / time.Duration(a.Rate.Attempts))
			if wait := next.Sub(now()) - a.Rate.Per; wait > 0 {
				return i, wait, nil
			}
			stored.Set(a.Key, next)
		}
		return -1, 0, nil
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
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (refused int, wait time.Duration, err error) {
			err = meet("Take", func() { refused, wait, _ = f.sound.Take(ctx, attempts...) })
			return refused, wait, err
		}
		f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
			return meet("GiveBack", func() { f.sound.GiveBack(ctx, attempts...) })
		}
	})
}

// brokenContexts go wrong when a context has ended.
var brokenContexts = []broken{
	{"is dead after a cancelled call", []string{"Context/WorksAfterCancelled"}, makesFaulty(deadAfterCancelledTake)},
	{"keeps a cancelled GiveBack for later", []string{"Context/WorksAfterCancelled"}, onGiveBack(keepsCancelled)},
}

func deadAfterCancelledTake(f *faulty, _ func() time.Time) {
	var dead atomic.Bool
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		if ctx.Err() != nil {
			dead.Store(true)
		}
		if dead.Load() {
			return -1, 0, errors.New("connection is busy")
		}
		return f.sound.Take(ctx, attempts...)
	}
}

func keepsCancelled(f *faulty, ctx context.Context, attempts []deskauth.Attempt) error {
	if ctx.Err() != nil {
		f.giveBack = func(context.Context, []deskauth.Attempt) error { return errors.New("transaction is aborted") }
		return ctx.Err()
	}
	return f.sound.GiveBack(ctx, attempts...)
}
