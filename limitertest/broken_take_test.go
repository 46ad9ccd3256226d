package limitertest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenTakes go wrong in Take, or in newLimiter.
var brokenTakes = []broken{
	{"is the same limiter each time", []string{"NewLimiter/Empty"}, sameEachTime()},
	{"never refuses", []string{"Take/Burst", "Take/Wait", "Concurrent/AllAreCounted"},
		onAnswers(func(int, time.Duration) (int, time.Duration) { return -1, 0 })},
	{"returns no wait with a refusal", []string{"Take/Burst"},
		onWaits(func(deskauth.Rate, time.Duration) time.Duration { return 0 })},
	{"returns a wait without a refusal", []string{"Take/Burst"},
		onAnswers(func(_ int, wait time.Duration) (int, time.Duration) { return -1, wait })},
	{"returns 0 when all is allowed", []string{"Take/Burst"},
		onAnswers(func(refused int, wait time.Duration) (int, time.Duration) { return max(0, refused), wait })},
	{"allows one more", []string{"Take/Burst", "Take/NeverMoreThanAttempts"},
		onRates(func(r deskauth.Rate) deskauth.Rate { r.Attempts++; return r })},
	{"allows one less", []string{"Take/Burst"},
		onRates(func(r deskauth.Rate) deskauth.Rate { r.Attempts = max(1, r.Attempts-1); return r })},
	{"allows no burst", []string{"Take/Burst"}, onRates(func(r deskauth.Rate) deskauth.Rate {
		return deskauth.Rate{Attempts: 1, Per: r.Per / time.Duration(r.Attempts)}
	})},
	{"refuses with an error", []string{"Take/Burst"}, makesFaulty(refusesWithAnError)},
	{"waits a whole period", []string{"Take/Wait"},
		onWaits(func(r deskauth.Rate, _ time.Duration) time.Duration { return r.Per })},
	{"waits a nanosecond", []string{"Take/Wait", "Take/WaitIsEnough"},
		onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration { return min(wait, 1) })},
	{"waits in minutes", []string{"Take/Wait"}, onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration {
		return (wait + time.Minute - 1).Truncate(time.Minute)
	})},
	{"waits a millisecond too short", []string{"Take/WaitIsEnough"},
		onWaits(func(_ deskauth.Rate, wait time.Duration) time.Duration { return max(0, wait-time.Millisecond) })},
	{"counts refused attempts", []string{"Take/RefusalReservesNothing"}, countsRefused},
	{"counts in fixed windows", []string{"Take/OneByOne"}, fixedWindows},
	{"lists the last attempts", []string{"Take/OneByOne"}, listsAttempts},
	{"gives a burst back after a wait", []string{"Take/OneByOne"},
		expires(func(r deskauth.Rate) time.Duration { return r.Per / time.Duration(r.Attempts) })},
	{"forgets after a second", []string{"Take/OneByOne"},
		expires(func(deskauth.Rate) time.Duration { return time.Second })},
	{"lets attempts add up", []string{"Take/NeverMoreThanAttempts"}, letsAttemptsAddUp},
	{"counts milliseconds in 32 bits", []string{"Take/LargestRates"}, onRates(func(r deskauth.Rate) deskauth.Rate {
		r.Per = max(time.Duration(int32(r.Per.Milliseconds()))*time.Millisecond, time.Duration(r.Attempts))
		return r
	})},
	{"forgets within a month", []string{"Take/LargestRates"},
		onRates(func(r deskauth.Rate) deskauth.Rate { r.Per = min(r.Per, 30*24*time.Hour); return r })},
	{"counts milliseconds", []string{"Take/LargestRates"}, failsOn(func(a deskauth.Attempt) bool {
		return a.Rate.Per/time.Duration(a.Rate.Attempts) < time.Millisecond
	}, errors.New("division by zero"))},
	{"keeps its first rate", []string{"Take/TwoRates"}, keepsFirstRate},
}

func sameEachTime() maker {
	var one deskauth.Limiter
	var once sync.Once
	return func(now func() time.Time) deskauth.Limiter {
		once.Do(func() { one = soundLimiter(now) })
		return one
	}
}

func refusesWithAnError(f *faulty, _ func() time.Time) {
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		refused, wait, err := f.sound.Take(ctx, attempts...)
		if refused >= 0 {
			return refused, wait, deskauth.ErrTooManyAttempts
		}
		return -1, 0, err
	}
}

func keepsFirstRate(now func() time.Time) deskauth.Limiter {
	var first deskauth.Rate
	var once sync.Once
	return onRates(func(r deskauth.Rate) deskauth.Rate {
		once.Do(func() { first = r })
		return first
	})(now)
}
