package deskauth

import (
	"cmp"
	"fmt"
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

// NoLimits returns limits that are all switched off, and weakens all that [Limits] protect.
// It is for tests, and for a load test of a server.
func NoLimits() Limits {
	return Limits{
		SigninsPerClient:           NoLimit,
		SigninsPerAccountAndClient: NoLimit,
		SigninsPerAccount:          NoLimit,
		SignupsPerClient:           NoLimit,
		GuestsPerClient:            NoLimit,
		GuestsPerProject:           NoLimit,
		ExternalsPerProject:        NoLimit,
		MailsPerAddress:            NoLimit,
		MailsPerClient:             NoLimit,
	}
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
