package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth/internal/fairqueue"
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

func (p Argon2Params) params() passhash.Params { return passhash.Params(cmp.Or(p, defaultArgon2)) }

// askPasswordCheck asks the host about a password that is in form. That may cost the host a
// request, so it comes after the attempt was counted. field is the input's that has it.
func (a *Auth) askPasswordCheck(ctx context.Context, field, password string) error {
	if a.cfg.PasswordCheck == nil {
		return nil
	}
	err := a.cfg.PasswordCheck(ctx, password)
	if errors.Is(err, ErrPasswordRefused) {
		message := strings.TrimPrefix(err.Error(), ErrPasswordRefused.Error()+": ")
		return &ValidationError{Fields: []FieldError{{field, message}}}
	}
	if err != nil {
		return fmt.Errorf("deskauth: Config.PasswordCheck: %w", err)
	}
	return nil
}

// A hashGate bounds how many password hashes are computed at once, and how many callers
// wait for their turn. The memory of a hash is the reason: a flood of sign-ins would
// otherwise take it once for each. Clients take turns, so that a flood of one keeps no
// other from signing in.
type hashGate struct {
	queue       *fairqueue.Queue
	parallelism int
	waiting     int          // places of callers whose hash is not computed yet
	pace        atomic.Int64 // nanoseconds that one hash takes, a moving average
}

func newHashGate(parallelism, waiting int) *hashGate {
	return &hashGate{
		queue:       fairqueue.New(parallelism, waiting),
		parallelism: parallelism,
		waiting:     waiting,
	}
}

// HashQueueStats say how full the queue of password hashes is, in callers.
type HashQueueStats struct {
	Running int // whose hash is computed now
	Waiting int // that have a place, and wait for the account to be found or for their turn
	Places  int // for both together: Config.HashParallelism and Config.HashQueue
}

// HashQueue returns how full the queue of password hashes is at this moment, for metrics.
// It takes the lock of the queue and goes through the clients that have a place: ask it by
// the second, not by the request.
func (a *Auth) HashQueue() HashQueueStats {
	running, waiting := a.gate.queue.Callers()
	return HashQueueStats{Running: running, Waiting: waiting, Places: a.gate.parallelism + a.gate.waiting}
}

// turnAway returns a [*RetryError] if there is no place for the client now. It comes before
// everything that a rejected call should not do, such as ask the host about a password.
func (g *hashGate) turnAway(client string) error {
	if !g.queue.HasRoom(clientGroup(client)) {
		return g.busy()
	}
	return nil
}

// A hashPlace is a caller's place, until its work is done or it leaves.
type hashPlace struct {
	gate  *hashGate
	place *fairqueue.Place
	event *Event // that tells the times
}

// enter takes a place for the client, or returns a [*RetryError]. Between enter and do, the
// account is looked up, and nothing else of the host's is called. Another client may get
// the place meanwhile. The times of do are added to the event.
func (g *hashGate) enter(client string, e *Event) (hashPlace, error) {
	place, ok := g.queue.Enter(clientGroup(client))
	if !ok {
		return hashPlace{}, g.busy()
	}
	return hashPlace{g, place, e}, nil
}

// leave gives the place back, if it is still held.
func (p hashPlace) leave() { p.place.Leave() }

// do runs work, one or more hashes in a row, when it is the client's turn, and leaves. It
// returns the context's error if that ends first, or a [*RetryError] if another client got
// the place; work has not run then. The turn ends when work has really ended, not when the
// caller has lost interest. A place is for one do.
func (p hashPlace) do(ctx context.Context, work func()) error {
	asked := time.Now()
	err := p.place.Wait(ctx)
	start := time.Now()
	p.event.HashWait += start.Sub(asked)
	switch {
	case errors.Is(err, fairqueue.ErrPushedOut):
		return p.gate.busy()
	case err != nil:
		return fmt.Errorf("deskauth: wait for a password hash: %w", err)
	}
	defer func() {
		took := time.Since(start)
		p.event.HashTime += took
		p.gate.keepPace(took)
		p.leave()
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

func (g *hashGate) busy() error { return &RetryError{Err: ErrBusy, After: g.retryAfter()} }

// retryAfter is how long a full queue takes, in whole seconds.
func (g *hashGate) retryAfter() time.Duration {
	drain := time.Duration(int64(g.waiting) * g.pace.Load() / int64(g.parallelism))
	return max(drain.Truncate(time.Second)+time.Second, time.Second)
}

// hashPassword computes the hash that is stored for a new password.
func (a *Auth) hashPassword(ctx context.Context, place hashPlace, password string) (encoded string, err error) {
	var failed error
	if err := place.do(ctx, func() { encoded, failed = a.newHash(password) }); err != nil {
		return "", err
	}
	return encoded, failed
}

// verifyPassword computes hash and compares. If the password is wrong, or deny says that
// the caller is refused anyway, it goes on until it has cost what every refusal costs.
//
// If the password is right, it computes the hash that is to be stored, in the same turn:
// that of next, if next is another password; without a next, a stronger one of the same
// password, if its hash is of another scheme or of a lower cost.
func (a *Auth) verifyPassword(
	ctx context.Context, place hashPlace, hash passhash.Hash, password string, deny bool, next string,
) (ok bool, replacement string, err error) {
	var failed error
	err = place.do(ctx, func() {
		ok = hash.Verify(password)
		switch {
		case !ok || deny:
			for _, rest := range passhash.Rest(hash, a.params, a.cfg.ImportedBcryptCost) {
				rest.Verify(password)
			}
		case next != "":
			if !samePassword(password, next) {
				replacement, failed = a.newHash(next)
			}
		case hash.WeakerThan(a.params) && hash.Covers(password):
			replacement, failed = a.newHash(password)
		}
	})
	if err == nil {
		err = failed
	}
	return ok, replacement, err
}

func (a *Auth) newHash(password string) (encoded string, err error) {
	hash, err := passhash.New(password, a.params)
	if err != nil {
		return "", fmt.Errorf("deskauth: hash the password: %w", err)
	}
	return hash.String(), nil
}

// comparePassword refuses every password but the account's own. The zero account stands for
// one that is not there. It returns the hash to store instead, see verifyPassword.
func (a *Auth) comparePassword(
	ctx context.Context, op *operation, place hashPlace, acc Account, password, next string,
) (replacement string, err error) {
	hash, refused := a.hashOf(acc)
	deny := refused != nil || acc.Disabled
	ok, replacement, err := a.verifyPassword(ctx, place, hash, password, deny, next)
	if ok || err == nil {
		op.attempts.compared = true
	}
	switch {
	case err != nil:
		return "", err
	case refused != nil:
		return "", refused
	case !ok:
		return "", refuse(ErrInvalidCredentials, ReasonWrongPassword)
	case acc.Disabled:
		return "", refuse(ErrInvalidCredentials, ReasonAccountDisabled)
	}
	return replacement, nil
}

// hashOf returns the hash to compute for an account, and a refusal if no password can sign
// its owner in. An account without a usable hash gets a decoy, so timing reveals nothing.
func (a *Auth) hashOf(acc Account) (hash passhash.Hash, refused error) {
	switch {
	case acc.ID == "": // there is none
		return a.decoy, refuse(ErrInvalidCredentials, ReasonUnknownAddress)
	case acc.Kind != KindUser || acc.PasswordHash == "":
		return a.decoy, refuse(ErrInvalidCredentials, ReasonNoPassword)
	}
	hash, err := passhash.Parse(acc.PasswordHash)
	if err != nil {
		return a.decoy, refusef(ErrInvalidCredentials, ReasonUnusableHash, "%v", err)
	}
	return hash, nil
}
