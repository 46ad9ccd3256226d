package deskauth

import (
	"context"
	"errors"
	"fmt"
)

// DeleteAccountInput is what an agent deletes its own account with.
type DeleteAccountInput struct {
	Token Secret // a session token of the agent, who signed in within the last 10 minutes

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for events; empty means that it is not known.
	Client string
}

// DeleteAccount deletes an agent's account, with all that is stored of it, as
// [Auth.DeleteUser] does. Its Email is free then. First it ends every other session, by a
// write that fails if the account was disabled or this session ended meanwhile. What you do
// to the account between that write and the deletion is deleted with it.
//
// It returns [ErrInvalidToken], also where the account was disabled or the session ended;
// [ErrUsersOnly] for an account of another Kind; [ErrSigninTooOld] if the sign-in
// (Identity.AuthTime) is more than 10 minutes ago, whatever the token was renewed since; or
// an error wrapping [errors.ErrUnsupported] if the store is not a [UserDeleter].
func (a *Auth) DeleteAccount(ctx context.Context, in DeleteAccountInput) (err error) {
	ctx, op := a.begin(ctx, OperationDeleteAccount)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	if _, ok := a.users.(UserDeleter); !ok {
		return errNoDeleter
	}
	t, acc, err := a.agentOf(ctx, &op, in.Token)
	if err != nil {
		return err
	}
	if err := a.checkFresh(&t); err != nil {
		return err
	}
	_, err = a.change(ctx, acc, func(d *draft) error {
		if err := t.check(d.Account, ErrInvalidToken); err != nil {
			return err
		}
		d.SessionEpoch++
		d.keep = t.ID // which may try again if the store fails now
		return nil
	})
	if err == nil {
		err = a.deleteUser(ctx, acc.ID)
	}
	if errors.Is(err, ErrUserNotFound) {
		return refuse(ErrInvalidToken, ReasonAccountGone)
	}
	if err != nil {
		return err
	}
	op.event.Type = EventAccountDeleted
	return nil
}

var errNoDeleter = unsupportedf("deskauth: the store does not implement UserDeleter")

// deleteUser deletes an account in the store, if the store can.
func (a *Auth) deleteUser(ctx context.Context, id string) error {
	deleter, ok := a.users.(UserDeleter)
	if !ok {
		return errNoDeleter
	}
	err := deleter.DeleteUser(ctx, id)
	switch {
	case errors.Is(err, errors.ErrUnsupported): // a store around one that cannot
		return &unsupported{fmt.Errorf("deskauth: delete user: %w", err)}
	case err != nil:
		return fmt.Errorf("deskauth: delete user: %w", err)
	}
	return nil
}
