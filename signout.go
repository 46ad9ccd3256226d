package deskauth

import (
	"context"
	"errors"
	"fmt"
)

// Signout ends the session of a token: this token, those that it was renewed from, and
// those that it would be renewed to. Other sessions of the account go on. The token may
// stand behind the scheme "JWT" or "Bearer" and a space.
//
// A token that is over already, or whose account is gone, is no error. At most 64 sessions
// of an account are ended one by one until their tokens expire. The next one ends all of
// them. So does a token of another server, which names no session.
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
	if errors.Is(err, ErrTokenExpired) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.custom {
		return fmt.Errorf("deskauth: a custom token names no session to sign out: %w", errors.ErrUnsupported)
	}
	acc, err := a.accountOf(ctx, &op, &t, ErrInvalidToken)
	if errors.Is(err, ErrInvalidToken) { // disabled, gone, or over
		return nil
	}
	if err != nil {
		return err
	}
	_, _, err = a.change(ctx, acc, func(d *draft) error {
		now := a.cfg.Now()
		until := now.Add(max(a.cfg.SessionTTL, a.cfg.GuestTTL) + a.cfg.Leeway)
		if t.ID == "" || !d.state.end(t.ID, until, now) {
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
