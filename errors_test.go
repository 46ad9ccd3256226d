package deskauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// sentinels are the errors that a caller branches on.
var sentinels = []error{
	deskauth.ErrUserExists, deskauth.ErrUserNotFound, deskauth.ErrConflict, deskauth.ErrProjectNotFound,
	deskauth.ErrInvalidCredentials, deskauth.ErrInvalidToken, deskauth.ErrTokenExpired,
	deskauth.ErrAccountDisabled, deskauth.ErrPasswordRefused, deskauth.ErrTooManyAttempts, deskauth.ErrBusy,
}

func TestSentinelsAreApart(t *testing.T) {
	t.Parallel()
	for _, err := range sentinels {
		for _, other := range sentinels {
			want := err == other || err == deskauth.ErrTokenExpired && other == deskauth.ErrInvalidToken
			if errors.Is(err, other) != want {
				t.Errorf("errors.Is(%q, %q) is %t, want %t", err, other, !want, want)
			}
		}
		// ErrPasswordRefused is shown to people, inside a text of the host's.
		if !strings.HasPrefix(err.Error(), "deskauth: ") && err != deskauth.ErrPasswordRefused {
			t.Errorf("%q does not say whose error it is", err)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	one := deskauth.FieldError{Field: "Email", Message: "must not be empty"}
	two := deskauth.FieldError{Field: "Password", Message: "must be valid UTF-8"}
	wait := 90 * time.Second
	for want, err := range map[string]error{
		"deskauth: invalid token: expired":    deskauth.ErrTokenExpired,
		"deskauth: Email must not be empty":   &deskauth.ValidationError{Fields: []deskauth.FieldError{one}},
		"deskauth: too busy; try again in 1s": &deskauth.RetryError{Err: deskauth.ErrBusy, After: time.Second},
		"deskauth: Email must not be empty; Password must be valid UTF-8": &deskauth.ValidationError{
			Fields: []deskauth.FieldError{one, two},
		},
		"deskauth: too many attempts; try again in 1m30s": &deskauth.RetryError{
			Err: deskauth.ErrTooManyAttempts, After: wait,
		},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%T says %q, want %q", err, got, want)
		}
	}
}

// What a method returns is found by errors.Is and errors.AsType behind the host's own text.
func TestErrorsOfMethods(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, testkit.Andrea().Email, testkit.AndreasPassword)
	external := k.MustCustom(t, testkit.TokenA(`"123"`))
	testkit.Change(t, k.Store, external.User.ID, testkit.Disable)
	guest := k.MustGuest(t, testkit.ProjectA)
	k.Clock.Set(guest.ExpiresAt.Add(time.Hour))

	_, taken := k.Signup(t.Context(), testkit.Andrea())
	_, wrong := k.TrySignin(t, testkit.Andrea().Email, "a wrong password")
	_, unknown := k.TryGuest(t, "unknown")
	_, disabled := k.TryCustom(t, testkit.TokenA(`"123"`))
	_, forged := k.Verify(t.Context(), guest.Token+"x")
	_, expired := k.Verify(t.Context(), guest.Token)
	for _, c := range []struct{ got, want error }{
		{taken, deskauth.ErrUserExists},
		{wrong, deskauth.ErrInvalidCredentials},
		{unknown, deskauth.ErrProjectNotFound},
		{disabled, deskauth.ErrAccountDisabled},
		{forged, deskauth.ErrInvalidToken},
		{expired, deskauth.ErrTokenExpired},
	} {
		if wrapped := fmt.Errorf("host: %w", c.got); !errors.Is(wrapped, c.want) {
			t.Errorf("%q is not %q", wrapped, c.want)
		}
	}
	_, invalid := k.TryGuest(t, "")
	testkit.WantFields(t, "a guest", fmt.Errorf("host: %w", invalid), "ProjectID")
	for range 10 { // the limit of one account and client
		guessFrom(t, k)
	}
	limited := fmt.Errorf("host: %w", guessFrom(t, k))
	retry, ok := errors.AsType[*deskauth.RetryError](limited)
	if !ok || retry.After <= 0 || !errors.Is(limited, deskauth.ErrTooManyAttempts) {
		t.Errorf("%q is not a RetryError of ErrTooManyAttempts", limited)
	}
}

func guessFrom(t *testing.T, k *testkit.Kit) error {
	t.Helper()
	_, err := k.Signin(t.Context(), deskauth.SigninInput{
		Email: testkit.Andrea().Email, Password: deskauth.NewSecret("a guess"), Client: "192.0.2.1",
	})
	return err
}
