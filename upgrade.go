package deskauth

import (
	"context"
	"errors"
	"fmt"
)

// UpgradeGuestInput is what a guest becomes an agent with.
type UpgradeGuestInput struct {
	GuestToken  Secret // a session token of the guest
	SignupInput        // as at [Auth.Signup]
}

// UpgradeGuest makes an agent of a guest. The account keeps its ID, so all that a host
// stores under that ID goes on. It also keeps its Attributes, which are what the visitor's
// page said and prove nothing. Its names are those of the sign-up, and it belongs to no
// project any more. The address is not verified by it.
//
// The checks, limits, costs and mail are those of [Auth.Signup], and like that it does not
// sign in: every session of the guest ends. If the address is taken, the guest stays as it
// is. Of an upgrade, a link and a purge at the same moment, one is made.
//
// It returns [ErrInvalidToken], also for a guest that is disabled, gone, linked or upgraded
// already; [ErrGuestsOnly] for a good token of another Kind; with Config.BesideTiledesk an
// error that wraps both [ErrGuestsOnly] and [errors.ErrUnsupported]; and else what
// [Auth.Signup] returns.
func (a *Auth) UpgradeGuest(ctx context.Context, in UpgradeGuestInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationUpgradeGuest)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	t, guest, err := a.guestOf(ctx, &op, in.GuestToken)
	if err != nil {
		return User{}, err
	}
	if a.cfg.BesideTiledesk {
		return User{}, refusef(errNoUpgrade, ReasonGuestsOnly, "Config.BesideTiledesk is set")
	}
	acc, err := a.signUp(ctx, &op, in.SignupInput, func(email, hash string) (Account, error) {
		return a.upgrade(ctx, &t, guest, in.SignupInput, email, hash)
	})
	if err != nil {
		return User{}, err
	}
	op.event.Type = EventGuestUpgraded
	return acc.User, nil
}

var errNoUpgrade = fmt.Errorf("%w; with Config.BesideTiledesk none can, because a Tiledesk server takes no ID "+
	"like a guest's for an agent's: %w", ErrGuestsOnly, errors.ErrUnsupported)

// upgrade stores the guest as a user, unless the token is not good any more.
func (a *Auth) upgrade(
	ctx context.Context, t *sessionToken, guest Account, in SignupInput, email, hash string,
) (Account, error) {
	acc, err := a.change(ctx, guest, func(d *draft) error {
		if err := t.belongsTo(d.Account); err != nil {
			return err
		}
		if err := t.check(d.Account, ErrInvalidToken); err != nil {
			return err
		}
		d.Kind, d.Email, d.EmailVerified, d.PasswordHash = KindUser, email, false, hash
		d.FirstName, d.LastName = in.FirstName, in.LastName
		d.active(a.timestamp())
		return nil
	})
	switch {
	case errors.Is(err, ErrUserNotFound):
		return Account{}, refuse(ErrInvalidToken, ReasonAccountGone)
	case errors.Is(err, ErrUserExists):
		return Account{}, refuse(ErrUserExists, ReasonAddressTaken)
	}
	return acc, err
}
