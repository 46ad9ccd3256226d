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

// A faulty limiter is a sound one with another Take or another GiveBack.
type faulty struct {
	sound    deskauth.Limiter
	take     func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error)
	giveBack func(ctx context.Context, attempts []deskauth.Attempt) error
}

func (f *faulty) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if f.take != nil {
		return f.take(ctx, attempts)
	}
	return f.sound.Take(ctx, attempts...)
}

func (f *faulty) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	if f.giveBack != nil {
		return f.giveBack(ctx, attempts)
	}
	return f.sound.GiveBack(ctx, attempts...)
}

// makesFaulty returns a maker of sound limiters to which spoil gives their faults.
func makesFaulty(spoil func(f *faulty, now func() time.Time)) maker {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faulty{sound: soundLimiter(now)}
		spoil(f, now)
		return f
	}
}

// onAnswers changes what Take answers.
func onAnswers(change func(refused int, wait time.Duration) (int, time.Duration)) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			refused, wait, err := f.sound.Take(ctx, attempts...)
			refused, wait = change(refused, wait)
			return refused, wait, err
		}
	})
}

// onWaits changes the wait of a refused attempt.
func onWaits(change func(deskauth.Rate, time.Duration) time.Duration) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			refused, wait, err := f.sound.Take(ctx, attempts...)
			if refused >= 0 {
				wait = change(attempts[refused].Rate, wait)
			}
			return refused, wait, err
		}
	})
}

// changed returns the attempts, each as change leaves it.
func changed(attempts []deskauth.Attempt, change func(a *deskauth.Attempt)) []deskauth.Attempt {
	var all []deskauth.Attempt
	for _, a := range attempts {
		change(&a)
		all = append(all, a)
	}
	return all
}

// onAttempts counts other attempts than those of the call, in both methods.
func onAttempts(change func(a *deskauth.Attempt)) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			return f.sound.Take(ctx, changed(attempts, change)...)
		}
		f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
			return f.sound.GiveBack(ctx, changed(attempts, change)...)
		}
	})
}

// onRates counts at another rate.
func onRates(change func(deskauth.Rate) deskauth.Rate) maker {
	return onAttempts(func(a *deskauth.Attempt) { a.Rate = change(a.Rate) })
}

// onKeys changes the keys.
func onKeys(change func(string) string) maker {
	return onAttempts(func(a *deskauth.Attempt) { a.Key = change(a.Key) })
}

// failsOn fails for some attempts.
func failsOn(refused func(deskauth.Attempt) bool, failure error) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			for _, a := range attempts {
				if refused(a) {
					return -1, 0, failure
				}
			}
			return f.sound.Take(ctx, attempts...)
		}
	})
}

// onGiveBack has another GiveBack.
func onGiveBack(giveBack func(f *faulty, ctx context.Context, attempts []deskauth.Attempt) error) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
			return giveBack(f, ctx, attempts)
		}
	})
}
