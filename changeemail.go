package deskauth

import (
	"context"
	"errors"
)

// RequestEmailChangeInput is what an agent asks for a new address with.
type RequestEmailChangeInput struct {
	Token Secret // a session token of the agent
	Email string // the new address, in any spelling
	// Password is the agent's current one. It may be empty if the agent signed in within
	// the last 10 minutes.
	Password Secret

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the mail: see [MailInput].
	Locale string
}

// RequestEmailChange mails a code to a new address. Nothing changes until the code comes
// back to [Auth.ChangeEmail], within an hour. It ends with the account's password, its
// address and its sessions, as every code does.
//
// It returns nil also where no mail is sent, because the new address has an account or
// Limits.MailsPerAddress is used up; the [Event] tells. It returns [ErrInvalidToken],
// [ErrUsersOnly], a [*ValidationError]; [ErrInvalidCredentials] if Password is wrong, which
// counts and costs what it does at [Auth.Signin]; [ErrSigninTooOld] without a Password if
// the sign-in is more than 10 minutes ago; a [*RetryError] that wraps [ErrTooManyAttempts]
// or [ErrBusy]; or an error wrapping [errors.ErrUnsupported] without Config.Mailer.
func (a *Auth) RequestEmailChange(ctx context.Context, in RequestEmailChangeInput) (err error) {
	ctx, op := a.begin(ctx, OperationRequestEmailChange)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	if a.cfg.Mailer == nil {
		return errNoMailer
	}
	t, acc, err := a.agentOf(ctx, &op, in.Token)
	if err != nil {
		return err
	}
	email, err := a.checkRequestEmailChange(in)
	if err != nil {
		return err
	}
	limits := a.mailClientLimits(acc.ID, in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return err
	}
	acc, err = a.isItReally(ctx, &op, &t, acc, in)
	if err != nil {
		return err
	}
	taken, err := a.addressTaken(ctx, email)
	if err != nil {
		return err
	}
	m := codeMail{kind: MailEmailChange, to: email, locale: in.Locale, ttl: emailChangeCodeTTL}
	if taken {
		m.withheld = ReasonAddressTaken
	}
	return a.mailAsked(ctx, &op, acc, m)
}

func (a *Auth) checkRequestEmailChange(in RequestEmailChangeInput) (email string, err error) {
	var bad fieldErrors
	email, message := a.newEmail(in.Email)
	bad.add("Email", message)
	if in.Password.reveal() != "" {
		bad.add("Password", checkGivenPassword(in.Password.reveal()))
	}
	return email, bad.err()
}

// isItReally refuses whoever has no more than the session of an agent. It returns the
// account as it was when the password was compared.
func (a *Auth) isItReally(
	ctx context.Context, op *operation, t *sessionToken, acc Account, in RequestEmailChangeInput,
) (Account, error) {
	if in.Password.reveal() == "" {
		return acc, a.checkFresh(t)
	}
	if err := a.gate.turnAway(in.Client); err != nil {
		return Account{}, err
	}
	limits := a.signinLimits(acc.Email, in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return Account{}, err
	}
	place, err := a.gate.enter(in.Client, &op.event)
	if err != nil {
		return Account{}, err
	}
	defer place.leave()
	acc, err = a.accountOf(ctx, op, t, ErrInvalidToken)
	if err != nil {
		return Account{}, err
	}
	_, err = a.comparePassword(ctx, op, place, acc, in.Password.reveal(), in.Password.reveal())
	return acc, err
}

// ChangeEmailInput is what an agent takes a new address with.
type ChangeEmailInput struct {
	Code Secret // from the mail of RequestEmailChange

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the notice that goes out: see [MailInput].
	Locale string
}

// ChangeEmail gives the account of a code the address that the code was mailed to, which is
// verified by that. Every session and every code of the account ends. A notice goes to the
// address before.
//
// It returns [ErrInvalidCode] for every code that is not good, [ErrUserExists] if the
// address has an account by now, or a [*RetryError] that wraps [ErrTooManyAttempts].
func (a *Auth) ChangeEmail(ctx context.Context, in ChangeEmailInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationChangeEmail)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	c, acc, err := a.checkCode(ctx, &op, MailEmailChange, in.Code, in.Client)
	if err != nil {
		return User{}, err
	}
	before := acc
	acc, err = a.useCode(ctx, &c, acc, func(d *draft) {
		before = d.Account
		d.Email, d.EmailVerified = c.email, true
	})
	if errors.Is(err, ErrUserExists) {
		return User{}, refuse(ErrUserExists, ReasonAddressTaken)
	}
	if err != nil {
		return User{}, err
	}
	notice := Mail{Kind: MailEmailChanged, To: before.Email, User: a.shown(acc), Locale: in.Locale}
	a.notify(ctx, &op, notice, before.EmailVerified)
	op.event.Type = EventEmailChanged
	return a.shown(acc), nil
}
