package deskauth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors to branch on with [errors.Is]. What a method returns may carry more text around
// them.
var (
	// ErrUserExists is returned by [Auth.Signup], [Auth.UpgradeGuest], [Auth.UpdateAccount]
	// and [Auth.ChangeEmail] when the address has an account, and by a [UserStore] when an
	// ID or address is taken.
	ErrUserExists = errors.New("deskauth: user already exists")
	// ErrUserNotFound is returned by a [UserStore] that has no such account, and by the
	// methods of [Auth] that take the ID of one.
	ErrUserNotFound = errors.New("deskauth: user not found")
	// ErrConflict is returned by [UserStore.UpdateUser] when the account was changed since
	// it was read.
	ErrConflict = errors.New("deskauth: user was changed meanwhile")
	// ErrProjectNotFound is returned by [Auth.SigninAnonymously], and by a
	// [SecretProvider], for a project that does not exist.
	ErrProjectNotFound = errors.New("deskauth: project not found")

	// ErrInvalidCredentials is returned by [Auth.Signin] and [Auth.CheckPassword] whenever
	// address and password do not match an account that may sign in. [Auth.ChangePassword]
	// and [Auth.RequestEmailChange] return it for a wrong current password.
	// [Auth.IssueSession] returns it if all sessions of the account were ended after the
	// person was authenticated.
	ErrInvalidCredentials = errors.New("deskauth: wrong email or password")
	// ErrInvalidToken is returned by every method that takes a token. It is one answer for
	// every bad token; the [Event] has the reason.
	ErrInvalidToken = errors.New("deskauth: invalid token")
	// ErrTokenExpired is returned for a token that is good in all but its age: by
	// [Auth.Verify], [Auth.VerifyStateless], [Auth.UpgradeGuest], and the methods that
	// change an agent's own account. It wraps [ErrInvalidToken].
	ErrTokenExpired = fmt.Errorf("%w: expired", ErrInvalidToken)
	// ErrAccountDisabled is returned by [Auth.SigninWithCustomToken] when the token is good
	// and its account is disabled, and by [Auth.IssueSession].
	ErrAccountDisabled = errors.New("deskauth: account is disabled")

	// ErrUsersOnly is returned for a good token of a guest or an external user by
	// [Auth.ChangePassword], [Auth.UpdateProfile], [Auth.DeleteAccount],
	// [Auth.RequestEmailVerification] and [Auth.RequestEmailChange].
	ErrUsersOnly = errors.New("deskauth: only users have a password and a profile of their own")
	// ErrGuestsOnly is returned by [Auth.UpgradeGuest] for a good token that is not a
	// guest's, and for every good token with Config.BesideTiledesk.
	ErrGuestsOnly = errors.New("deskauth: only a guest can become a user")
	// ErrPasswordUnchanged is returned by [Auth.ChangePassword] when the new password is
	// the current one.
	ErrPasswordUnchanged = errors.New("deskauth: the new password is the current one")
	// ErrSigninTooOld is returned by [Auth.DeleteAccount], and by [Auth.RequestEmailChange]
	// without a password, when the sign-in is more than 10 minutes ago.
	ErrSigninTooOld = errors.New("deskauth: the sign-in is too long ago: sign in again")

	// ErrInvalidCode is returned by every method that takes a code. It is one answer for
	// every code that is not good: malformed, forged, expired, used, of another purpose,
	// or older than a change of the account. The [Event] has the reason.
	ErrInvalidCode = errors.New("deskauth: the code is not good, or not any more")
	// ErrOtherAccount is returned by [Auth.VerifyEmail] for a good code of another account
	// than VerifyEmailInput.UserID. It wraps [ErrInvalidCode].
	ErrOtherAccount = fmt.Errorf("%w: it is another account's", ErrInvalidCode)
	// ErrEmailUnverified is returned by [Auth.Signin] and [Auth.CheckPassword] for the
	// right password of an account whose address is not verified, with
	// Config.RequireVerifiedEmail. A mail with a new code was sent, within the limits.
	ErrEmailUnverified = errors.New("deskauth: the e-mail address is not verified")

	// ErrPasswordRefused is what Config.PasswordCheck wraps to refuse a password. The text
	// around it is shown to the person who chose the password, so it names no package.
	ErrPasswordRefused = errors.New("password refused")
	// ErrTooManyAttempts is wrapped by a [*RetryError] when a limit of Config.Limits is
	// used up. It says nothing about the password that came with the attempt.
	ErrTooManyAttempts = errors.New("deskauth: too many attempts")
	// ErrBusy is wrapped by a [*RetryError] when the hash queue is full: no place could be
	// freed for the caller, or its place went to a client with fewer callers. See
	// Config.HashQueue.
	ErrBusy = errors.New("deskauth: too busy")
)

// errIDTaken is a failure of the host's. It does not wrap ErrUserExists: the caller can do
// nothing about it.
var errIDTaken = errors.New("deskauth: create user: the ID that Config.NewID returned is taken")

// A ValidationError is returned when fields of an input are missing or cannot be taken. It
// lists all of them, in the order of the input, so that a form can show them at once.
type ValidationError struct {
	Fields []FieldError
}

// A FieldError says what is wrong with one field of an input.
type FieldError struct {
	Field   string // the field's name in the input struct, like "Email"
	Message string // for the person who filled it in, like "must not be empty"
}

// Error lists every field and what is wrong with it.
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString("deskauth: ")
	for i, f := range e.Fields {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Field + " " + f.Message)
	}
	return b.String()
}

// A RowError names the account that an error is about. A [UserStore] that cannot read a row
// returns one, and [ImportResult] lists those that were refused.
type RowError struct {
	Row int    // of an import: the place among the accounts, from 0
	ID  string // of the account; of an import it may be empty or malformed
	Err error
}

// Error names the account and says what is wrong with it.
func (e *RowError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("the account in row %d, which has no ID: %v", e.Row, e.Err)
	}
	return fmt.Sprintf("account %.200q: %v", e.ID, e.Err)
}

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }

// A RetryError is returned when the same call may succeed later. Err says why, and
// [errors.Is] finds it.
type RetryError struct {
	Err   error
	After time.Duration // at least one second
}

// Error says why, and after how long to try again.
func (e *RetryError) Error() string {
	return fmt.Sprintf("%v; try again in %v", e.Err, e.After)
}

// Unwrap returns Err.
func (e *RetryError) Unwrap() error { return e.Err }
