package deskauth

import (
	"context"
	"errors"
	"fmt"
)

// SigninInput is what an agent signs in with.
type SigninInput struct {
	Email    string // in any spelling of the canonical address
	Password Secret

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the mail that Config.RequireVerifiedEmail may send: see
	// [MailInput].
	Locale string
}

// Signin checks an agent's password and returns a session.
//
// It returns a [*ValidationError] for fields that no account can have, and
// [ErrInvalidCredentials] for every way that address and password do not sign in. With
// Config.RequireVerifiedEmail it may return [ErrEmailUnverified]. A [*RetryError] wraps
// [ErrTooManyAttempts] or [ErrBusy].
//
// Each [ErrInvalidCredentials] costs the same password hashes, whether or not there is an
// account: one, unless Config.ImportedBcryptCost is set. A success may store a stronger
// hash. If the store fails in that, so does the sign-in.
func (a *Auth) Signin(ctx context.Context, in SigninInput) (s Session, err error) {
	ctx, op := a.begin(ctx, OperationSignin)
	defer op.end(ctx, &err)

	acc, err := a.checkPassword(ctx, &op, in)
	if err != nil {
		return Session{}, err
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	if err := a.noteActivity(ctx, acc, ErrInvalidCredentials); err != nil {
		return Session{}, err
	}
	op.event.Type = EventSignedIn
	return a.startSession(key, acc)
}

// CheckedPassword says whose password was right.
type CheckedPassword struct {
	User User
	// Issue is the input of [Auth.IssueSession], for when the person has shown what else
	// the host asks for. The host sets its Methods, and may keep it meanwhile, as JSON for
	// instance. Where a client can change it, the client chooses the account.
	Issue IssueInput
}

// CheckPassword is [Auth.Signin] without a session: it counts the attempt, costs the same
// and returns the same errors. It is for hosts that ask for more than a password before
// they call [Auth.IssueSession], and for asking an agent again before something that
// matters. IssueSession with what it returns issues nothing if the password was changed
// since.
func (a *Auth) CheckPassword(ctx context.Context, in SigninInput) (checked CheckedPassword, err error) {
	ctx, op := a.begin(ctx, OperationCheckPassword)
	defer op.end(ctx, &err)

	acc, err := a.checkPassword(ctx, &op, in)
	if err != nil {
		return CheckedPassword{}, err
	}
	op.event.Type = EventPasswordChecked
	return CheckedPassword{
		User:  a.shown(acc),
		Issue: IssueInput{UserID: acc.ID, AuthTime: a.cfg.Now(), SessionEpoch: &acc.SessionEpoch},
	}, nil
}

// checkPassword returns the account whose address and password were given.
func (a *Auth) checkPassword(ctx context.Context, op *operation, in SigninInput) (Account, error) {
	op.event.Client = in.Client
	email, err := a.checkSignin(in)
	if err != nil {
		return Account{}, err
	}
	if err := a.gate.turnAway(in.Client); err != nil {
		return Account{}, err
	}
	limits := a.signinLimits(email, in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return Account{}, err
	}
	place, err := a.gate.enter(in.Client, &op.event)
	if err != nil {
		return Account{}, err
	}
	defer place.leave()
	acc, err := a.userByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return Account{}, err
	}
	op.about(acc.User)
	stronger, err := a.comparePassword(ctx, op, place, acc, in.Password.reveal(), "")
	if err != nil {
		return Account{}, err
	}
	if _, err := readState(acc.State); err != nil {
		return Account{}, badState(acc, err)
	}
	if stronger != "" {
		acc, err = a.rehash(ctx, op, acc, stronger)
		if err != nil {
			return Account{}, err
		}
	}
	if a.cfg.RequireVerifiedEmail && !acc.EmailVerified {
		a.mailBeside(ctx, op, acc, verificationOf(acc, in.Locale))
		return Account{}, refuse(ErrEmailUnverified, ReasonEmailUnverified)
	}
	return acc, nil
}

func (a *Auth) checkSignin(in SigninInput) (email string, err error) {
	var bad fieldErrors
	email, message := a.canonicalEmail(in.Email)
	bad.add("Email", message)
	bad.add("Password", checkGivenPassword(in.Password.reveal()))
	return email, bad.err()
}

// rehash stores a stronger hash of the same password. If the hash was changed meanwhile,
// that change stands. The account that it returns is the one whose password was checked: if
// its sessions were ended since, so is the one that is about to begin.
func (a *Auth) rehash(ctx context.Context, op *operation, acc Account, stronger string) (Account, error) {
	replaced := false
	changed, err := a.changeIfQuiet(ctx, acc, func(d *draft) error {
		replaced = d.PasswordHash == acc.PasswordHash
		if replaced {
			d.PasswordHash, d.rehashed = stronger, true
			d.active(a.timestamp())
		}
		return nil
	})
	switch {
	case errors.Is(err, errContended):
		return acc, nil
	case errors.Is(err, ErrUserNotFound): // deleted just now
		return Account{}, refuse(ErrInvalidCredentials, ReasonAccountGone)
	case err != nil:
		return Account{}, fmt.Errorf("deskauth: store the stronger password hash: %w", err)
	case replaced:
		op.note(ctx, EventPasswordRehashed)
		acc.LastActiveAt, acc.PasswordHash = changed.LastActiveAt, changed.PasswordHash
	}
	return acc, nil
}
