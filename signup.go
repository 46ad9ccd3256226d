package deskauth

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// SignupInput is what an agent signs up with.
type SignupInput struct {
	Email     string
	Password  string // 8 characters to 4096 bytes
	FirstName string // 1 to 256 bytes without control characters; kept as it is
	LastName  string // the same

	// Client is who asks: an IP address, or another name of the client that it cannot
	// choose. It is for limits and events; empty means that the client is not known.
	Client string
}

// Signup makes an account for an agent. It does not sign in.
//
// It returns a [*ValidationError] for bad fields, [ErrUserExists], or a [*RetryError] that
// wraps [ErrTooManyAttempts] or [ErrBusy].
func (a *Auth) Signup(ctx context.Context, in SignupInput) (u User, err error) {
	op := a.begin(ctx, "signup")
	defer op.end(&err)
	op.event.Client = in.Client

	email, err := a.checkSignup(in)
	if err != nil {
		return User{}, err
	}
	leave, err := a.gate.admit()
	if err != nil {
		return User{}, err
	}
	defer leave()
	if err := a.take(ctx, a.signupLimit(in.Client)); err != nil {
		return User{}, err
	}
	if err := a.askPasswordCheck(ctx, in.Password); err != nil {
		return User{}, err
	}
	// Who asks learns anyhow that the address is taken: no hash is spent on saying so.
	_, taken, err := a.userByEmail(ctx, email)
	if err != nil {
		return User{}, err
	}
	if taken {
		return User{}, refuse(ErrUserExists, "address taken")
	}
	hash, err := a.hashPassword(ctx, in.Password)
	if err != nil {
		return User{}, err
	}
	acc, err := a.create(ctx, Account{
		User: User{
			ID:        a.cfg.NewID(),
			Kind:      KindUser,
			Email:     email,
			FirstName: in.FirstName,
			LastName:  in.LastName,
		},
		PasswordHash: hash,
	})
	if errors.Is(err, ErrUserExists) {
		return User{}, a.whatIsTaken(ctx, email)
	}
	if err != nil {
		return User{}, err
	}
	op.about(acc.User)
	op.event.Type = EventSignedUp
	return acc.User, nil
}

// whatIsTaken tells a race for an address, which is its loser's affair, from an ID that
// Config.NewID has given before, which is the host's.
func (a *Auth) whatIsTaken(ctx context.Context, email string) error {
	_, taken, err := a.userByEmail(ctx, email)
	if err == nil && taken {
		return refuse(ErrUserExists, "address taken")
	}
	return errors.Join(errIDTaken, err)
}

func (a *Auth) checkSignup(in SignupInput) (email string, err error) {
	var bad checks
	email, message := a.canonicalEmail(in.Email)
	bad.add("Email", message)
	bad.add("Password", a.checkNewPassword(in.Password))
	bad.add("FirstName", checkRequired(in.FirstName, checkName))
	bad.add("LastName", checkRequired(in.LastName, checkName))
	return email, bad.err()
}

// create stores a new account of any kind.
func (a *Auth) create(ctx context.Context, acc Account) (Account, error) {
	acc.CreatedAt = a.timestamp()
	acc.UpdatedAt = acc.CreatedAt
	if acc.Kind == KindGuest {
		acc.LastActiveAt = acc.CreatedAt
	}
	if acc.ID == "" || len(acc.ID) > maxIDBytes {
		return Account{}, fmt.Errorf("deskauth: Config.NewID returned %d bytes; 1 to %d are allowed", len(acc.ID), maxIDBytes)
	}
	if err := a.users.CreateUser(ctx, acc); err != nil {
		return Account{}, fmt.Errorf("deskauth: create user: %w", err)
	}
	return acc, nil
}

// timestamp is now as accounts have it.
func (a *Auth) timestamp() time.Time { return a.cfg.Now().UTC().Truncate(time.Millisecond) }

// timestampAfter is now, and later than the last change, also where that was made in the same
// millisecond, or by a process whose clock is ahead: of two states of an account, the later
// one can be told by its UpdatedAt.
func (a *Auth) timestampAfter(last time.Time) time.Time {
	if now := a.timestamp(); now.After(last) {
		return now
	}
	return last.Add(time.Millisecond)
}

// canonicalEmail returns the canonical address, or what is wrong with the given one.
func (a *Auth) canonicalEmail(address string) (email, message string) {
	switch {
	case address == "":
		return "", "must not be empty"
	case !utf8.ValidString(address):
		return "", "must be valid UTF-8"
	}
	email, err := a.cfg.CanonicalEmail(address)
	if err != nil {
		return "", err.Error()
	}
	if email == "" || len(email) > maxEmailBytes || !utf8.ValidString(email) || hasControl(email) {
		return "", errEmailForm.Error()
	}
	return email, ""
}

func checkRequired(value string, check func(string) string) (message string) {
	if value == "" {
		return "must not be empty"
	}
	return check(value)
}

// checkName says what is wrong with a name. Blanks are no fault: clients send a single
// one for a last name that nobody gave.
func checkName(name string) (message string) {
	switch {
	case !utf8.ValidString(name):
		return "must be valid UTF-8"
	case len(name) > maxNameBytes:
		return fmt.Sprintf("must have %d bytes or fewer", maxNameBytes)
	case hasControl(name):
		return "must have no control characters"
	}
	return ""
}

func hasControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return true
		}
	}
	return false
}
