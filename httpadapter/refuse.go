package httpadapter

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/deskauth/deskauth"
)

// statuses is the only table from the error of a use case to its answer in HTTP.
var statuses = []struct {
	err    error
	status int
	msg    string
}{
	{errWrongCurrent, http.StatusUnauthorized, "Current password is invalid."},
	{deskauth.ErrInvalidCredentials, http.StatusUnauthorized, "Authentication failed. Wrong email or password."},
	{deskauth.ErrInvalidToken, http.StatusUnauthorized, "Unauthorized."},
	{deskauth.ErrAccountDisabled, http.StatusUnauthorized, "Authentication failed. The account is disabled."},
	{deskauth.ErrUsersOnly, http.StatusForbidden, "Forbidden."},
	{deskauth.ErrSigninTooOld, http.StatusForbidden, "Sign in again."},
	{deskauth.ErrEmailUnverified, http.StatusForbidden, "Verify your e-mail address first. A new link was sent."},
	{errBadResetCode, http.StatusNotFound, "Invalid password reset key"}, // the dashboard knows this text alone
	{errBadChangeCode, http.StatusNotFound, "Invalid email change key"},
	{deskauth.ErrProjectNotFound, http.StatusNotFound, "Project not found."},
	{deskauth.ErrTooManyAttempts, http.StatusTooManyRequests, "Too many attempts. Try again later."},
	{deskauth.ErrBusy, http.StatusServiceUnavailable, "Too busy. Try again soon."},
	{errors.ErrUnsupported, http.StatusNotImplemented, "Not supported."},
}

// conflicts are the errors whose text is in message. All are 403.
var conflicts = []struct {
	err     error
	message string
}{
	{deskauth.ErrUserExists, "Email already registered"},
	{errSignupClosed, "Sign-up is closed"},
	{deskauth.ErrPasswordUnchanged, "The new password must be different from the previous one."},
}

var (
	errSignupClosed = errors.New("httpadapter: sign-up is closed")
	errWrongCurrent = errors.New("httpadapter: the current password is wrong")

	errBadResetCode       = errors.New("httpadapter: the code of a reset is bad")
	errBadChangeCode      = errors.New("httpadapter: the code of a new address is bad")
	errBadVerification    = errors.New("httpadapter: the code of a verification is bad")
	errOthersVerification = errors.New("httpadapter: the code of a verification is another's")
)

// codeFailures are the answers to a code of a verification. All are 401.
var codeFailures = []struct {
	err    error
	answer codeFailure
}{
	{errOthersVerification, codeFailure{
		Error: "Trying to use a verification code from another user.", Code: 10006,
	}},
	{errBadVerification, codeFailure{
		Error: "Unable to verify email: the verification code is expired or invalid.", Code: 10005,
	}},
}

// writeError is the only way out for errors. An error that is not named here is a failure:
// its text stays in the log, where the use case has put it.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	if invalid, ok := errors.AsType[*fieldErrors](err); ok {
		write(w, http.StatusUnprocessableEntity, invalid)
		return
	}
	for _, c := range conflicts {
		if errors.Is(err, c.err) {
			write(w, http.StatusForbidden, conflict{Message: c.message})
			return
		}
	}
	for _, f := range codeFailures {
		if errors.Is(err, f.err) {
			w.Header().Set("WWW-Authenticate", challenge(err))
			write(w, http.StatusUnauthorized, f.answer)
			return
		}
	}
	if retry, ok := errors.AsType[*deskauth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.After.Seconds()))))
	}
	if e, ok := errors.AsType[*httpError](err); ok {
		write(w, e.status, failure{Msg: e.msg})
		return
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			if s.status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", challenge(err))
			}
			write(w, s.status, failure{Msg: s.msg})
			return
		}
	}
	if r.Context().Err() != nil { // the client has gone, or the host's deadline has passed
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusServiceUnavailable, failure{Msg: "It took too long. Try again."})
		return
	}
	write(w, http.StatusInternalServerError, failure{Msg: "Internal error."})
}

// challenge returns the WWW-Authenticate header of a 401 (RFC 9110 §11.6.1). It says more
// only of a token that was there and was bad (RFC 6750 §3.1). It is never Basic, for which
// browsers open a password box of their own.
func challenge(err error) string {
	if errors.Is(err, deskauth.ErrInvalidToken) && !errors.Is(err, errNoToken) {
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}
