package deskauth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Signout ends the session of a token: this token, those that it was renewed from, and
// those that it would be renewed to. Other sessions of the account go on. The token may
// stand behind the scheme "JWT" or "Bearer" and a space.
//
// An expired token ends its session too, because a fresh one may have been made of it. One
// that is over already, or whose account is gone, is no error. At most 64 sessions of an
// account are ended one by one until their tokens expire. The next one ends all of them. So
// does a token of another server, which names no session.
//
// [Auth.VerifyStateless] does not see that a session has ended.
//
// Signout returns [ErrInvalidToken] for a token that this library did not issue, and an
// error wrapping [errors.ErrUnsupported] for a custom token that serves as a session
// (Config.EchoCustomToken): use [Auth.SignoutEverywhere].
func (a *Auth) Signout(ctx context.Context, token string) (err error) {
	ctx, op := a.begin(ctx, OperationSignout)
	defer op.end(ctx, &err)

	var buf claimsBuf
	t, err := a.checkToken(ctx, &op, token, buf[:0])
	expired := isRefusal(err, ErrTokenExpired)
	switch {
	case t.custom: // and good
		return refuse(errCustomSignout, ReasonInvalidInput)
	case expired && t.ID == "": // of another server, and over
		return nil
	case err != nil && !expired: // whose renewals may go on
		return err
	}
	acc, err := a.accountOf(ctx, &op, &t, ErrAccountDisabled)
	switch {
	case isRefusal(err, ErrInvalidToken): // gone, or over
		return nil
	case err != nil && !isRefusal(err, ErrAccountDisabled): // which may be enabled again
		return err
	}
	_, err = a.change(ctx, acc, func(d *draft) error {
		now := a.cfg.Now()
		if t.ID == "" || !d.state.end(t.ID, a.lastExpiry(&t, now), now) {
			d.SessionEpoch++
		}
		return nil
	})
	if errors.Is(err, ErrUserNotFound) {
		return nil
	}
	op.event.Type = EventSignedOut
	return err
}

var errCustomSignout = fmt.Errorf("deskauth: a custom token names no session to sign out: %w",
	errors.ErrUnsupported)

// lastExpiry is when the last token of a session has expired. That is the longest-lived one
// that can have been issued up to now, or the one at hand. The latter may be from before a
// setting was lowered or a clock was put back.
func (a *Auth) lastExpiry(t *sessionToken, now time.Time) time.Time {
	last := now.Add(a.cfg.SessionTTL)
	if t.kind() == KindGuest {
		last = now.Add(a.cfg.GuestTTL)
	}
	if t.ExpiresAt.After(last) {
		last = t.ExpiresAt
	}
	return last.Add(a.cfg.Leeway)
}

// SignoutEverywhere ends every session of an account, and every custom token that was
// issued up to now. Custom tokens without `iat` sign nobody in from then on, until
// [Auth.SetDisabled] enables the account.
//
// It returns [ErrUserNotFound].
func (a *Auth) SignoutEverywhere(ctx context.Context, userID string) (err error) {
	ctx, op := a.begin(ctx, OperationSignout)
	defer op.end(ctx, &err)

	op.event.UserID = userID
	acc, err := a.changeByID(ctx, userID, func(d *draft) error {
		d.SessionEpoch++
		d.state.endCustomTokens(a.timestamp())
		return nil
	})
	if err != nil {
		return err
	}
	op.about(acc.User)
	op.event.Type = EventSignedOutEverywhere
	return nil
}
