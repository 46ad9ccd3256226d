package redislimit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/redis/go-redis/v9"
)

const (
	defaultPrefix   = "deskauth:"
	defaultPatience = 250 * time.Millisecond

	maxPrefixBytes = 100
	maxAttempts    = 100 // of one call
)

// Options are the settings of a Limiter. The zero value is what most programs use.
type Options struct {
	// Prefix stands before the name of each key in Redis, to tell it from those of other
	// programs: 1 to 100 printable ASCII characters without { and }. Processes with one
	// prefix share their limits. The default is "deskauth:".
	Prefix string
	// Patience is how long a call may wait for Redis, 1 ms to 10 s. The default is 250 ms.
	Patience time.Duration
	// RefuseWhileAway lets calls fail while Redis is away, so that nobody can sign in. The
	// default is to count in memory, for each process by itself.
	RefuseWhileAway bool
	// Logger hears at most once a minute that Redis is away, and when it is back. The
	// default is [slog.Default] at the time of [New].
	Logger *slog.Logger
}

// A Limiter counts attempts in Redis. It implements [deskauth.Limiter] and is safe for
// concurrent use. Make one with [New].
type Limiter struct {
	client   redis.UniversalClient
	prefix   string
	patience time.Duration
	heeds    bool             // the client heeds the deadline of a context
	memory   deskauth.Limiter // nil with Options.RefuseWhileAway
	circuit  *circuit
}

// New returns a Limiter on a client, which it does not close. Redis may be away: New does
// not ask it.
//
// Set ContextTimeoutEnabled in the options of the client. Without it a client waits as long
// as its own timeouts say. A call returns in time all the same, and leaves a goroutine
// behind that waits for the client.
func New(client redis.UniversalClient, o Options) (*Limiter, error) {
	if client == nil {
		return nil, errors.New("redislimit: New needs a client, for example redis.NewClient(&redis.Options{})")
	}
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if !isPrefix(o.Prefix) {
		return nil, fmt.Errorf(
			"redislimit: Options.Prefix is %.200q; 1 to %d printable ASCII characters without { and } are allowed",
			o.Prefix, maxPrefixBytes)
	}
	if o.Patience < time.Millisecond || o.Patience > 10*time.Second {
		return nil, fmt.Errorf("redislimit: Options.Patience is %v; 1ms to 10s are allowed", o.Patience)
	}
	l := &Limiter{
		client:   client,
		prefix:   o.Prefix + "{limits}:", // the hash tag of a cluster
		patience: o.Patience,
		heeds:    heedsDeadlines(client),
		circuit:  newCircuit(time.Now, o.Logger),
	}
	if !o.RefuseWhileAway {
		l.memory = deskauth.NewMemoryLimiter(time.Now)
	}
	return l, nil
}

func isPrefix(prefix string) bool {
	return len(prefix) <= maxPrefixBytes && !strings.ContainsFunc(prefix, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '{' || r == '}'
	})
}

// heedsDeadlines reports whether a client ends its calls with their context.
func heedsDeadlines(client redis.UniversalClient) bool {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return c.Options().ContextTimeoutEnabled
	case *redis.Ring:
		return c.Options().ContextTimeoutEnabled
	}
	return false
}

// Take implements [deskauth.Limiter]. It returns within Options.Patience.
func (l *Limiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (refused int, wait time.Duration, err error) {
	if err := check(ctx, attempts); err != nil || len(attempts) == 0 {
		return -1, 0, err
	}
	if l.memory == nil {
		return l.ask(ctx, take, attempts)
	}
	refusedHere, waitHere, err := l.memory.Take(ctx, attempts...)
	if err != nil {
		return -1, 0, err
	}
	if refusedHere >= 0 && l.circuit.guarded() {
		return refusedHere, waitHere, nil // counted here, and perhaps not there
	}
	refused, wait, err = l.ask(ctx, take, attempts)
	switch {
	case errors.Is(err, errAway):
		return refusedHere, waitHere, nil
	case (err != nil || refused >= 0) && refusedHere < 0:
		l.memory.GiveBack(ctx, attempts...)
	case err == nil && refused < 0 && refusedHere >= 0 && l.circuit.guarded():
		// This very call has shown that Redis has lost its data.
		l.ask(ctx, giveBack, attempts)
		return refusedHere, waitHere, nil
	}
	return refused, wait, err
}

// GiveBack implements [deskauth.Limiter]. It returns within Options.Patience. While Redis
// is away it gives back in memory. The call that finds Redis away returns an error: its
// attempts stay counted in Redis.
func (l *Limiter) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	if err := check(ctx, attempts); err != nil || len(attempts) == 0 {
		return err
	}
	if l.memory != nil {
		if err := l.memory.GiveBack(ctx, attempts...); err != nil {
			return err
		}
	}
	_, _, err := l.ask(ctx, giveBack, attempts)
	if l.memory != nil && errors.Is(err, errStillAway) {
		return nil // they were taken in memory, as far as this process knows
	}
	return err
}

// check refuses what would fail in Redis through no fault of Redis.
func check(ctx context.Context, attempts []deskauth.Attempt) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("redislimit: %w", err)
	}
	if len(attempts) > maxAttempts {
		return fmt.Errorf("redislimit: a call of %d attempts; at most %d are allowed", len(attempts), maxAttempts)
	}
	for _, a := range attempts {
		if r := a.Rate; r.Attempts < 1 || r.Attempts > 1_000_000_000 ||
			r.Per < time.Duration(r.Attempts) || r.Per > 366*24*time.Hour {
			return fmt.Errorf("redislimit: a rate is %d in %v; 1 to 1,000,000,000 attempts in up to 366 days are allowed, "+
				"at most one in a nanosecond", r.Attempts, r.Per)
		}
	}
	return nil
}

// key is the name in Redis. What is counted may be personal data, and longer.
func (l *Limiter) key(a deskauth.Attempt) string {
	var text [128]byte // most keys are shorter, and cost no allocation
	sum := sha256.Sum256(append(text[:0], a.Key...))
	var name [maxPrefixBytes + 64]byte
	return string(base64.RawURLEncoding.AppendEncode(append(name[:0], l.prefix...), sum[:]))
}
