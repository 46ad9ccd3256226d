package limitertest_test

import (
	"context"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

// A counter is a limiter that counts in its own way, under one lock, each key by itself. It
// keeps a value for each; allow changes the value, or returns a wait.
type counter[V any] struct {
	now      func() time.Time
	allow    func(v *V, now time.Time, rate deskauth.Rate) time.Duration
	giveBack func(v *V, now time.Time, rate deskauth.Rate) // or nil

	mu   sync.Mutex
	keys map[string]*V
}

// counts makes limiters that count as allow does.
func counts[V any](
	allow func(v *V, now time.Time, rate deskauth.Rate) time.Duration,
	giveBack func(v *V, now time.Time, rate deskauth.Rate),
) maker {
	return func(now func() time.Time) deskauth.Limiter {
		return &counter[V]{now: now, allow: allow, giveBack: giveBack, keys: make(map[string]*V)}
	}
}

func (c *counter[V]) Take(_ context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, a := range attempts {
		if wait := c.allow(c.at(a.Key), c.now(), a.Rate); wait > 0 {
			return i, wait, nil
		}
	}
	return -1, 0, nil
}

func (c *counter[V]) GiveBack(_ context.Context, attempts ...deskauth.Attempt) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range attempts {
		if c.giveBack != nil {
			c.giveBack(c.at(a.Key), c.now(), a.Rate)
		}
	}
	return nil
}

func (c *counter[V]) at(key string) *V {
	if c.keys[key] == nil {
		c.keys[key] = new(V)
	}
	return c.keys[key]
}

// A window is a number of attempts since a time.
type window struct {
	since time.Time
	used  int
}

// fixedWindows allows all attempts again when a period is over. Around the end of a period
// it allows them twice.
var fixedWindows = counts(func(w *window, now time.Time, rate deskauth.Rate) time.Duration {
	if now.Sub(w.since) >= rate.Per {
		*w = window{since: now}
	}
	if w.used == rate.Attempts {
		return w.since.Add(rate.Per).Sub(now)
	}
	w.used++
	return 0
}, nil)

// listsAttempts gives each attempt back one period later: those of a burst all at once.
var listsAttempts = counts(func(list *[]time.Time, now time.Time, rate deskauth.Rate) time.Duration {
	for len(*list) > 0 && now.Sub((*list)[0]) >= rate.Per {
		*list = (*list)[1:]
	}
	if len(*list) == rate.Attempts {
		return (*list)[0].Add(rate.Per).Sub(now)
	}
	*list = append(*list, now)
	return 0
}, nil)

// countsRefused makes the wait longer with each refused attempt.
var countsRefused = counts(func(free *time.Time, now time.Time, rate deskauth.Rate) time.Duration {
	if free.Before(now) {
		*free = now
	}
	*free = free.Add(rate.Per / time.Duration(rate.Attempts))
	return max(0, free.Sub(now)-rate.Per)
}, nil)

// letsAttemptsAddUp sets no bound to the burst of an idle key.
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
}, nil)

// expires drops a key some time after its last allowed attempt, like an expiry that is too
// short.
func expires(after func(deskauth.Rate) time.Duration) maker {
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
	}, nil)
}
