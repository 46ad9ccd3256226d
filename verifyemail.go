package deskauth

import (
	"context"
)

// RequestEmailVerificationInput is what an agent asks for a verification mail with.
type RequestEmailVerificationInput struct {
	Token Secret // a session token of the agent

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the mail: see [MailInput].
	Locale string
}

// RequestEmailVerification mails a code that proves that the mailbox is the account's. It
// is good for 24 hours, until the address is verified, and until the account's password or
// address changes or all its sessions are ended. [Auth.Signup] mails one by itself.
//
// It returns nil also where no mail is sent, because the address is verified already or
// Limits.MailsPerAddress is used up; the [Event] tells. It returns [ErrInvalidToken],
// [ErrUsersOnly], a [*RetryError] that wraps [ErrTooManyAttempts] if the client has asked
// for too many mails, or an error wrapping [errors.ErrUnsupported] without Config.Mailer.
func (a *Auth) RequestEmailVerification(ctx context.Context, in RequestEmailVerificationInput) (err error) {
	ctx, op := a.begin(ctx, OperationRequestEmailVerification)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	if a.cfg.Mailer == nil {
		return errNoMailer
	}
	_, acc, err := a.agentOf(ctx, &op, in.Token)
	if err != nil {
		return err
	}
	limits := a.mailClientLimits(acc.ID, in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return err
	}
	m := verificationOf(acc, in.Locale)
	if acc.EmailVerified {
		m.withheld = ReasonEmailVerified
	}
	return a.mailAsked(ctx, &op, acc, m)
}

func verificationOf(acc Account, locale string) codeMail {
	return codeMail{kind: MailEmailVerification, to: acc.Email, locale: locale, ttl: verificationCodeTTL}
}

// VerifyEmailInput is what an agent proves with that a mailbox is its own.
type VerifyEmailInput struct {
	Code   Secret // from the mail of a sign-up, a sign-in or RequestEmailVerification
	UserID string // whose code it has to be; empty for anybody's

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
}

// VerifyEmail marks the address of a code's account as verified. Its sessions go on, and a
// password reset that is under way goes on too.
//
// It returns [ErrInvalidCode] for every code that is not good, also one that was used or
// whose account was verified in another way; [ErrOtherAccount], which wraps it, for a good
// code of another account than UserID; or a [*RetryError] that wraps [ErrTooManyAttempts].
func (a *Auth) VerifyEmail(ctx context.Context, in VerifyEmailInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationVerifyEmail)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	c, acc, err := a.checkCode(ctx, &op, MailEmailVerification, in.Code, in.Client)
	if err != nil {
		return User{}, err
	}
	if in.UserID != "" && in.UserID != acc.ID {
		return User{}, refuse(ErrOtherAccount, ReasonOtherAccount)
	}
	acc, err = a.useCode(ctx, &c, acc, func(d *draft) { d.EmailVerified = true })
	if err != nil {
		return User{}, err
	}
	op.event.Type = EventEmailVerified
	return a.shown(acc), nil
}
