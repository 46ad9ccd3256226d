package oteldeskauth

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

// The methods of a limiter, by their places in limiterMethods.
const (
	take = iota
	giveBack
)

var limiterMethods = []string{take: "Take", giveBack: "GiveBack"}

// Limiter returns l with each call measured. It is worth it for one that asks a server: the
// default Limiter answers from memory, and needs none of this for its refusals to be
// counted. Limiter returns nil for nil, which is the default.
func (t *Telemetry) Limiter(l deskauth.Limiter) deskauth.Limiter {
	if l == nil {
		return nil
	}
	return &limiter{l, t.limiter, inMemory(l)}
}

// A limiter measures the calls of another.
type limiter struct {
	limiter  deskauth.Limiter
	calls    *calls
	inMemory bool
}

// InMemory implements [deskauth.InMemory]. It returns nil, which is no promise, where the
// limiter inside makes none.
func (l *limiter) InMemory() any {
	if !l.inMemory {
		return nil
	}
	return l
}

// Take implements [deskauth.Limiter].
func (l *limiter) Take(
	ctx context.Context, attempts ...deskauth.Attempt,
) (index int, wait time.Duration, err error) {
	l.calls.observe(ctx, take, func(ctx context.Context) error {
		index, wait, err = l.limiter.Take(ctx, attempts...)
		if err == nil && index >= 0 {
			return errRefused
		}
		return err
	})
	return index, wait, err
}

// GiveBack implements [deskauth.Limiter].
func (l *limiter) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) (err error) {
	l.calls.observe(ctx, giveBack, func(ctx context.Context) error {
		err = l.limiter.GiveBack(ctx, attempts...)
		return err
	})
	return err
}
