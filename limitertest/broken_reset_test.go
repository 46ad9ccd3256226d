package limitertest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenResets go wrong in Reset.
var brokenResets = []broken{
	{"resets nothing", []string{"Reset/Forgets"}, onReset(func(*faulty, context.Context, string) error { return nil })},
	{"never limits a key again after Reset", []string{"Reset/Forgets"}, makesFaulty(neverLimitsAgain)},
	{"gives one attempt back", []string{"Reset/Forgets"}, makesFaulty(givesOneBack)},
	{"resets all keys", []string{"Reset/OnlyThatKey"}, resetsAlso(func(string, string) bool { return true })},
	{"resets by prefix", []string{"Reset/OnlyThatKey"}, resetsAlso(strings.HasPrefix)},
	{"resets by pattern", []string{"Reset/OnlyThatKey"}, resetsAlso(func(stored, key string) bool {
		head, ok := strings.CutSuffix(key, "*")
		return ok && strings.HasPrefix(stored, head)
	})},
	{"fails to reset an unknown key", []string{"Reset/UnknownKey"}, makesFaulty(failsOnUnknownKey)},
}

func neverLimitsAgain(f *faulty, _ func() time.Time) {
	var unlimited bite.Table[bool]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		if _, ok := unlimited.At(key); ok {
			return 0, nil
		}
		return f.sound.Take(ctx, key, rate)
	}
	f.reset = func(_ context.Context, key string) error {
		unlimited.Set(key, true)
		return nil
	}
}

// givesOneBack takes one attempt off the count in Reset.
func givesOneBack(f *faulty, _ func() time.Time) {
	var credit bite.Table[int]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		wait, err := f.sound.Take(ctx, key, rate)
		if n, _ := credit.At(key); wait > 0 && n > 0 {
			credit.Set(key, n-1)
			return 0, nil
		}
		return wait, err
	}
	f.reset = func(_ context.Context, key string) error {
		n, _ := credit.At(key)
		credit.Set(key, n+1)
		return nil
	}
}

// resetsAlso resets each key that was taken and that matches the given one.
func resetsAlso(matches func(stored, key string) bool) maker {
	return makesFaulty(func(f *faulty, _ func() time.Time) {
		var stored bite.Table[bool]
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			stored.Set(key, true)
			return f.sound.Take(ctx, key, rate)
		}
		f.reset = func(ctx context.Context, key string) error {
			for s := range stored.Keys() {
				if matches(s, key) {
					f.sound.Reset(ctx, s)
				}
			}
			return f.sound.Reset(ctx, key)
		}
	})
}

func failsOnUnknownKey(f *faulty, _ func() time.Time) {
	var stored bite.Table[bool]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		stored.Set(key, true)
		return f.sound.Take(ctx, key, rate)
	}
	f.reset = func(ctx context.Context, key string) error {
		if _, ok := stored.At(key); !ok {
			return errors.New("no such key")
		}
		stored.Drop(key)
		return f.sound.Reset(ctx, key)
	}
}
