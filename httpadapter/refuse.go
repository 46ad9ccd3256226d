package httpadapter

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/deskauth/deskauth"
)

// A refusal is the answer to an error. Its code is for programs, and stays when a text
// changes. No code tells apart what the texts do not.
type refusal struct {
	err    error
	status int
	body   failure
}

// refusals is the only table from an error to its answer: the first row whose error is
// wrapped counts. A row without a text shows that of the error, see refusef. The texts of
// Tiledesk are kept to the letter, and stand in the member that its clients read.
var refusals = []refusal{
	{errBadBody, http.StatusBadRequest, failure{Code: "invalid_body"}},
	{errNoEndpoint, http.StatusNotFound, failure{Code: "not_found"}},
	{errMethod, http.StatusMethodNotAllowed, failure{Code: "method_not_allowed"}},
	{errLargeBody, http.StatusRequestEntityTooLarge, failure{Code: "body_too_large"}},
	{errMediaType, http.StatusUnsupportedMediaType, failure{Code: "unsupported_media_type"}},
	{errFields, http.StatusUnprocessableEntity, failure{Code: "invalid_input"}},

	{deskauth.ErrInvalidToken, http.StatusUnauthorized, failure{Code: "invalid_token", Msg: "Unauthorized."}},
	{deskauth.ErrInvalidCredentials, http.StatusUnauthorized, failure{
		Code: "invalid_credentials", Msg: "Authentication failed. Wrong email or password.",
	}},
	{errWrongCurrent, http.StatusUnauthorized, failure{
		Code: "wrong_current_password", Msg: "Current password is invalid.",
	}},
	{deskauth.ErrAccountDisabled, http.StatusUnauthorized, failure{
		Code: "account_disabled", Msg: "Authentication failed. The account is disabled.",
	}},
	{errOthersVerification, http.StatusUnauthorized, failure{
		Code:  "code_of_another_account",
		Error: "Trying to use a verification code from another user.", ErrorCode: 10006,
	}},
	{errBadVerification, http.StatusUnauthorized, failure{
		Code:  "invalid_code",
		Error: "Unable to verify email: the verification code is expired or invalid.", ErrorCode: 10005,
	}},

	{errForbidden, http.StatusForbidden, failure{Code: "forbidden", Msg: "Forbidden."}},
	{deskauth.ErrUsersOnly, http.StatusForbidden, failure{Code: "forbidden", Msg: "Forbidden."}},
	{deskauth.ErrSigninTooOld, http.StatusForbidden, failure{Code: "signin_too_old", Msg: "Sign in again."}},
	{deskauth.ErrEmailUnverified, http.StatusForbidden, failure{
		Code: "email_unverified", Msg: "Verify your e-mail address first. A new link was sent.",
	}},
	{deskauth.ErrUserExists, http.StatusForbidden, failure{Code: "email_taken", Message: "Email already registered"}},
	{errSignupClosed, http.StatusForbidden, failure{Code: "signup_closed", Message: "Sign-up is closed"}},
	{deskauth.ErrPasswordUnchanged, http.StatusForbidden, failure{
		Code: "password_unchanged", Message: "The new password must be different from the previous one.",
	}},

	// The dashboard knows the text of a bad code alone.
	{errBadResetCode, http.StatusNotFound, failure{Code: "invalid_code", Msg: "Invalid password reset key"}},
	{errBadChangeCode, http.StatusNotFound, failure{Code: "invalid_code", Msg: "Invalid email change key"}},
	{deskauth.ErrProjectNotFound, http.StatusNotFound, failure{Code: "project_not_found", Msg: "Project not found."}},

	{deskauth.ErrTooManyAttempts, http.StatusTooManyRequests, failure{
		Code: "too_many_attempts", Msg: "Too many attempts. Try again later.",
	}},
	{errors.ErrUnsupported, http.StatusNotImplemented, failure{Code: "not_supported", Msg: "Not supported."}},
	{deskauth.ErrBusy, http.StatusServiceUnavailable, failure{Code: "busy", Msg: "Too busy. Try again soon."}},
	{errTooLate, http.StatusServiceUnavailable, failure{Code: "timeout", Msg: "It took too long. Try again."}},
}

// internalError is the body of a 500: of each error that refusals does not name.
var internalError = failure{Code: "internal_error", Msg: "Internal error."}

var (
	errBadBody    = errors.New("httpadapter: the request body is bad")
	errNoEndpoint = errors.New("httpadapter: there is no such endpoint")
	errMethod     = errors.New("httpadapter: the endpoint has other methods")
	errLargeBody  = errors.New("httpadapter: the request body is too large")
	errMediaType  = errors.New("httpadapter: the request body is of another type")
	errFields     = errors.New("httpadapter: fields are missing or bad")
	errForbidden  = errors.New("httpadapter: another kind of account")
	errTooLate    = errors.New("httpadapter: the request's context has ended")

	errSignupClosed = errors.New("httpadapter: sign-up is closed")
	errWrongCurrent = errors.New("httpadapter: the current password is wrong")

	errBadResetCode       = errors.New("httpadapter: the code of a reset is bad")
	errBadChangeCode      = errors.New("httpadapter: the code of a new address is bad")
	errBadVerification    = errors.New("httpadapter: the code of a verification is bad")
	errOthersVerification = errors.New("httpadapter: the code of a verification is another's")
)

// A saidError is a refusal before any use case, which says more than its row.
type saidError struct {
	row error // in refusals
	msg string
}

func (e *saidError) Error() string { return e.msg }
func (e *saidError) Unwrap() error { return e.row }

func refusef(row error, format string, args ...any) error {
	return &saidError{row, fmt.Sprintf(format, args...)}
}

// find returns the answer to an error. An error that has no row is a failure: its text
// stays in the log, where the use case has put it.
func find(err error) refusal {
	for _, row := range refusals {
		if errors.Is(err, row.err) {
			return row
		}
	}
	return refusal{err, http.StatusInternalServerError, internalError}
}

// writeError is the only way out for errors.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	refused := find(err)
	if refused.status == http.StatusInternalServerError && r.Context().Err() != nil {
		// The client has gone, or the host's deadline has passed.
		err = &deskauth.RetryError{Err: errTooLate, After: time.Second}
		refused = find(err)
	}
	if retry, ok := errors.AsType[*deskauth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.After.Seconds()))))
	}
	if refused.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge(err))
	}
	if invalid, ok := errors.AsType[*fieldErrors](err); ok {
		write(w, refused.status, fieldErrors{invalid.Errors, refused.body.Code})
		return
	}
	if said, ok := errors.AsType[*saidError](err); ok {
		refused.body.Msg = said.msg
	}
	write(w, refused.status, refused.body)
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
