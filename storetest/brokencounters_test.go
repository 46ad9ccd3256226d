package storetest_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// A counter is a limiter that counts in its own way, under one lock. It keeps a value for
// each key; allow changes it, or returns a wait.
type counter[V any] struct {
	now   func() time.Time
	allow func(v *V, now time.Time, rate deskauth.Rate) time.Duration

	mu   sync.Mutex
	keys map[string]*V
}

// counts returns a limiter that counts as allow does.
func counts[V any](allow func(v *V, now time.Time, rate deskauth.Rate) time.Duration) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		return &counter[V]{now: now, allow: allow, keys: make(map[string]*V)}
	}
}

func (c *counter[V]) Take(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys[key] == nil {
		c.keys[key] = new(V)
	}
	return c.allow(c.keys[key], c.now(), rate), nil
}

func (c *counter[V]) Reset(_ context.Context, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.keys, key)
	return nil
}

// A window is a number of attempts since a time.
type window struct {
	since time.Time
	used  int
}

// fixedWindows allows all attempts anew when a period is over, so that around its end it
// allows them twice.
var fixedWindows = counts(func(w *window, now time.Time, rate deskauth.Rate) time.Duration {
	if now.Sub(w.since) >= rate.Per {
		*w = window{since: now}
	}
	if w.used == rate.Attempts {
		return w.since.Add(rate.Per).Sub(now)
	}
	w.used++
	return 0
})

// listsAttempts gives each attempt back a period later, those of a burst all at once.
var listsAttempts = counts(func(list *[]time.Time, now time.Time, rate deskauth.Rate) time.Duration {
	for len(*list) > 0 && now.Sub((*list)[0]) >= rate.Per {
		*list = (*list)[1:]
	}
	if len(*list) == rate.Attempts {
		return (*list)[0].Add(rate.Per).Sub(now)
	}
	*list = append(*list, now)
	return 0
})

// countsRefused lets who is refused wait longer each time.
var countsRefused = counts(func(free *time.Time, now time.Time, rate deskauth.Rate) time.Duration {
	if free.Before(now) {
		*free = now
	}
	*free = free.Add(rate.Per / time.Duration(rate.Attempts))
	return max(0, free.Sub(now)-rate.Per)
})

// letsAttemptsAddUp has no end of what an idle key may do at once.
var letsAttemptsAddUp = counts(func(free *time.Time, now time.Time, rate deskauth.Rate) time.Duration {
	if free.IsZero() {
		*free = now
	}
	next := free.Add(rate.Per / time.Duration(rate.Attempts))
	if wait := next.Sub(now) - rate.Per; wait > 0 {
		return wait
	}
	*free = next
	return 0
})

// expires drops a key when nobody was allowed for some time, as with an expiry that is too
// short.
func expires(after func(deskauth.Rate) time.Duration) func(func() time.Time) deskauth.Limiter {
	type entry struct{ free, end time.Time }
	return counts(func(e *entry, now time.Time, rate deskauth.Rate) time.Duration {
		if e.free.Before(now) || !now.Before(e.end) {
			e.free = now
		}
		next := e.free.Add(rate.Per / time.Duration(rate.Attempts))
		if wait := next.Sub(now) - rate.Per; wait > 0 {
			return wait
		}
		e.free, e.end = next, now.Add(after(rate))
		return 0
	})
}

// readsThenWrites is free of data races and still counts attempts in parallel as one.
func readsThenWrites(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	var free table[time.Time]
	f.take = func(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		at, _ := free.at(key)
		runtime.Gosched()
		if at.Before(now()) {
			at = now()
		}
		next := at.Add(rate.Per / time.Duration(rate.Attempts))
		if wait := next.Sub(now()) - rate.Per; wait > 0 {
			return wait, nil
		}
		free.set(key, next)
		return 0, nil
	}
	f.reset = func(_ context.Context, key string) error {
		free.drop(key)
		return nil
	}
	return f
}

func neverLimitsAgain(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	var free table[bool]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		if always, _ := free.at(key); always {
			return 0, nil
		}
		return f.soundLimiter.Take(ctx, key, rate)
	}
	f.reset = func(_ context.Context, key string) error {
		free.set(key, true)
		return nil
	}
	return f
}

// givesOneBack counts an attempt less after Reset.
func givesOneBack(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	var credit table[int]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		wait, err := f.soundLimiter.Take(ctx, key, rate)
		if n, _ := credit.at(key); wait > 0 && n > 0 {
			credit.set(key, n-1)
			return 0, nil
		}
		return wait, err
	}
	f.reset = func(_ context.Context, key string) error {
		n, _ := credit.at(key)
		credit.set(key, n+1)
		return nil
	}
	return f
}

// resetsAlso resets each key that it knows and that matches the one it is given.
func resetsAlso(matches func(known, key string) bool) func(func() time.Time) deskauth.Limiter {
	return func(now func() time.Time) deskauth.Limiter {
		f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
		var known table[bool]
		f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
			known.set(key, true)
			return f.soundLimiter.Take(ctx, key, rate)
		}
		f.reset = func(ctx context.Context, key string) error {
			known.m.Range(func(k, _ any) bool {
				if matches(k.(string), key) {
					f.soundLimiter.Reset(ctx, k.(string))
				}
				return true
			})
			return f.soundLimiter.Reset(ctx, key)
		}
		return f
	}
}

func wantsKnownKeys(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	var known table[bool]
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		known.set(key, true)
		return f.soundLimiter.Take(ctx, key, rate)
	}
	f.reset = func(ctx context.Context, key string) error {
		if _, ok := known.at(key); !ok {
			return errors.New("no such key")
		}
		known.drop(key)
		return f.soundLimiter.Reset(ctx, key)
	}
	return f
}

func deadAfterCancelledTake(now func() time.Time) deskauth.Limiter {
	f := &faultyLimiter{soundLimiter: newSoundLimiter(now)}
	var dead atomic.Bool
	f.take = func(ctx context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
		if ctx.Err() != nil {
			dead.Store(true)
		}
		if dead.Load() {
			return 0, errors.New("connection is busy")
		}
		return f.soundLimiter.Take(ctx, key, rate)
	}
	return f
}
