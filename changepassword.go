package deskauth

import (
	"context"
	"errors"
)

// ChangePasswordInput is what an agent changes its own password with.
type ChangePasswordInput struct {
	Token   Secret // a session token of the agent
	Current Secret
	New     Secret // 8 characters (Config.MinPasswordLength) to 4096 bytes

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the notice that goes out: see [MailInput].
	Locale string

	// EndAll ends the session of Token, too, and starts a fresh one. Set it where somebody
	// else may have the token: a copy of it is the same session, so it would go on.
	EndAll bool
}

// ChangePassword gives an agent a new password, which ends every other session of the
// account. The session that asked goes on: its token, its renewals and every copy of it.
// The answer is the same token. With EndAll, and for a token of another server, which names
// no session, every session ends and the answer is a fresh one, as from [Auth.Signin]. With
// Config.Mailer a notice goes to the account's address.
//
// Current is checked as at [Auth.Signin]: under the same limits, and at the same cost for
// each refusal. New has to be in form and to pass Config.PasswordCheck, as at sign-up.
//
// It returns [ErrInvalidToken], or [ErrUsersOnly] for an account of another Kind; a
// [*ValidationError] for the fields Current and New; [ErrInvalidCredentials] if Current is
// wrong, or was changed by another call meanwhile; [ErrPasswordUnchanged] if Current is
// right and New is the same; or a [*RetryError] that wraps [ErrTooManyAttempts] or
// [ErrBusy].
func (a *Auth) ChangePassword(ctx context.Context, in ChangePasswordInput) (s Session, err error) {
	ctx, op := a.begin(ctx, OperationChangePassword)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	t, acc, err := a.agentOf(ctx, &op, in.Token)
	if err != nil {
		return Session{}, err
	}
	if err := a.checkChangePassword(in); err != nil {
		return Session{}, err
	}
	if err := a.gate.turnAway(in.Client); err != nil {
		return Session{}, err
	}
	limits := a.signinLimits(acc.Email, in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return Session{}, err
	}
	if err := a.askPasswordCheck(ctx, "New", in.New.reveal()); err != nil {
		return Session{}, err
	}
	s, err = a.changePassword(ctx, &op, &t, in)
	if err == errHashReplaced { // by a sign-in that stored a stronger one, perhaps: Current tells
		s, err = a.changePassword(ctx, &op, &t, in)
	}
	if err != nil {
		return Session{}, err
	}
	a.notifyPassword(ctx, &op, s.User, in.Locale)
	op.event.Type = EventPasswordChanged
	return s, nil
}

func (a *Auth) checkChangePassword(in ChangePasswordInput) error {
	var bad fieldErrors
	bad.add("Current", checkGivenPassword(in.Current.reveal()))
	bad.add("New", a.checkNewPassword(in.New.reveal()))
	return bad.err()
}

// errHashReplaced is the refusal of a password whose hash was replaced after it was
// compared.
var errHashReplaced = refusef(ErrInvalidCredentials, ReasonWrongPassword, "the password was changed meanwhile")

// changePassword compares the current password and stores the new one. Both are hashed in
// one turn, so that no other client gets the place in between.
func (a *Auth) changePassword(
	ctx context.Context, op *operation, t *sessionToken, in ChangePasswordInput,
) (Session, error) {
	place, err := a.gate.enter(in.Client, &op.event)
	if err != nil {
		return Session{}, err
	}
	defer place.leave()
	acc, err := a.accountOf(ctx, op, t, ErrInvalidToken)
	if err != nil {
		return Session{}, err
	}
	hash, err := a.comparePassword(ctx, op, place, acc, in.Current.reveal(), in.New.reveal())
	if err != nil {
		return Session{}, err
	}
	if hash == "" {
		return Session{}, refuse(ErrPasswordUnchanged, ReasonPasswordUnchanged)
	}
	if t.ID != "" && !in.EndAll {
		acc, err = a.replacePassword(ctx, t, acc, hash, t.ID)
		if err != nil {
			return Session{}, err
		}
		token := withoutScheme(in.Token.reveal())
		return Session{Token: token, User: a.shown(acc), ExpiresAt: t.ExpiresAt}, nil
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	acc, err = a.replacePassword(ctx, t, acc, hash, "")
	if err != nil {
		return Session{}, err
	}
	return a.startSession(key, acc)
}

// replacePassword stores the hash of a new password and keeps one session, if any. It
// refuses if the hash that was compared is not there any more, or the token is not good any
// more.
func (a *Auth) replacePassword(
	ctx context.Context, t *sessionToken, acc Account, hash, keep string,
) (Account, error) {
	changed, err := a.change(ctx, acc, func(d *draft) error {
		if d.PasswordHash != acc.PasswordHash {
			return errHashReplaced
		}
		if err := t.check(d.Account, ErrInvalidToken); err != nil {
			return err
		}
		d.PasswordHash, d.keep = hash, keep
		d.active(a.timestamp())
		return nil
	})
	if errors.Is(err, ErrUserNotFound) {
		return Account{}, refuse(ErrInvalidToken, ReasonAccountGone)
	}
	return changed, err
}
