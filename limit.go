package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A limit is an attempt to take, of a field of [Limits].
type limit struct {
	Attempt
	name string // of the field
	own  bool   // a success gives its attempt back
}

// off reports that there is nothing to count: the limit is switched off, or the client is
// not known or has no site.
func (l limit) off() bool { return l.Key == "" || l.Rate.off() }

// clientLimits count what a client does: its own attempts and, of an IPv6 client, those of
// its site.
func clientLimits(name, what string, c clientName, rate Rate) (limits [2]limit) {
	if c.own != "" {
		limits[0] = limit{Attempt: Attempt{what + " from " + c.own, rate}, name: name}
	}
	if c.site != "" {
		limits[1] = limit{Attempt: Attempt{what + " from " + c.site, rate.ofSite()}, name: name}
	}
	return limits
}

// signinLimits are those of one sign-in. They count by the canonical address, so that no
// spelling has a counter of its own, and whether or not there is such an account. The
// attempts of one client at an account are those of its site. Each /64 of an attacker would
// otherwise have ten, and a hundred lock the account for all others.
func (a *Auth) signinLimits(email, client string) (limits [4]limit) {
	l, c := a.cfg.Limits, nameClient(client)
	ofClient := clientLimits("SigninsPerClient", "signins", c, l.SigninsPerClient)
	copy(limits[:], ofClient[:])
	account := "signin " + email
	if c.own != "" {
		key := account + " from " + cmp.Or(c.site, c.own)
		limits[2] = limit{Attempt{key, l.SigninsPerAccountAndClient}, "SigninsPerAccountAndClient", true}
	}
	limits[3] = limit{Attempt{account, l.SigninsPerAccount}, "SigninsPerAccount", true}
	return limits
}

// codeLimits are those of one code that arrives. userID is what it says, whether or not it
// is ours, and empty for one that cannot be read.
func (a *Auth) codeLimits(userID, client string) (limits [3]limit) {
	l, c := a.cfg.Limits, nameClient(client)
	ofClient := clientLimits("SigninsPerClient", "signins", c, l.SigninsPerClient)
	copy(limits[:], ofClient[:])
	if c.own != "" && userID != "" {
		key := "code of " + userID + " from " + cmp.Or(c.site, c.own)
		limits[2] = limit{Attempt{key, l.SigninsPerAccountAndClient}, "SigninsPerAccountAndClient", true}
	}
	return limits
}

// mailClientLimits count the mails that a client asks for, and those that an account does,
// which may have many clients. asking is empty for who needs none to ask.
func (a *Auth) mailClientLimits(asking, client string) (limits [3]limit) {
	rate := a.cfg.Limits.MailsPerClient
	ofClient := clientLimits("MailsPerClient", "mails", nameClient(client), rate)
	copy(limits[:], ofClient[:])
	if asking != "" {
		limits[2] = limit{Attempt: Attempt{"mails asked by " + asking, rate}, name: "MailsPerClient"}
	}
	return limits
}

// mailLimit counts by the canonical address, whether or not there is such an account, and
// by who can ask: anybody for a reset, an agent for any new address, and for the rest only
// who has the account. Else a stranger could use up what its owner asks for, and by mails
// that are withheld, which nobody sees.
func (a *Auth) mailLimit(kind MailKind, email string) limit {
	what := "mail to "
	switch kind {
	case MailPasswordReset:
		what = "reset mail to "
	case MailEmailChange:
		what = "change mail to "
	}
	return limit{Attempt: Attempt{what + email, a.cfg.Limits.MailsPerAddress}, name: "MailsPerAddress"}
}

func (a *Auth) signupLimits(client string) [2]limit {
	return clientLimits("SignupsPerClient", "signup", nameClient(client), a.cfg.Limits.SignupsPerClient)
}

func (a *Auth) guestLimits(client string) [2]limit {
	return clientLimits("GuestsPerClient", "guest", nameClient(client), a.cfg.Limits.GuestsPerClient)
}

// projectLimit is for projects that exist: a client cannot make keys up.
func (a *Auth) projectLimit(projectID string) limit {
	return limit{Attempt: Attempt{"guests of " + projectID, a.cfg.Limits.GuestsPerProject}, name: "GuestsPerProject"}
}

// externalsLimit counts the new accounts of a project's custom tokens.
func (a *Auth) externalsLimit(projectID string) limit {
	key := "externals of " + projectID
	return limit{Attempt: Attempt{key, a.cfg.Limits.ExternalsPerProject}, name: "ExternalsPerProject"}
}

// giveBackPatience is how long an answer may wait for attempts to be given back.
const giveBackPatience = time.Second

// attempts are what an operation has reserved, and what has to become of them.
type attempts struct {
	taken []Attempt
	own   []Attempt // those of taken that a success gives back
	// compared says that the password was compared: the caller may have learned something,
	// so the attempts stay counted whatever fails after it.
	compared bool
}

// take reserves an attempt of each limit, or refuses and reserves none.
func (op *operation) take(ctx context.Context, limits ...limit) error {
	mine := &op.attempts
	before, all := len(mine.taken), slices.Grow(mine.taken, len(limits))
	names := make([]string, 0, 4)
	for _, l := range limits {
		if !l.off() {
			all, names = append(all, l.Attempt), append(names, l.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	refused, wait, err := op.auth.cfg.Limiter.Take(ctx, all[before:]...)
	switch {
	case err != nil:
		return fmt.Errorf("deskauth: count an attempt: %w", err)
	case refused >= len(names):
		return fmt.Errorf("deskauth: Config.Limiter refused attempt %d of %d, counted from 0", refused, len(names))
	case refused >= 0:
		return &refusal{
			public: &RetryError{Err: ErrTooManyAttempts, After: max(wait, time.Second)},
			reason: ReasonRateLimited,
			limit:  names[refused],
		}
	}
	mine.taken = all
	for _, l := range limits {
		if l.own && !l.off() {
			mine.own = append(mine.own, l.Attempt)
		}
	}
	return nil
}

// settle gives back what the outcome of the operation asks for.
func (op *operation) settle(ctx context.Context, err error) {
	switch {
	case err == nil:
		// The client's attempts stay: else a client could clear its tries at other accounts
		// by signing in to its own.
		op.giveBack(ctx, op.attempts.own)
	case !op.attempts.compared && usesUpNothing(ctx, err):
		op.giveBack(ctx, op.attempts.taken)
	}
}

// usesUpNothing reports whether an operation that ended with err is no attempt: the host's
// code failed, the queue was full, or a later limit refused. A caller that hangs up has
// made its attempt. Else it could have the host look things up without end.
func usesUpNothing(ctx context.Context, err error) bool {
	switch refused := err.(type) {
	case *refusal:
		return refused.reason == ReasonRateLimited
	case *ValidationError:
		return false
	}
	return !errors.Is(ctx.Err(), context.Canceled)
}

// giveBack returns attempts to the Limiter. The caller's context may have ended by now. A
// failure is logged and changes nothing for the caller.
func (op *operation) giveBack(ctx context.Context, attempts []Attempt) {
	if len(attempts) == 0 {
		return
	}
	defer op.auth.contain(ctx, "Config.Limiter")
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackPatience)
	defer cancel()
	if err := op.auth.cfg.Limiter.GiveBack(bounded, attempts...); err != nil {
		op.auth.cfg.Logger.ErrorContext(ctx, "deskauth: attempts are not given back",
			"operation", string(op.event.Operation), "client", op.event.Client, "error", err)
	}
}
