package deskauth

import (
	"context"
	"errors"
)

// SignupInput is what an agent signs up with.
type SignupInput struct {
	Email     string
	Password  Secret // 8 characters (Config.MinPasswordLength) to 4096 bytes
	FirstName string // 1 to 256 bytes without control characters; kept as it is
	LastName  string // the same

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the verification mail: see [MailInput].
	Locale string
	// NoVerificationMail keeps the mail from being sent, for hosts that verify an address
	// in another way or later.
	NoVerificationMail bool
}

// Signup makes an account for an agent. It does not sign in. With Config.Mailer it mails a
// code for [Auth.VerifyEmail] to the address, within Limits.MailsPerAddress. Whatever
// becomes of the mail, the account is made.
//
// It returns a [*ValidationError] for bad fields, [ErrUserExists], or a [*RetryError] that
// wraps [ErrTooManyAttempts] or [ErrBusy].
func (a *Auth) Signup(ctx context.Context, in SignupInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationSignup)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	acc, err := a.signUp(ctx, &op, in, func(email, hash string) (Account, error) {
		return a.createUser(ctx, in, email, hash)
	})
	if err != nil {
		return User{}, err
	}
	op.event.Type = EventSignedUp
	return acc.User, nil
}

// signUp takes the steps of every sign-up. store makes the account, or makes it of a
// guest's.
func (a *Auth) signUp(
	ctx context.Context, op *operation, in SignupInput, store func(email, hash string) (Account, error),
) (Account, error) {
	email, err := a.checkSignup(in)
	if err != nil {
		return Account{}, err
	}
	if err := a.gate.turnAway(in.Client); err != nil {
		return Account{}, err
	}
	limits := a.signupLimits(in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return Account{}, err
	}
	if err := a.askPasswordCheck(ctx, "Password", in.Password.reveal()); err != nil {
		return Account{}, err
	}
	place, err := a.gate.enter(in.Client, &op.event)
	if err != nil {
		return Account{}, err
	}
	defer place.leave()
	// The response reveals that the address is taken anyway, so skip the hash.
	taken, err := a.addressTaken(ctx, email)
	if err != nil {
		return Account{}, err
	}
	if taken {
		return Account{}, refuse(ErrUserExists, ReasonAddressTaken)
	}
	hash, err := a.hashPassword(ctx, place, in.Password.reveal())
	if err != nil {
		return Account{}, err
	}
	acc, err := store(email, hash)
	if err != nil {
		return Account{}, err
	}
	op.event.UserID, op.event.Kind = acc.ID, acc.Kind
	if !in.NoVerificationMail {
		a.mailBeside(ctx, op, acc, verificationOf(acc, in.Locale))
	}
	return acc, nil
}

func (a *Auth) createUser(ctx context.Context, in SignupInput, email, hash string) (Account, error) {
	acc, err := a.create(ctx, Account{
		User: User{
			ID:        a.newUserID(),
			Kind:      KindUser,
			Email:     email,
			FirstName: in.FirstName,
			LastName:  in.LastName,
		},
		PasswordHash: hash,
	})
	if errors.Is(err, ErrUserExists) {
		return Account{}, a.whatIsTaken(ctx, email)
	}
	return acc, err
}

func (a *Auth) checkSignup(in SignupInput) (email string, err error) {
	var bad fieldErrors
	email, message := a.newEmail(in.Email)
	bad.add("Email", message)
	bad.add("Password", a.checkNewPassword(in.Password.reveal()))
	bad.add("FirstName", checkRequired(in.FirstName, checkName))
	bad.add("LastName", checkRequired(in.LastName, checkName))
	return email, bad.err()
}

// whatIsTaken tells a lost race for an address, which is the caller's affair, from an ID
// that Config.NewID has given before, which is the host's.
func (a *Auth) whatIsTaken(ctx context.Context, email string) error {
	taken, err := a.addressTaken(ctx, email)
	switch {
	case err != nil:
		return err
	case taken:
		return refuse(ErrUserExists, ReasonAddressTaken)
	}
	return errIDTaken
}
