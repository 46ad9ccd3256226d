package testkit

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// WantFields fails the test unless err is a ValidationError that names these fields, in
// this order, with a message each.
func WantFields(t testing.TB, what string, err error, fields ...string) {
	t.Helper()
	invalid, ok := errors.AsType[*deskauth.ValidationError](err)
	if !ok {
		t.Errorf("%s: error %v, want a ValidationError of %q", what, err, fields)
		return
	}
	var got []string
	for _, f := range invalid.Fields {
		got = append(got, f.Field)
		if f.Message == "" || !strings.Contains(err.Error(), f.Field+" "+f.Message) {
			t.Errorf("%s: the field %s has the message %q in %q", what, f.Field, f.Message, err)
		}
	}
	if !slices.Equal(got, fields) {
		t.Errorf("%s: the bad fields are %q, want %q", what, got, fields)
	}
}

// WantFailure fails the test unless err is a failure of the host's: an error, and none that
// blames the caller. got is all that came with the error, and must be empty.
func WantFailure(t testing.TB, got string, err error) {
	t.Helper()
	if err == nil || got != "" {
		t.Errorf("a caller got in: %.40q, error %v", got, err)
	}
	for _, answer := range []error{
		deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials,
		deskauth.ErrAccountDisabled, deskauth.ErrUserExists, deskauth.ErrProjectNotFound,
		deskauth.ErrBusy, deskauth.ErrUsersOnly, deskauth.ErrGuestsOnly,
		deskauth.ErrPasswordUnchanged, deskauth.ErrSigninTooOld,
	} {
		if errors.Is(err, answer) {
			t.Errorf("the caller is blamed: %v", err)
		}
	}
	if _, ok := errors.AsType[*deskauth.ValidationError](err); ok {
		t.Errorf("the caller is blamed: %v", err)
	}
}

// Allocated returns how many bytes the process allocated while f ran. A test that uses it
// does not run in parallel with others.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Must ends the test with an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The clients of most tests of limits.
const (
	Here  = "192.0.2.1"
	There = "192.0.2.2"
)

// WantLimited fails the test unless err is the refusal of a limit that is used up, to the
// byte, and nothing that tells more.
func WantLimited(t testing.TB, what string, err error, after time.Duration) {
	t.Helper()
	retry, ok := err.(*deskauth.RetryError)
	if !ok || retry.Err != deskauth.ErrTooManyAttempts || !errors.Is(err, deskauth.ErrTooManyAttempts) {
		t.Errorf("%s: %#v, want a *RetryError of ErrTooManyAttempts", what, err)
		return
	}
	if retry.After != after {
		t.Errorf("%s: try again in %v, want %v", what, retry.After, after)
	}
}

// WantTypes wants events of these types, in this order.
func WantTypes(t testing.TB, got []deskauth.EventType, want ...deskauth.EventType) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}
