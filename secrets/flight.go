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

// A flight is one call of the source. Its fields may be read when done is closed.
type flight struct {
	done chan struct{}
	keys []deskauth.Key
	err  error
	late bool // the deadline of the caller that made it has passed
}

// fly asks the source in the calling goroutine, and keeps the answer.
func (c *cache) fly(ctx context.Context, q query, f *flight) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(defaultCallTimeout)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	f.err = errors.New("secrets: the source ended its goroutine") // runtime.Goexit, unless it returns
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("secrets: the source panicked: %v", p)
			c.cfg.Logger.ErrorContext(ctx, "secrets: panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
		f.late = f.err != nil && ctx.Err() != nil
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
	warn := failure != nil && (c.warned.IsZero() || now.Sub(c.warned) >= logEvery)
	if warn {
		c.warned = now
	}
	c.mu.Unlock()
	close(f.done)
	if warn {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "secrets: the source fails; old keys are used while they may be",
			slog.String("project", q.project), slog.String("error", failure.Error()))
	}
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
