package limitertest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenGiveBacks go wrong in GiveBack.
var brokenGiveBacks = []broken{
	{"gives nothing back", []string{"GiveBack/ReturnsOne", "GiveBack/AllOfThem", "GiveBack/KeepsTheWait"},
		onGiveBack(func(*faulty, context.Context, []deskauth.Attempt) error { return nil })},
	{"forgets the key", []string{"GiveBack/ReturnsOne", "GiveBack/KeepsTheWait", "Concurrent/TakeWhileGivingBack"},
		onGiveBack(givesBackTimes(1000))},
	{"gives two back", []string{"GiveBack/ReturnsOne", "Concurrent/TakeWhileGivingBack"}, onGiveBack(givesBackTimes(2))},
	{"gives the first back", []string{"GiveBack/AllOfThem"},
		onGiveBack(func(f *faulty, ctx context.Context, attempts []deskauth.Attempt) error {
			return f.sound.GiveBack(ctx, attempts[0])
		})},
	{"keeps what is given back in credit", []string{"GiveBack/WidensNothing"}, makesFaulty(givesCredit)},
	{"starts the wait anew", []string{"GiveBack/KeepsTheWait"}, givesBackFromNow},
	{"gives all keys back", []string{"GiveBack/OnlyThatKey"}, givesBackAlso(func(string, string) bool { return true })},
	{"gives back by prefix", []string{"GiveBack/OnlyThatKey"}, givesBackAlso(strings.HasPrefix)},
	{"gives back by pattern", []string{"GiveBack/OnlyThatKey"}, givesBackAlso(func(stored, key string) bool {
		head, ok := strings.CutSuffix(key, "*")
		return ok && strings.HasPrefix(stored, head)
	})},
	{"fails to give an unknown key back", []string{"GiveBack/UnknownKey"}, makesFaulty(failsOnUnknownKey)},
}

func givesBackTimes(n int) func(*faulty, context.Context, []deskauth.Attempt) error {
	return func(f *faulty, ctx context.Context, attempts []deskauth.Attempt) (err error) {
		for range n {
			err = f.sound.GiveBack(ctx, attempts...)
		}
		return err
	}
}

// givesCredit lets a key have more attempts than its rate allows.
func givesCredit(f *faulty, _ func() time.Time) {
	var credit bite.Table[int]
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		refused, wait, err := f.sound.Take(ctx, attempts...)
		if refused >= 0 {
			if n, _ := credit.At(attempts[refused].Key); n > 0 {
				credit.Set(attempts[refused].Key, n-1)
				return -1, 0, err
			}
		}
		return refused, wait, err
	}
	f.giveBack = func(_ context.Context, attempts []deskauth.Attempt) error {
		for _, a := range attempts {
			n, _ := credit.At(a.Key)
			credit.Set(a.Key, n+1)
		}
		return nil
	}
}

// givesBackFromNow counts whole attempts, and lets the next come back a step after the last
// GiveBack.
var givesBackFromNow = func() maker {
	type state struct {
		used  int
		since time.Time
	}
	return counts(func(s *state, now time.Time, rate deskauth.Rate) time.Duration {
		step := rate.Per / time.Duration(rate.Attempts)
		if s.used == 0 {
			s.since = now
		}
		for s.used > 0 && now.Sub(s.since) >= step {
			s.used, s.since = s.used-1, s.since.Add(step)
		}
		if s.used == rate.Attempts {
			return s.since.Add(step).Sub(now)
		}
		s.used++
		return 0
	}, func(s *state, now time.Time, _ deskauth.Rate) {
		s.used, s.since = max(0, s.used-1), now
	})
}()

// givesBackAlso gives back each key that was taken and that matches a given one.
func givesBackAlso(matches func(stored, key string) bool) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		var stored bite.Table[deskauth.Rate]
		f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
			for _, a := range attempts {
				stored.Set(a.Key, a.Rate)
			}
			return f.sound.Take(ctx, attempts...)
		}
		f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
			for s := range stored.Keys() {
				if rate, _ := stored.At(s); matches(s, attempts[0].Key) && s != attempts[0].Key {
					f.sound.GiveBack(ctx, deskauth.Attempt{Key: s, Rate: rate})
				}
			}
			return f.sound.GiveBack(ctx, attempts...)
		}
	})
}

func failsOnUnknownKey(f *faulty, _ func() time.Time) {
	var stored bite.Table[bool]
	f.take = func(ctx context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		for _, a := range attempts {
			stored.Set(a.Key, true)
		}
		return f.sound.Take(ctx, attempts...)
	}
	f.giveBack = func(ctx context.Context, attempts []deskauth.Attempt) error {
		for _, a := range attempts {
			if _, ok := stored.At(a.Key); !ok {
				return errors.New("no such key")
			}
		}
		return f.sound.GiveBack(ctx, attempts...)
	}
}
