package deskauth

import (
	"errors"
	"fmt"
)

// A refusal is an error on its way out: what the caller is told, and why, which only the
// event tells.
type refusal struct {
	public error
	reason string
	detail string
}

func (r *refusal) Error() string { return r.public.Error() + ": " + r.reason }
func (r *refusal) Unwrap() error { return r.public }

func refuse(public error, reason string) error { return &refusal{public: public, reason: reason} }

func refusef(public error, reason, format string, args ...any) error {
	return &refusal{public: public, reason: reason, detail: fmt.Sprintf(format, args...)}
}

// A failure is an error of the host's code on its way out. Whatever it wraps, it is none of
// the answers that blame the caller.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }

// Is finds what the host's error wraps, such as [context.Canceled].
func (f *failure) Is(target error) bool {
	for _, answer := range [...]error{
		ErrInvalidToken, ErrTokenExpired, ErrInvalidCredentials, ErrAccountDisabled,
		ErrUserExists, ErrUserNotFound, ErrProjectNotFound, ErrBusy, ErrTooManyAttempts,
	} {
		if target == answer {
			return false
		}
	}
	return errors.Is(f.err, target)
}

// As finds the host's own types of error.
func (f *failure) As(target any) bool {
	switch target.(type) {
	case **ValidationError, **RetryError:
		return false
	}
	return errors.As(f.err, target)
}
