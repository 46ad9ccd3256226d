package secrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/deskauth/deskauth"
)

const (
	patienceShare = 5 // of the time that a caller has, this part is for a source that hangs
	mostPatience  = time.Second
)

// A flight is one call of the source. Its other fields may be read when done is closed.
type flight struct {
	began    time.Time
	deadline time.Time
	done     chan struct{}
	keys     []deskauth.Key
	err      error
	late     bool // the deadline has passed
}

// newFlight returns a flight that ends by the deadline of its caller. If nobody has to wait
// for it, it has 5 seconds at least.
func newFlight(ctx context.Context, alone bool) *flight {
	now := time.Now()
	deadline := now.Add(defaultCallTimeout)
	if callers, ok := ctx.Deadline(); ok && (!alone || callers.After(deadline)) {
		deadline = callers
	}
	return &flight{began: now, deadline: deadline, done: make(chan struct{})}
}

// landsSoon waits for a flight as long as a caller with an old answer may.
func (f *flight) landsSoon(ctx context.Context) (landed bool, err error) {
	patience := mostPatience - time.Since(f.began)
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/patienceShare)
	}
	return landsWithin(ctx, f.done, patience)
}

// landsWithin waits until done is closed, and no longer than patience.
func landsWithin(ctx context.Context, done <-chan struct{}, patience time.Duration) (landed bool, err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
		return true, nil
	case <-timer.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// fly asks the source, and keeps the answer.
func (c *cache) fly(ctx context.Context, q query, f *flight) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), f.deadline)
	defer cancel()
	f.err = errors.New("secrets: the source ended its goroutine") // runtime.Goexit, unless it returns
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("secrets: the source panicked: %v", p)
			c.log(ctx, slog.LevelError, "secrets: panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
		f.late = f.err != nil && !time.Now().Before(f.deadline) // a source may notice before ctx does
		c.land(ctx, q, f)
	}()
	f.keys, f.err = c.ask(ctx, q)
}

// ask calls the source, and refuses keys that nothing can be done with.
func (c *cache) ask(ctx context.Context, q query) (keys []deskauth.Key, err error) {
	if q.session {
		keys, err = c.source.SessionKeys(ctx)
		if err == nil && len(keys) == 0 {
			err = errors.New("secrets: the source has no session key")
		}
	} else {
		keys, err = c.source.ProjectKeys(ctx, q.project)
	}
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if err := k.Err(); err != nil {
			return nil, err
		}
	}
	return append([]deskauth.Key{}, keys...), nil // not nil, and the cache's own
}

// land keeps what a flight has brought, and lets those go on who wait for it.
func (c *cache) land(ctx context.Context, q query, f *flight) {
	now := c.cfg.Now()
	c.mu.Lock()
	delete(c.flights, q)
	failure := f.err
	switch {
	case f.err == nil && q.session:
		c.session = &entry{keys: f.keys, since: now}
	case f.err == nil:
		delete(c.unknown, q.project)
		c.known[q.project] = &entry{keys: f.keys, since: now}
		evict(c.known, c.cfg.MaxProjects, func(e *entry) time.Time { return e.since })
	case errors.Is(f.err, deskauth.ErrProjectNotFound) && !q.session:
		failure = nil
		delete(c.known, q.project)
		c.unknown[q.project] = now.Add(c.cfg.UnknownTTL)
		evict(c.unknown, c.cfg.MaxProjects, func(until time.Time) time.Time { return until })
	case q.session && c.session != nil:
		c.session.failed = now
	case c.known[q.project] != nil:
		c.known[q.project].failed = now
	}
	c.mu.Unlock()
	if failure != nil {
		c.warn(ctx, q, failure)
	}
	close(f.done)
}

// warnOfHanging warns of a source that has not heeded the end of its context.
func (c *cache) warnOfHanging(ctx context.Context, q query, f *flight) {
	if late := time.Since(f.deadline); late > mostPatience {
		c.warn(ctx, q, fmt.Errorf("it has not returned since its context ended, %v ago", late.Round(time.Second)))
	}
}

// warn logs that the source fails, once in a while.
func (c *cache) warn(ctx context.Context, q query, failure error) {
	now := c.cfg.Now()
	c.mu.Lock()
	due := c.warned.IsZero() || now.Sub(c.warned) >= logEvery
	if due {
		c.warned = now
	}
	c.mu.Unlock()
	if due {
		c.log(ctx, slog.LevelWarn, "secrets: the source fails; old keys are used while they may be",
			"project", q.project, "error", failure.Error())
	}
}

// log survives a Logger that panics: in the goroutine of a flight that would end the
// program.
func (c *cache) log(ctx context.Context, level slog.Level, message string, attributes ...any) {
	defer func() { _ = recover() }()
	c.cfg.Logger.Log(ctx, level, message, attributes...)
}

// evict makes room in a map that has one entry too many: of some that nobody can choose,
// the oldest goes.
func evict[V any](m map[string]V, most int, age func(V) time.Time) {
	if len(m) <= most {
		return
	}
	var oldest string
	seen := 0
	for key := range m { // in an order that is random
		if seen == 0 || age(m[key]).Before(age(m[oldest])) {
			oldest = key
		}
		if seen++; seen == evictSample {
			break
		}
	}
	delete(m, oldest)
}

const evictSample = 8
