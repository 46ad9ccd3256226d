package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

// A Rate allows a number of attempts in a time, all at once if need be. After that they
// come back one by one, evenly: of 10 in 15 minutes, one every 90 seconds. The zero Rate
// stands for the default of the field it is in.
type Rate struct {
	Attempts int
	Per      time.Duration
}

// NoLimit switches a limit off, and weakens what the limit protects: see its field in
// [Limits].
var NoLimit = Rate{Attempts: -1}

// off does not compare with NoLimit, which is a variable that any code could change.
func (r Rate) off() bool { return r == Rate{Attempts: -1} }

// Limits are how often things may be tried. A caller that tries more often gets a
// [*RetryError] that wraps [ErrTooManyAttempts]. Nothing is looked up or hashed for it: an
// attempt is counted once the input is well-formed.
//
// A client is what the input's Client says. An IPv6 address stands for its /64. A call
// without a Client has no limit by client.
type Limits struct {
	// SigninsPerClient bounds how fast one client can try one password each at many
	// addresses. Successes count too. The default is 1,000 in an hour, because an office
	// may be one client. Without it one computer tries as fast as hashes are computed.
	SigninsPerClient Rate
	// SigninsPerAccountAndClient bounds how fast one client can guess the password of one
	// address. A successful sign-in gives its attempts back. The default is 10 in 15
	// minutes. Without it one computer guesses as fast as hashes are computed.
	SigninsPerAccountAndClient Rate
	// SigninsPerAccount bounds how fast many clients together can guess the password of one
	// address. A successful sign-in gives the attempts back. Attackers can lock the owner
	// out for that long, so the limit is wide: the default is 100 in an hour. Without it,
	// an attacker with a thousand IP addresses has a thousand times the guesses.
	SigninsPerAccount Rate
	// SignupsPerClient bounds how fast one client can make accounts, and ask whether an
	// address has one. The default is 20 in an hour. Without it one computer can do both as
	// fast as hashes are computed.
	SignupsPerClient Rate
	// GuestsPerClient bounds how fast one client can fill the store with guests. The
	// default is 300 in an hour, because an office may be one client.
	GuestsPerClient Rate
	// GuestsPerProject bounds the same for all clients of a project together. An attacker
	// with many IP addresses can use it up, and keep new guests out that long. The default
	// is 10,000 in an hour; a busier site needs more.
	GuestsPerProject Rate
}

// A Limiter counts attempts. It must be safe for concurrent use. The default counts in
// memory, for one process, and remembers at most a million keys. A Limiter on a database
// that several processes share makes their limits one. The package limitertest checks an
// implementation against all of it.
//
// An error means that the Limiter failed: it is logged, and the call fails with it.
type Limiter interface {
	// Take reserves one attempt of key at the rate, before the work, so that attempts in
	// parallel are all counted. It returns 0, or reserves nothing and returns how long to
	// wait until an attempt is allowed. A key is a text of at most 600 bytes that may hold
	// personal data: hash it where it is stored.
	Take(ctx context.Context, key string, rate Rate) (wait time.Duration, err error)

	// Reset forgets all attempts of key.
	Reset(ctx context.Context, key string) error
}

// withDefaults returns l with every default in its place.
func (l Limits) withDefaults() Limits {
	l.SigninsPerClient = cmp.Or(l.SigninsPerClient, Rate{1000, time.Hour})
	l.SigninsPerAccountAndClient = cmp.Or(l.SigninsPerAccountAndClient, Rate{10, 15 * time.Minute})
	l.SigninsPerAccount = cmp.Or(l.SigninsPerAccount, Rate{100, time.Hour})
	l.SignupsPerClient = cmp.Or(l.SignupsPerClient, Rate{20, time.Hour})
	l.GuestsPerClient = cmp.Or(l.GuestsPerClient, Rate{300, time.Hour})
	l.GuestsPerProject = cmp.Or(l.GuestsPerProject, Rate{10_000, time.Hour})
	return l
}

const (
	maxAttempts = 1_000_000_000
	maxPer      = 366 * 24 * time.Hour
)

func (l Limits) check() error {
	for _, f := range []struct {
		name string
		rate Rate
	}{
		{"SigninsPerClient", l.SigninsPerClient},
		{"SigninsPerAccountAndClient", l.SigninsPerAccountAndClient},
		{"SigninsPerAccount", l.SigninsPerAccount},
		{"SignupsPerClient", l.SignupsPerClient},
		{"GuestsPerClient", l.GuestsPerClient},
		{"GuestsPerProject", l.GuestsPerProject},
	} {
		if !f.rate.off() && !f.rate.inRange() {
			return fmt.Errorf(
				"deskauth: Config.Limits.%s is %d in %v; 1 to %d attempts in up to %v are "+
					"allowed, and NoLimit",
				f.name, f.rate.Attempts, f.rate.Per, maxAttempts, maxPer)
		}
	}
	return nil
}

// inRange asks for a nanosecond or more between two attempts.
func (r Rate) inRange() bool {
	return 1 <= r.Attempts && r.Attempts <= maxAttempts && time.Duration(r.Attempts) <= r.Per && r.Per <= maxPer
}

// A limit is one key to take an attempt of, and at which rate.
type limit struct {
	name string // for the event
	key  string
	rate Rate
	keep bool // a success does not give its attempts back
}

// off reports that there is nothing to count: the limit is switched off, or the client is
// not known.
func (l limit) off() bool { return l.key == "" || l.rate.off() }

// take reserves an attempt of each limit, and refuses if one of them is used up.
func (a *Auth) take(ctx context.Context, limits ...limit) error {
	for _, l := range limits {
		if l.off() {
			continue
		}
		wait, err := a.cfg.Limiter.Take(ctx, l.key, l.rate)
		if err != nil {
			return fmt.Errorf("deskauth: count an attempt: %w", err)
		}
		if wait > 0 {
			return &refusal{
				public: &RetryError{Err: ErrTooManyAttempts, After: max(wait, time.Second)},
				reason: ReasonRateLimited,
				limit:  l.name,
			}
		}
	}
	return nil
}

// giveBack forgets the attempts at an account that led to a success. The client's attempts
// stay: else a client could clear its tries at other accounts by signing in to its own.
func (a *Auth) giveBack(ctx context.Context, limits ...limit) error {
	for _, l := range limits {
		if l.off() || l.keep {
			continue
		}
		if err := a.cfg.Limiter.Reset(ctx, l.key); err != nil {
			return fmt.Errorf("deskauth: give attempts back: %w", err)
		}
	}
	return nil
}

// signinLimits are those of one sign-in. They count by the canonical address, so that no
// spelling has a counter of its own, and whether or not there is such an account.
func (a *Auth) signinLimits(email, client string) []limit {
	l := a.cfg.Limits
	return []limit{
		{name: "SigninsPerClient", key: clientKey("signins", client), rate: l.SigninsPerClient, keep: true},
		{
			name: "SigninsPerAccountAndClient",
			key:  clientKey("signin "+email, client),
			rate: l.SigninsPerAccountAndClient,
		},
		{name: "SigninsPerAccount", key: "signin " + email, rate: l.SigninsPerAccount},
	}
}

func (a *Auth) signupLimit(client string) limit {
	return limit{name: "SignupsPerClient", key: clientKey("signup", client), rate: a.cfg.Limits.SignupsPerClient}
}

func (a *Auth) guestLimit(client string) limit {
	return limit{name: "GuestsPerClient", key: clientKey("guest", client), rate: a.cfg.Limits.GuestsPerClient}
}

// projectLimit is for projects that exist: a client cannot make keys up.
func (a *Auth) projectLimit(projectID string) limit {
	return limit{name: "GuestsPerProject", key: "guests of " + projectID, rate: a.cfg.Limits.GuestsPerProject}
}

// memoryLimiter is the default [Limiter].
type memoryLimiter struct{ gcra *gcra.Limiter }

func (m memoryLimiter) Take(_ context.Context, key string, rate Rate) (time.Duration, error) {
	if rate.Attempts < 1 {
		return 0, errors.New("deskauth: a rate allows at least one attempt")
	}
	return m.gcra.Take(key, rate.Attempts, rate.Per), nil
}

func (m memoryLimiter) Reset(_ context.Context, key string) error {
	m.gcra.Reset(key)
	return nil
}
