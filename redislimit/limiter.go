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
	// Keep it well below Config.CallTimeout and your own deadlines: calls that end before
	// Redis is found to be away fail.
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
	alone    *alone           // what the memory allowed
	circuit  *circuit
}

// New returns a Limiter on a client, which it does not close. Redis may be away: New does
// not ask it.
//
// Set ContextTimeoutEnabled in the options of the client. Without it a client waits as long
// as its own timeouts say. A call returns in time all the same, and leaves a goroutine
// behind that waits for the client. While Redis is away, and when a caller does not wait
// for the answer, one goroutine at a time asks Redis, for as long as Options.Patience.
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
	l.alone = &alone{max: maxAlone, name: l.key, guarded: l.circuit.guarded}
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
	end := time.Now().Add(l.patience)
	refused, wait, err = l.ask(ctx, take, attempts)
	switch {
	case errors.Is(err, errAway):
		if refusedHere < 0 {
			l.alone.add(attempts)
		}
		return refusedHere, waitHere, nil
	case (err != nil || refused >= 0) && refusedHere < 0:
		l.memory.GiveBack(ctx, attempts...)
	case err == nil && refused < 0 && refusedHere >= 0 && l.circuit.guarded():
		// This very call has shown that Redis has lost its data.
		ctx, cancel := context.WithDeadline(ctx, end)
		defer cancel()
		l.ask(ctx, giveBack, attempts)
		return refusedHere, waitHere, nil
	}
	return refused, wait, err
}

// GiveBack implements [deskauth.Limiter]. It returns within Options.Patience. It gives back
// in Redis only what Redis has counted, and so nothing that the memory allowed while Redis
// was away. An attempt that Redis has counted stays counted there if Redis is away now; the
// call that finds Redis away returns an error.
func (l *Limiter) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	if err := check(ctx, attempts); err != nil || len(attempts) == 0 {
		return err
	}
	if l.memory != nil {
		if err := l.memory.GiveBack(ctx, attempts...); err != nil {
			return err
		}
	}
	counted := l.alone.remove(attempts)
	if len(counted) == 0 {
		return nil
	}
	_, _, err := l.ask(ctx, giveBack, counted)
	if l.memory != nil && errors.Is(err, errStillAway) {
		return nil // that is logged already
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
		if err := a.Rate.Check(); err != nil {
			return fmt.Errorf("redislimit: %w", err)
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
