package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth/internal/passhash"
)

// Argon2Params are the cost of a password hash, Argon2id (RFC 9106). The zero value is the
// minimum of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
type Argon2Params struct {
	// Memory is in KiB: 8 for each lane to 262,144 (256 MiB). OWASP's choices are 47,104
	// with 1 pass, 19,456 with 2, 12,288 with 3, 9,216 with 4, and 7,168 with 5. Less is
	// for tests.
	Memory      uint32
	Time        uint32 // passes, 1 to 16
	Parallelism uint8  // lanes, 1 to 16
}

var defaultArgon2 = Argon2Params{Memory: 19 << 10, Time: 2, Parallelism: 1}

func (p Argon2Params) orDefault() passhash.Params { return passhash.Params(cmp.Or(p, defaultArgon2)) }

// askPasswordCheck asks the host about a password that is in form. That may cost the host a
// request, so it comes after the attempt was counted.
func (a *Auth) askPasswordCheck(ctx context.Context, password string) error {
	if a.cfg.PasswordCheck == nil {
		return nil
	}
	err := a.cfg.PasswordCheck(ctx, password)
	if errors.Is(err, ErrPasswordRefused) {
		message := strings.TrimPrefix(err.Error(), ErrPasswordRefused.Error()+": ")
		return &ValidationError{Fields: []FieldError{{"Password", message}}}
	}
	if err != nil {
		return fmt.Errorf("deskauth: Config.PasswordCheck: %w", err)
	}
	return nil
}

// A hashGate bounds how many password hashes are computed at once, and how many callers
// wait for their turn, first come, first served. The memory of a hash is the reason: a
// flood of sign-ins would otherwise take it once for each.
type hashGate struct {
	permits chan struct{} // its blocked senders are the queue
	places  int64         // for callers that hash, wait, or will wait: permits and queue
	inside  atomic.Int64
	pace    atomic.Int64 // nanoseconds that one hash takes, a moving average
}

func newHashGate(parallelism, queue int) *hashGate {
	return &hashGate{permits: make(chan struct{}, parallelism), places: int64(parallelism + queue)}
}

// admit takes a place for a caller that will want hashes, until leave is called. It returns
// a [*RetryError] when all places are taken. It comes before everything that a rejected
// call must not do, such as use up an attempt.
func (g *hashGate) admit() (leave func(), err error) {
	if g.inside.Add(1) > g.places {
		g.inside.Add(-1)
		return nil, &RetryError{Err: ErrBusy, After: g.retryAfter()}
	}
	return func() { g.inside.Add(-1) }, nil
}

// do runs work, a hash, under a permit, for a caller that was admitted. It returns the
// context's error if that ends first; work has not run then. The permit is given back when
// work has really ended, not when the caller has lost interest.
func (g *hashGate) do(ctx context.Context, work func()) error {
	err := ctx.Err() // asked first: select chooses by chance when both are ready
	if err == nil {
		select {
		case g.permits <- struct{}{}:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("deskauth: wait for a password hash: %w", err)
	}
	start := time.Now()
	defer func() {
		g.keepPace(time.Since(start))
		<-g.permits
	}()
	work()
	return nil
}

// keepPace folds one duration into the average, with a weight of 1/8. Racing updates may be
// lost: it is an estimate.
func (g *hashGate) keepPace(took time.Duration) {
	old := time.Duration(g.pace.Load())
	if old != 0 {
		took = old + (took-old)/8
	}
	g.pace.Store(int64(took))
}

// retryAfter is how long a full queue takes, in whole seconds.
func (g *hashGate) retryAfter() time.Duration {
	permits := int64(cap(g.permits))
	queue := g.places - permits
	drain := time.Duration(queue * g.pace.Load() / permits)
	return max(drain.Truncate(time.Second)+time.Second, time.Second)
}

// hashPassword computes the hash that is stored for a new password.
func (a *Auth) hashPassword(ctx context.Context, password string) (encoded string, err error) {
	var hash passhash.Hash
	if err := a.gate.do(ctx, func() { hash, err = passhash.New(password, a.params) }); err != nil {
		return "", err
	}
	if err != nil {
		return "", fmt.Errorf("deskauth: hash the password: %w", err)
	}
	return hash.String(), nil
}

// verifyPassword computes hash and compares. If the password is wrong, or deny says that
// the sign-in is refused anyway, it goes on until it has cost what every refusal costs.
func (a *Auth) verifyPassword(
	ctx context.Context, hash passhash.Hash, password string, deny bool,
) (ok bool, err error) {
	err = a.gate.do(ctx, func() {
		ok = hash.Verify(password)
		if ok && !deny {
			return
		}
		for _, rest := range passhash.Rest(hash, a.params, a.cfg.ImportedBcryptCost) {
			rest.Verify(password)
		}
	})
	return ok, err
}
