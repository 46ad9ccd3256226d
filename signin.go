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
	Password Secret

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
}

// Signin checks an agent's password and returns a session.
//
// It returns a [*ValidationError] for fields that no account can have,
// [ErrInvalidCredentials] for every way that address and password do not sign in, or a
// [*RetryError] that wraps [ErrTooManyAttempts] or [ErrBusy]. Each [ErrInvalidCredentials]
// costs the same password hashes, whether or not there is an account: one, unless
// Config.ImportedBcryptCost is set. A success may store a stronger hash. If the store fails
// in that, so does the sign-in.
func (a *Auth) Signin(ctx context.Context, in SigninInput) (s Session, err error) {
	op := a.begin(OperationSignin)
	defer op.end(ctx, &err)
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
	if err := op.take(ctx, limits[:]...); err != nil {
		return Session{}, err
	}
	acc, err := a.userByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return Session{}, err
	}
	op.about(acc.User)
	hash, refused := a.hashOf(acc)
	ok, err := a.verifyPassword(ctx, hash, in.Password.reveal(), refused != nil || acc.Disabled)
	op.attempts.compared = err == nil
	switch {
	case err != nil:
		return Session{}, err
	case refused != nil:
		return Session{}, refused
	case !ok:
		return Session{}, refuse(ErrInvalidCredentials, ReasonWrongPassword)
	case acc.Disabled:
		return Session{}, refuse(ErrInvalidCredentials, ReasonAccountDisabled)
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	if hash.WeakerThan(a.params) && hash.Covers(in.Password.reveal()) {
		if err := a.rehash(ctx, &op, acc, in.Password.reveal()); err != nil {
			return Session{}, err
		}
	}
	op.event.Type = EventSignedIn
	return a.issue(key, acc, a.cfg.Now())
}

func (a *Auth) checkSignin(in SigninInput) (email string, err error) {
	var bad fieldErrors
	email, message := a.canonicalEmail(in.Email)
	bad.add("Email", message)
	bad.add("Password", checkGivenPassword(in.Password.reveal()))
	return email, bad.err()
}

// hashOf returns the hash to compute for an account, and a refusal if no password can sign
// its owner in. An account without a usable hash gets a decoy, so timing reveals nothing.
func (a *Auth) hashOf(acc Account) (hash passhash.Hash, refused error) {
	switch {
	case acc.ID == "": // there is none
		return a.decoy, refuse(ErrInvalidCredentials, ReasonUnknownAddress)
	case acc.Kind != KindUser || acc.PasswordHash == "":
		return a.decoy, refuse(ErrInvalidCredentials, ReasonNoPassword)
	}
	hash, err := passhash.Parse(acc.PasswordHash)
	if err != nil {
		return a.decoy, refusef(ErrInvalidCredentials, ReasonUnusableHash, "%v", err)
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
	op.note(ctx, EventPasswordRehashed)
	return nil
}
