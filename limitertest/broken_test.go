package limitertest_test

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// A maker makes a limiter that reads its time from a function.
type maker = func(now func() time.Time) deskauth.Limiter

// A broken limiter breaks the clauses that it lists. Each of them must fail on it.
type broken struct {
	name       string
	clauses    []string
	newLimiter maker
}

func (b broken) listing() bite.Listing { return bite.Listing{Name: b.name, Clauses: b.clauses} }

// A faulty limiter is a sound one with another Take or another Reset.
type faulty struct {
	*sound
	take  func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error)
	reset func(ctx context.Context, key string) error
}

func (f *faulty) Take(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	if f.take != nil {
		return f.take(ctx, key, rate)
	}
	return f.sound.Take(ctx, key, rate)
}

func (f *faulty) Reset(ctx context.Context, key string) error {
	if f.reset != nil {
		return f.reset(ctx, key)
	}
	return f.sound.Reset(ctx, key)
}

// makesFaulty returns a maker of sound limiters to which spoil gives their faults.
func makesFaulty(spoil func(f *faulty, now func() time.Time)) maker {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faulty{sound: newSound(now)}
		spoil(f, now)
		return f
	}
}

// onWaits changes what Take answers.
func onWaits(change func(deskauth.Rate, time.Duration) time.Duration) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			wait, err := f.sound.Take(ctx, key, rate)
			return change(rate, wait), err
		}
	})
}

// onRates counts at another rate.
func onRates(change func(deskauth.Rate) deskauth.Rate) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			return f.sound.Take(ctx, key, change(rate))
		}
	})
}

// failsOn fails for some attempts.
func failsOn(refused func(key string, rate deskauth.Rate) bool, failure error) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			if refused(key, rate) {
				return 0, failure
			}
			return f.sound.Take(ctx, key, rate)
		}
	})
}

// onKeys changes the keys of both methods.
func onKeys(change func(string) string) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			return f.sound.Take(ctx, change(key), rate)
		}
		f.reset = func(ctx context.Context, key string) error { return f.sound.Reset(ctx, change(key)) }
	})
}

// onReset has another Reset.
func onReset(reset func(f *faulty, ctx context.Context, key string) error) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.reset = func(ctx context.Context, key string) error { return reset(f, ctx, key) }
	})
}
