package secrets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

const (
	defaultTTL         = time.Minute
	defaultUnknownTTL  = 10 * time.Second
	defaultRetryAfter  = time.Second
	defaultMaxProjects = 10_000
	defaultCallTimeout = 5 * time.Second // Config.CallTimeout's default
)

// CachedConfig holds the settings of [Cached]. The zero value is safe.
type CachedConfig struct {
	// TTL is how long an answer is used. A key that the source withdraws is good for that
	// long, or for twice as long to calls that come at once. The default is one minute.
	TTL time.Duration
	// MaxStale is how much longer an answer is used while the source fails or hangs. After
	// that, calls that need it fail. The default is one hour; a negative value is none.
	MaxStale time.Duration
	// UnknownTTL is how long a project that the source does not know stays unknown. The
	// default is 10 seconds.
	UnknownTTL time.Duration
	// RetryAfter is how long an old answer is used before the source, which has failed, is
	// asked for it again. The default is one second.
	RetryAfter time.Duration
	// MaxProjects is how many projects are remembered, and how many unknown IDs beside
	// them. The default is 10,000: some 10 MiB.
	MaxProjects int

	// Logger gets a warning, at most once a minute, when the source fails. The default is
	// [slog.Default] at the time of [Cached].
	Logger *slog.Logger
	// Now replaces the clock, for tests. The default is [time.Now].
	Now func() time.Time
}

func (c CachedConfig) withDefaults() CachedConfig {
	c.TTL = cmp.Or(c.TTL, defaultTTL)
	c.MaxStale = max(cmp.Or(c.MaxStale, defaultMaxStale), 0)
	c.UnknownTTL = cmp.Or(c.UnknownTTL, defaultUnknownTTL)
	c.RetryAfter = cmp.Or(c.RetryAfter, defaultRetryAfter)
	c.MaxProjects = max(cmp.Or(c.MaxProjects, defaultMaxProjects), 1)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Cached returns a provider that remembers what another one says, which may ask a database
// or a vault. It is safe for concurrent use.
//
// Of several calls for the same keys, one asks the source and the others wait for it, or
// use the old answer if there is one. The question goes on when its caller's context is
// cancelled, so that clients that hang up cancel nobody's answer. It ends by the deadline
// of that context, or after 5 seconds if it has none. Waiting callers return when their
// contexts end.
//
// Where there is an old answer, the source is asked in a goroutine of its own. The question
// then ends after 5 seconds, or by the deadline of its caller's context if that is later.
// The caller waits for a fifth of the time that it has, and for one second at most. Then it
// uses the old answer. Other callers use it at once while it is not twice as old as TTL, or
// the source is known to fail. Else they wait too, until that second is over: it may be
// from long ago, and its keys withdrawn. There is one such goroutine at most for the same
// keys, also if the source does not heed its context. That context has the values of the
// caller's, whose call may be over.
//
// An error, a panic and a bad key are failures, for which MaxStale and RetryAfter count.
// [deskauth.ErrProjectNotFound] is an answer: a project that is gone is gone after TTL.
// Unknown projects are counted apart, so that invented IDs push out no project.
//
// Cached panics on a nil source.
func Cached(source deskauth.SecretProvider, cfg CachedConfig) deskauth.SecretProvider {
	if source == nil {
		panic("secrets: Cached needs a SecretProvider")
	}
	return &cache{
		source:  source,
		cfg:     cfg.withDefaults(),
		known:   make(map[string]*entry),
		unknown: make(map[string]time.Time),
		flights: make(map[query]*flight),
	}
}

// cache is the provider that Cached returns.
type cache struct {
	source deskauth.SecretProvider
	cfg    CachedConfig

	mu      sync.Mutex
	session *entry
	known   map[string]*entry    // by project
	unknown map[string]time.Time // until when, by project
	flights map[query]*flight
	warned  time.Time
}

// A query is for the keys of a project, or for the session keys.
type query struct {
	session bool
	project string
}

// An entry is a good answer. It may be old.
type entry struct {
	keys   []deskauth.Key
	since  time.Time
	failed time.Time // when the source last failed to give a newer one
}

// SessionKeys implements [deskauth.SecretProvider].
func (c *cache) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	return c.get(ctx, query{session: true})
}

// ProjectKeys implements [deskauth.SecretProvider].
func (c *cache) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	return c.get(ctx, query{project: projectID})
}

// Format implements [fmt.Formatter]: no key is printed.
func (c *cache) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "secrets.Cached(%T)", c.source) }

// get answers from memory, or from a flight of its own or another call's.
func (c *cache) get(ctx context.Context, q query) ([]deskauth.Key, error) {
	for {
		now := c.cfg.Now()
		c.mu.Lock()
		old, quiet, answered, err := c.remembered(q, now)
		if answered {
			c.mu.Unlock()
			return old, err
		}
		f, flying := c.flights[q]
		if !flying && ctx.Err() == nil {
			f = newFlight(ctx, old != nil)
			c.flights[q] = f
		}
		c.mu.Unlock()
		switch {
		case f == nil:
			return nil, ctx.Err()
		case flying && old != nil && !quiet:
			c.warnOfHanging(ctx, q, f)
			return old, nil
		case old != nil:
			if !flying {
				go c.fly(ctx, q, f)
			}
			landed, err := f.landsSoon(ctx)
			if err != nil {
				return nil, err
			}
			if !landed {
				c.warnOfHanging(ctx, q, f)
				return old, nil
			}
		case !flying:
			c.fly(ctx, q, f)
		default:
			select {
			case <-f.done:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			if f.late && ctx.Err() == nil { // the time of another caller was up
				continue
			}
		}
		if f.err != nil && old != nil && !errors.Is(f.err, deskauth.ErrProjectNotFound) {
			return old, nil
		}
		return f.keys, f.err
	}
}

// remembered returns what is known: the answer, or an old one to use if the source fails,
// which is nil for none. An old one is quiet if nobody has asked for a newer one for long.
// The caller holds the lock.
func (c *cache) remembered(q query, now time.Time) (keys []deskauth.Key, quiet, answered bool, err error) {
	if now.Before(c.unknown[q.project]) && !q.session {
		return nil, false, true, deskauth.ErrProjectNotFound
	}
	e := c.known[q.project]
	if q.session {
		e = c.session
	}
	if e == nil {
		return nil, false, false, nil
	}
	age := now.Sub(e.since)
	if age >= c.cfg.TTL+c.cfg.MaxStale {
		return nil, false, false, nil
	}
	sinceFailure := now.Sub(e.failed)
	fresh := 0 <= age && age < c.cfg.TTL || 0 <= sinceFailure && sinceFailure < c.cfg.RetryAfter
	return e.keys, age >= 2*c.cfg.TTL && e.failed.IsZero(), fresh, nil
}
