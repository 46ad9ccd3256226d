package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// A brokenLimiter breaks the clauses it is listed with, and each of them has to fail on it.
type brokenLimiter struct {
	name    string
	clauses []string
	limiter func(now func() time.Time) deskauth.Limiter
}

// faultyLimiter is a sound limiter with some of its methods replaced.
type faultyLimiter struct {
	*soundLimiter
	take  func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error)
	reset func(ctx context.Context, key string) error
}

func (f *faultyLimiter) Take(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	if f.take != nil {
		return f.take(ctx, key, rate)
	}
	return f.soundLimiter.Take(ctx, key, rate)
}

func (f *faultyLimiter) Reset(ctx context.Context, key string) error {
	if f.reset != nil {
		return f.reset(ctx, key)
	}
	return f.soundLimiter.Reset(ctx, key)
}

var brokenLimiters = []brokenLimiter{
	{"is the same limiter each time", []string{"NewLimiter/Empty"}, func() func(func() time.Time) deskauth.Limiter {
		var one deskauth.Limiter
		var once sync.Once
		return func(now func() time.Time) deskauth.Limiter {
			once.Do(func() { one = newSoundLimiter(now) })
			return one
		}
	}()},
	{"never refuses", []string{"Take/Burst", "Take/Wait"}, onWaits(func(_ deskauth.Rate, _ time.Duration) time.Duration { return 0 })},
	{"says no wait when it refuses", []string{"Take/Burst", "Concurrent/AllAreCounted"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration { return min(wait, 0) })},
	{"says -1 when it refuses", []string{"Take/Burst"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration { return -min(wait, 1) })},
	{"allows one more", []string{"Take/Burst", "Take/NeverMoreThanAttempts"}, onRates(func(r deskauth.Rate) deskauth.Rate { r.Attempts++; return r })},
	{"allows one less", []string{"Take/Burst"}, onRates(func(r deskauth.Rate) deskauth.Rate { r.Attempts = max(1, r.Attempts-1); return r })},
	{"allows no burst", []string{"Take/Burst"}, onRates(func(r deskauth.Rate) deskauth.Rate {
		return deskauth.Rate{Attempts: 1, Per: r.Per / time.Duration(r.Attempts)}
	})},
	{"refuses with an error", []string{"Take/Burst"}, refusesWithAnError},
	{"waits a whole period", []string{"Take/Wait"}, onWaits(func(r deskauth.Rate, wait time.Duration) time.Duration {
		if wait > 0 {
			return r.Per
		}
		return 0
	})},
	{"waits a nanosecond", []string{"Take/Wait", "Take/WaitIsEnough"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration { return min(wait, 1) })},
	{"waits in minutes", []string{"Take/Wait"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration {
		return (wait + time.Minute - 1).Truncate(time.Minute)
	})},
	{"waits too short by a millisecond", []string{"Take/WaitIsEnough"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration {
		return max(0, wait-time.Millisecond)
	})},
	{"counts whom it refuses", []string{"Take/RefusedReserveNothing"}, countsRefused},
	{"counts in fixed windows", []string{"Take/OneByOne"}, fixedWindows},
	{"lists the last attempts", []string{"Take/OneByOne"}, listsAttempts},
	{"gives a burst back after a wait", []string{"Take/OneByOne"}, expires(func(r deskauth.Rate) time.Duration { return r.Per / time.Duration(r.Attempts) })},
	{"forgets after a second", []string{"Take/OneByOne"}, expires(func(deskauth.Rate) time.Duration { return time.Second })},
	{"lets attempts add up", []string{"Take/NeverMoreThanAttempts"}, letsAttemptsAddUp},
	{"counts milliseconds in 32 bits", []string{"Take/LargestRates"}, onRates(func(r deskauth.Rate) deskauth.Rate {
		r.Per = max(time.Duration(int32(r.Per.Milliseconds()))*time.Millisecond, time.Duration(r.Attempts))
		return r
	})},
	{"forgets within a month", []string{"Take/LargestRates"}, onRates(func(r deskauth.Rate) deskauth.Rate { r.Per = min(r.Per, 30*24*time.Hour); return r })},
	{"counts milliseconds", []string{"Take/LargestRates"}, func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.take = func(ctx context.Context, key string, r deskauth.Rate) (time.Duration, error) {
			if r.Per/time.Duration(r.Attempts) < time.Millisecond {
				return 0, errors.New("division by zero")
			}
			return f.soundLimiter.Take(ctx, key, r)
		}
		return f
	}},
	{"keeps its first rate", []string{"Take/TwoRates"}, func(now func() time.Time) deskauth.Limiter {
		var first deskauth.Rate
		var once sync.Once
		return onRates(func(r deskauth.Rate) deskauth.Rate { once.Do(func() { first = r }); return first })(now)
	}},

	{"folds the case of keys", []string{"Keys/KeysAreBytes", "Reset/OnlyThatKey"}, onKeys(strings.ToLower)},
	{"trims keys", []string{"Keys/KeysAreBytes"}, onKeys(strings.TrimSpace)},
	{"pads keys with blanks", []string{"Keys/KeysAreBytes"}, onKeys(trimRight)},
	{"composes accents", []string{"Keys/KeysAreBytes"}, onKeys(func(key string) string { return strings.ReplaceAll(key, "e\u0301", "\u00e9") })},
	{"drops what is not ASCII", []string{"Keys/KeysAreBytes"}, onKeys(func(key string) string {
		return strings.Map(func(r rune) rune {
			if r > 0x7f {
				return '?'
			}
			return r
		}, key)
	})},
	{"keeps 255 bytes of a key", []string{"Keys/LongestKeys"}, onKeys(first(255))},
	{"refuses long keys", []string{"Keys/LongestKeys"}, failsFor(func(key string) bool { return len(key) > 512 })},
	{"has 2^16 counters", []string{"Keys/ManyKeys"}, onKeys(func(key string) string {
		h := fnv.New32a()
		h.Write([]byte(key))
		return fmt.Sprint(h.Sum32() & math.MaxUint16)
	})},

	{"resets nothing", []string{"Reset/Forgets"}, onResets(func(f *faultyLimiter, ctx context.Context, key string) error { return nil })},
	{"never limits again who was reset", []string{"Reset/Forgets"}, neverLimitsAgain},
	{"gives one attempt back", []string{"Reset/Forgets"}, givesOneBack},
	{"resets all keys", []string{"Reset/OnlyThatKey"}, resetsAlso(func(string, string) bool { return true })},
	{"resets by prefix", []string{"Reset/OnlyThatKey"}, resetsAlso(func(known, key string) bool { return strings.HasPrefix(known, key) })},
	{"resets by pattern", []string{"Reset/OnlyThatKey"}, resetsAlso(func(known, key string) bool {
		head, ok := strings.CutSuffix(key, "*")
		return ok && strings.HasPrefix(known, head)
	})},
	{"wants to know what it resets", []string{"Reset/UnknownKey"}, wantsKnownKeys},

	{"reads, then writes", []string{"Concurrent/AllAreCounted"}, readsThenWrites},
	{"fails when two meet", []string{"Concurrent/AllAreCounted", "Concurrent/NoneIsInTheWay"}, failsWhenTwoMeet(func(string) bool { return true })},
	{"fails when Take meets Reset", []string{"Concurrent/TakeWhileResetting"}, failsWhenTwoMeet(func(method string) bool { return method == "Reset" })},

	{"is dead after a cancelled call", []string{"Context/WorksAfterCancelled"}, deadAfterCancelledTake},
	{"keeps a cancelled Reset for later", []string{"Context/WorksAfterCancelled"}, onResets(func(f *faultyLimiter, ctx context.Context, key string) error {
		if ctx.Err() != nil {
			f.reset = func(context.Context, string) error { return errors.New("transaction is aborted") }
			return ctx.Err()
		}
		return f.soundLimiter.Reset(ctx, key)
	})},
}

// onWaits is a limiter that changes what it answers.
func onWaits(change func(deskauth.Rate, time.Duration) time.Duration) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			wait, err := f.soundLimiter.Take(ctx, key, rate)
			return change(rate, wait), err
		}
		return f
	}
}

// onRates is a limiter that counts at another rate.
func onRates(change func(deskauth.Rate) deskauth.Rate) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			return f.soundLimiter.Take(ctx, key, change(rate))
		}
		return f
	}
}

// onKeys is a limiter that changes keys.
func onKeys(change func(string) string) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			return f.soundLimiter.Take(ctx, change(key), rate)
		}
		f.reset = func(ctx context.Context, key string) error { return f.soundLimiter.Reset(ctx, change(key)) }
		return f
	}
}

// onResets is a limiter with another Reset.
func onResets(reset func(*faultyLimiter, context.Context, string) error) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.reset = func(ctx context.Context, key string) error { return reset(f, ctx, key) }
		return f
	}
}

func failsFor(refused func(key string) bool) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			if refused(key) {
				return 0, errors.New("value too long for the column")
			}
			return f.soundLimiter.Take(ctx, key, rate)
		}
		return f
	}
}

func refusesWithAnError(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		wait, err := f.soundLimiter.Take(ctx, key, rate)
		if wait > 0 {
			return wait, deskauth.ErrTooManyAttempts
		}
		return 0, err
	}
	return f
}

// failsWhenTwoMeet gives up where two calls of which one is special overlap, as a database
// does with transactions that it cannot put in an order.
func failsWhenTwoMeet(special func(method string) bool) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
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
			err = meet("Take", func() { wait, _ = f.soundLimiter.Take(ctx, key, rate) })
			return wait, err
		}
		f.reset = func(ctx context.Context, key string) error {
			return meet("Reset", func() { f.soundLimiter.Reset(ctx, key) })
		}
		return f
	}
}
