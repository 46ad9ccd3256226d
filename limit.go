package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits are how often things may be tried. A caller that tries more often gets a
// [*RetryError] that wraps [ErrTooManyAttempts], and nothing is hashed for it. An attempt
// is counted once the input is well-formed, and a code in any form. That is before the
// account of an address or of a code is looked up. What says whose attempt it is, or
// whether it is one, comes first: the account of a session token, the keys of a project,
// and that an external user is new. MailsPerAddress is counted after the look-up too, and
// whatever that finds.
//
// A client is what the input's Client says. An IPv6 address stands for its /64, and its /48
// together has 16 times the attempts of one client. A call without a Client has no limit by
// client.
//
// The current password of [Auth.ChangePassword] counts as a sign-in. So does a code that
// came by mail, but for SigninsPerAccount: whoever knows the ID of an account could
// otherwise keep its owner from a reset.
//
// A refused attempt uses up nothing of any limit. Neither does a call that fails because
// the host's code does, unless a password was compared.
type Limits struct {
	// SigninsPerClient bounds how fast one client can try one password each at many
	// addresses. Successes count too. The default is 1,000 in an hour, because an office
	// may be one client. Without it one computer tries as fast as hashes are computed.
	SigninsPerClient Rate
	// SigninsPerAccountAndClient bounds how fast one client can guess the password of one
	// address. All clients of an IPv6 /48 are one. A successful sign-in gives its own
	// attempt back, and no other. The default is 10 in 15 minutes. Without it one computer
	// guesses as fast as hashes are computed.
	SigninsPerAccountAndClient Rate
	// SigninsPerAccount bounds how fast many clients together can guess the password of one
	// address. A successful sign-in gives its own attempt back, and no other. Attackers can
	// lock the owner out for that long, so the limit is wide: the default is 100 in an
	// hour. Without it, an attacker with a thousand IP addresses has a thousand times the
	// guesses.
	SigninsPerAccount Rate
	// SignupsPerClient bounds how fast one client can make accounts, of guests too, and ask
	// whether an address has one. The default is 20 in an hour. Without it one computer can
	// do both as fast as hashes are computed.
	SignupsPerClient Rate
	// GuestsPerClient bounds how fast one client can fill the store with guests. The
	// default is 300 in an hour, because an office may be one client.
	GuestsPerClient Rate
	// GuestsPerProject bounds the same for all clients of a project together. An attacker
	// with many IP addresses can use it up, and keep new guests out that long. The default
	// is 10,000 in an hour; a busier site needs more.
	GuestsPerProject Rate
	// ExternalsPerProject bounds how fast the holder of one project's secret can fill the
	// store with new external users. Those who have an account are not counted. The default
	// is 5,000 in an hour.
	ExternalsPerProject Rate
	// MailsPerAddress bounds how many mails one address gets, whether or not it has an
	// account: of resets, of changes to that address, and of all others together. The three
	// are counted apart, so that whoever asks for one kind uses up no other. Further mails
	// are withheld, and the caller is told nothing of it. A mail that the Mailer does not
	// take is counted too: else one call of the Limiter more would tell that the address
	// has an account. The notice that a verified address gets of a change is not counted.
	// The default is 5 in an hour. Without it one computer can fill a stranger's mailbox.
	MailsPerAddress Rate
	// MailsPerClient bounds how many mails one client can ask for, and one account with
	// whatever clients. The default is 60 in an hour, because an office may be one client.
	// Without it one computer can send mail to every address that it knows.
	MailsPerClient Rate
}

// withDefaults returns l with every default in its place.
func (l Limits) withDefaults() Limits {
	l.SigninsPerClient = cmp.Or(l.SigninsPerClient, Rate{1000, time.Hour})
	l.SigninsPerAccountAndClient = cmp.Or(l.SigninsPerAccountAndClient, Rate{10, 15 * time.Minute})
	l.SigninsPerAccount = cmp.Or(l.SigninsPerAccount, Rate{100, time.Hour})
	l.SignupsPerClient = cmp.Or(l.SignupsPerClient, Rate{20, time.Hour})
	l.GuestsPerClient = cmp.Or(l.GuestsPerClient, Rate{300, time.Hour})
	l.GuestsPerProject = cmp.Or(l.GuestsPerProject, Rate{10_000, time.Hour})
	l.ExternalsPerProject = cmp.Or(l.ExternalsPerProject, Rate{5_000, time.Hour})
	l.MailsPerAddress = cmp.Or(l.MailsPerAddress, Rate{5, time.Hour})
	l.MailsPerClient = cmp.Or(l.MailsPerClient, Rate{60, time.Hour})
	return l
}

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
		{"ExternalsPerProject", l.ExternalsPerProject},
		{"MailsPerAddress", l.MailsPerAddress},
		{"MailsPerClient", l.MailsPerClient},
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
