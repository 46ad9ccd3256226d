package deskauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/passhash"
	"golang.org/x/text/unicode/norm"
)

const (
	defaultMinPassword = 8    // characters; NIST SP 800-63B-4 §3.1.1.2 as one of two factors
	maxPasswordBytes   = 4096 // hashing is bounded by it; nobody types more
)

// Argon2Params are the cost of a password hash, Argon2id (RFC 9106). The zero value is
// the choice of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
type Argon2Params struct {
	Memory      uint32 // KiB, 8 for each lane to 262,144 (256 MiB); OWASP: 19,456 with 2 passes, 12,288 with 3, 9,216 with 4, 7,168 with 5; less is for tests
	Time        uint32 // passes, 1 to 16
	Parallelism uint8  // lanes, 1 to 16
}

func (p Argon2Params) orDefault() passhash.Params {
	if p == (Argon2Params{}) {
		p = Argon2Params{Memory: 19 << 10, Time: 2, Parallelism: 1}
	}
	return passhash.Params(p)
}

// checkNewPassword says what is wrong with the form of a password that is being chosen.
func (a *Auth) checkNewPassword(password string) (message string) {
	if message := checkGivenPassword(password); message != "" {
		return message
	}
	if least := a.cfg.MinPasswordLength; utf8.RuneCountInString(norm.NFC.String(password)) < least {
		return fmt.Sprintf("must have %d characters or more", least)
	}
	return ""
}

// askPasswordCheck asks the host about a password in form. That may cost it a request, so
// it is asked once an attempt has been counted.
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

// checkGivenPassword says why a password cannot be anybody's: what is too long is refused
// before it is hashed.
func checkGivenPassword(password string) (message string) {
	switch {
	case password == "":
		return "must not be empty"
	case len(password) > maxPasswordBytes:
		return fmt.Sprintf("must have %d bytes or fewer", maxPasswordBytes)
	case !utf8.ValidString(password):
		return "must be valid UTF-8"
	}
	return ""
}

// A hashGate bounds how many password hashes are computed at once, and how many callers
// wait for their turn, first come, first served. The memory of a hash is the reason: a
// flood of sign-ins would otherwise take it once for each.
type hashGate struct {
	permits chan struct{} // its blocked senders are the queue
	places  int64         // of callers who hash, wait, or will: the permits and the queue
	inside  atomic.Int64
	pace    atomic.Int64 // nanoseconds that one hash takes, a moving average
}

func newHashGate(parallelism, queue int) *hashGate {
	return &hashGate{permits: make(chan struct{}, parallelism), places: int64(parallelism + queue)}
}

// admit takes a place for a caller who will want hashes, until leave is called, or returns a
// *RetryError when all are taken. It comes before everything that a caller who is sent away
// should not have done, such as use up an attempt.
func (g *hashGate) admit() (leave func(), err error) {
	if g.inside.Add(1) > g.places {
		g.inside.Add(-1)
		return nil, &RetryError{Err: ErrBusy, After: g.retryAfter()}
	}
	return func() { g.inside.Add(-1) }, nil
}

// do runs work, a hash, under a permit, for a caller who has been admitted. It returns the
// context's error when that ends first; work has then not run. The permit is given back
// when work has really ended, not when the caller has lost interest.
func (g *hashGate) do(ctx context.Context, work func()) error {
	err := ctx.Err() // select chooses by chance when both are ready
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

// keepPace folds one duration into the average, with a weight of 1/8. Updates that race
// may be lost: it is an estimate.
func (g *hashGate) keepPace(took time.Duration) {
	if old := g.pace.Load(); old != 0 {
		took = time.Duration(old) + (took-time.Duration(old))/8
	}
	g.pace.Store(int64(took))
}

// retryAfter is how long a full queue takes, in whole seconds.
func (g *hashGate) retryAfter() time.Duration {
	drain := time.Duration(g.places-int64(cap(g.permits))) * time.Duration(g.pace.Load()) / time.Duration(cap(g.permits))
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

// verifyPassword computes hash, whoever's it is. If nobody is to be let in, whatever comes
// out, or the password is wrong, it goes on until it has cost what each refusal costs.
func (a *Auth) verifyPassword(ctx context.Context, hash passhash.Hash, password string, nobody bool) (ok bool, err error) {
	err = a.gate.do(ctx, func() {
		if ok = hash.Verify(password); ok && !nobody {
			return
		}
		for _, rest := range passhash.Rest(hash, a.params, a.cfg.ImportedBcryptCost) {
			rest.Verify(password)
		}
	})
	return ok, err
}
