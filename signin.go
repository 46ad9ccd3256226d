package deskauth

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth/internal/passhash"
)

// SigninInput is what an agent signs in with.
type SigninInput struct {
	Email    string // in any spelling of the canonical address
	Password string

	// Client is who asks: an IP address, or another name of the client that it cannot
	// choose. It is for limits and events; empty means that the client is not known.
	Client string
}

// Signin checks an agent's password and returns a session.
//
// It returns a [*ValidationError] for fields that cannot be anybody's,
// [ErrInvalidCredentials] for every way that the two do not sign in, or a [*RetryError] that
// wraps [ErrTooManyAttempts] or [ErrBusy]. Each [ErrInvalidCredentials] costs the same
// password hashes, one unless Config.ImportedBcryptCost is set, whether or not somebody has
// the address. A success may store a stronger hash; if the store fails in that, so does the
// sign-in.
func (a *Auth) Signin(ctx context.Context, in SigninInput) (s Session, err error) {
	op := a.begin(ctx, "signin")
	defer op.end(&err)
	op.event.Client = in.Client

	email, err := a.checkSignin(in)
	if err != nil {
		return Session{}, err
	}
	leave, err := a.gate.admit()
	if err != nil {
		return Session{}, err
	}
	defer leave()
	limits := a.signinLimits(email, in.Client)
	if err := a.take(ctx, limits...); err != nil {
		return Session{}, err
	}
	acc, found, err := a.userByEmail(ctx, email)
	if err != nil {
		return Session{}, err
	}
	if found {
		op.about(acc.User)
	}
	hash, cannot := a.hashOf(acc, found)
	ok, err := a.verifyPassword(ctx, hash, in.Password, cannot != nil || acc.Disabled)
	switch {
	case err != nil:
		return Session{}, err
	case cannot != nil:
		return Session{}, cannot
	case !ok:
		return Session{}, refuse(ErrInvalidCredentials, "wrong password")
	case acc.Disabled:
		return Session{}, refuse(ErrInvalidCredentials, "account disabled")
	}
	if err := a.giveBack(ctx, limits...); err != nil {
		return Session{}, err
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	if hash.WeakerThan(a.params) && hash.Covers(in.Password) {
		if err := a.rehash(ctx, &op, acc, in.Password); err != nil {
			return Session{}, err
		}
	}
	op.event.Type = EventSignedIn
	return a.issue(key, acc, a.cfg.Now())
}

func (a *Auth) checkSignin(in SigninInput) (email string, err error) {
	var bad checks
	email, message := a.canonicalEmail(in.Email)
	bad.add("Email", message)
	bad.add("Password", checkGivenPassword(in.Password))
	return email, bad.err()
}

func (a *Auth) userByEmail(ctx context.Context, email string) (acc Account, found bool, err error) {
	acc, err = a.users.UserByEmail(ctx, email)
	switch {
	case errors.Is(err, ErrUserNotFound):
		return Account{}, false, nil
	case err != nil:
		return Account{}, false, fmt.Errorf("deskauth: find user: %w", err)
	case acc.Email != email || acc.ID == "":
		return Account{}, false, fmt.Errorf("deskauth: find user: the store answered with another account")
	}
	return acc, true, nil
}

// hashOf returns the hash to compute for an account, and why its owner cannot get in
// however the comparison ends. Who has no hash to compute has a decoy's, so that the time
// tells nothing.
func (a *Auth) hashOf(acc Account, found bool) (hash passhash.Hash, cannot error) {
	switch {
	case !found:
		return a.decoy, refuse(ErrInvalidCredentials, "unknown address")
	case acc.Kind != KindUser || acc.PasswordHash == "":
		return a.decoy, refuse(ErrInvalidCredentials, "no password")
	}
	hash, err := passhash.Parse(acc.PasswordHash)
	if err != nil {
		return a.decoy, refusef(ErrInvalidCredentials, "unusable hash", "%v", err)
	}
	return hash, nil
}

// rehash replaces a hash of another scheme or of a lower cost, now that the password is
// known. If the account was changed meanwhile, that change stands.
func (a *Auth) rehash(ctx context.Context, op *operation, acc Account, password string) (err error) {
	acc.PasswordHash, err = a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	acc.UpdatedAt = a.timestampAfter(acc.UpdatedAt)
	err = a.users.UpdateUser(ctx, acc)
	switch {
	case errors.Is(err, ErrConflict):
		return nil
	case err != nil:
		return fmt.Errorf("deskauth: store the stronger password hash: %w", err)
	}
	op.note(EventPasswordRehashed)
	return nil
}
