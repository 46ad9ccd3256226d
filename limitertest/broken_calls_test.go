package limitertest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenCalls go wrong with several keys in a call.
var brokenCalls = []broken{
	{"counts the first key", []string{"Calls/AllOfThem"}, onCalls(func(attempts []deskauth.Attempt) []deskauth.Attempt {
		return attempts[:1]
	})},
	{"counts all at the first rate", []string{"Calls/AllOfThem"},
		onCalls(func(attempts []deskauth.Attempt) []deskauth.Attempt {
			return changed(attempts, func(a *deskauth.Attempt) { a.Rate = attempts[0].Rate })
		})},
	{"takes one key after the other", []string{"Calls/NoneOfThem", "Concurrent/WholeCalls"}, oneByOne(false)},
	{"takes one key after the other, and undoes it", []string{"Concurrent/WholeCalls"}, oneByOne(true)},
	{"returns the first that is refused", []string{"Calls/LongestWait", "Calls/WholeCallAfterTheWait"},
		makesFaulty(returnsFirst)},
	{"returns the shortest wait", []string{"Calls/LongestWait"},
		onAnswers(func(refused int, wait time.Duration) (int, time.Duration) {
			return refused, min(wait, 30*time.Minute)
		})},
	{"counts from one", []string{"Take/Burst", "Calls/NoneOfThem"},
		onAnswers(func(refused int, wait time.Duration) (int, time.Duration) { return refused + 1, wait })},
	{"returns no wait for a key twice", []string{"Calls/KeyTwice", "Calls/KeyTwiceAfterTheWait"},
		makesFaulty(waitsForOne)},
	{"counts a key once in a call", []string{"Calls/KeyTwice", "GiveBack/AllOfThem"},
		onCalls(func(attempts []deskauth.Attempt) []deskauth.Attempt {
			var all []deskauth.Attempt
			for _, a := range attempts {
				if !slices.Contains(all, a) {
					all = append(all, a)
				}
			}
			return all
		})},
}

// brokenSlices do what they should not with the slice of a call.
var brokenSlices = []broken{
	{"sorts the slice in Take", []string{"Calls/LeavesTheSlice"}, makesFaulty(sortsInTake)},
	{"sorts the slice in GiveBack", []string{"Calls/LeavesTheSlice"},
		onGiveBack(func(f *faulty, ctx context.Context, attempts []deskauth.Attempt) error {
			slices.SortFunc(attempts, byKey)
			return f.sound.GiveBack(ctx, attempts...)
		})},
	{"writes after Take has returned", []string{"Calls/LeavesTheSlice"}, makesFaulty(writesLater)},
	{"gives back after GiveBack has returned", []string{"Calls/LeavesTheSlice"}, makesFaulty(givesBackLater)},
}

func byKey(a, b deskauth.Attempt) int { return cmp.Compare(a.Key, b.Key) }

// sortsInTake sorts in place, so that rows are locked in one order, and still finds the
// right index.
func sortsInTake(f *faulty, _ func() time.Time) {
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		refused, wait, err := f.sound.Take(ctx, attempts...)
		slices.SortStableFunc(attempts, byKey)
		return refused, wait, err
	}
}

// writesLater checks at once and writes what the slice holds at the next call.
func writesLater(f *faulty, _ func() time.Time) {
	var kept []deskauth.Attempt
	write := func(ctx context.Context) {
		f.sound.Take(ctx, kept...)
		kept = nil
	}
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		write(ctx)
		refused, wait, err := f.sound.Take(ctx, attempts...)
		if refused < 0 && err == nil {
			f.sound.GiveBack(ctx, attempts...)
			kept = attempts
		}
		return refused, wait, err
	}
	f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
		write(ctx)
		return f.sound.GiveBack(ctx, attempts...)
	}
}

// givesBackLater gives back what the slice holds at the next Take.
func givesBackLater(f *faulty, _ func() time.Time) {
	var kept []deskauth.Attempt
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		f.sound.GiveBack(ctx, kept...)
		kept = nil
		return f.sound.Take(ctx, attempts...)
	}
	f.giveBack = func(_ context.Context, attempts []deskauth.Attempt) error {
		kept = attempts
		return nil
	}
}

// waitsForOne returns a nanosecond where a key stands twice.
func waitsForOne(f *faulty, _ func() time.Time) {
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		refused, wait, err := f.sound.Take(ctx, attempts...)
		if refused > 0 && slices.Contains(attempts[:refused], attempts[refused]) {
			wait = 1
		}
		return refused, wait, err
	}
}

// onCalls counts other attempts than those of the call, in both methods.
func onCalls(change func([]deskauth.Attempt) []deskauth.Attempt) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			return f.sound.Take(ctx, change(attempts)...)
		}
		f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
			return f.sound.GiveBack(ctx, change(attempts)...)
		}
	})
}

// oneByOne has a call for each key, up to the first that is refused.
func oneByOne(undo bool) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			for i, a := range attempts {
				refused, wait, err := f.sound.Take(ctx, a)
				if refused < 0 && err == nil {
					time.Sleep(50 * time.Microsecond) // lets others in
					continue
				}
				if undo {
					f.sound.GiveBack(ctx, attempts[:i]...)
				}
				return i, wait, err
			}
			return -1, 0, nil
		}
	})
}

func returnsFirst(f *faulty, _ func() time.Time) {
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		refused, wait, err := f.sound.Take(ctx, attempts...)
		if refused < 0 {
			return refused, wait, err
		}
		for i, a := range attempts {
			refused, wait, err := f.sound.Take(ctx, a)
			if refused >= 0 || err != nil {
				return i, wait, err
			}
			f.sound.GiveBack(ctx, a)
		}
		return refused, wait, err
	}
}
