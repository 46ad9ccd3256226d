package deskauth

import (
	"context"
	"errors"
)

// RequestPasswordReset mails a code with which an agent chooses a new password. It is good
// for an hour, for one use, and until the account's password or address changes or all its
// sessions are ended.
//
// It returns nil for every address in form. Whether a mail was sent, only the [Event]
// tells: none goes to an address without an account, to a disabled account, to one of
// another Kind than [KindUser], or where Limits.MailsPerAddress is used up. All of them
// cost the same. It returns a [*ValidationError] for Email, a [*RetryError] that wraps
// [ErrTooManyAttempts] if the client has asked for too many mails, or an error wrapping
// [errors.ErrUnsupported] without Config.Mailer. Any other error is a failure, of the store
// for instance.
func (a *Auth) RequestPasswordReset(ctx context.Context, in MailInput) (err error) {
	ctx, op := a.begin(ctx, OperationRequestPasswordReset)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	if a.cfg.Mailer == nil {
		return errNoMailer
	}
	var bad fieldErrors
	email, message := a.canonicalEmail(in.Email)
	bad.add("Email", message)
	if err := bad.err(); err != nil {
		return err
	}
	limits := a.mailClientLimits("", in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return err
	}
	acc, err := a.userByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return err
	}
	op.about(acc.User)
	m := codeMail{kind: MailPasswordReset, to: email, locale: in.Locale, ttl: resetCodeTTL}
	switch {
	case acc.ID == "":
		m.withheld = ReasonUnknownAddress
	case acc.Kind != KindUser:
		m.withheld = ReasonUsersOnly
	case acc.Disabled:
		m.withheld = ReasonAccountDisabled
	}
	return a.mailAsked(ctx, &op, acc, m)
}

// ResetPasswordInput is what an agent chooses a new password with.
type ResetPasswordInput struct {
	Code     Secret // from the mail of RequestPasswordReset
	Password Secret // 8 characters (Config.MinPasswordLength) to 4096 bytes

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the notice that goes out: see [MailInput].
	Locale string
}

// ResetPassword gives the account of a code a new password, which ends every session and
// every code of the account. It starts no session. The password has to be in form and to
// pass Config.PasswordCheck, as at sign-up. A notice goes to the account's address.
//
// The code proves that its owner reads the mailbox, so the address is verified from then
// on. If it was not at that time, anybody may have put it there: the account's attributes
// go, its ID stays, and an [EventEmailProven] comes before the outcome.
//
// It returns a [*ValidationError] for the password, [ErrInvalidCode] for every code that is
// not good, or a [*RetryError] that wraps [ErrTooManyAttempts] or [ErrBusy].
func (a *Auth) ResetPassword(ctx context.Context, in ResetPasswordInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationResetPassword)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	var bad fieldErrors
	bad.add("Password", a.checkNewPassword(in.Password.reveal()))
	if err := bad.err(); err != nil {
		return User{}, err
	}
	if err := a.gate.turnAway(in.Client); err != nil {
		return User{}, err
	}
	c, acc, err := a.checkCode(ctx, &op, MailPasswordReset, in.Code, in.Client)
	if err != nil {
		return User{}, err
	}
	if err := a.askPasswordCheck(ctx, "Password", in.Password.reveal()); err != nil {
		return User{}, err
	}
	place, err := a.gate.enter(in.Client, &op.event)
	if err != nil {
		return User{}, err
	}
	defer place.leave()
	hash, err := a.hashPassword(ctx, place, in.Password.reveal())
	if err != nil {
		return User{}, err
	}
	proven := false
	acc, err = a.useCode(ctx, &c, acc, func(d *draft) {
		d.PasswordHash = hash
		proven = !d.EmailVerified
		if proven { // what is in it may be a squatter's
			d.EmailVerified, d.Attributes = true, nil
		}
	})
	if err != nil {
		return User{}, err
	}
	if proven {
		op.note(ctx, EventEmailProven)
	}
	a.notifyPassword(ctx, &op, acc.User, in.Locale)
	op.event.Type = EventPasswordReset
	return a.shown(acc), nil
}
