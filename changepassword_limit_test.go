package deskauth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// changeFrom is change with a client.
func changeFrom(t *testing.T, k *testkit.Kit, client, token, current, next string) error {
	t.Helper()
	_, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
		Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(current), New: deskauth.NewSecret(next),
		Client: client,
	})
	return err
}

// Wrong passwords count under the limits of the sign-in, and those of the sign-in count
// here: a token opens no second way to guess.
func TestS28_CurrentPasswordCountsAsASignin(t *testing.T) {
	t.Parallel()
	const client = "192.0.2.1"
	limits := testkit.NoLimits()
	limits.SigninsPerAccountAndClient = deskauth.Rate{Attempts: 4, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	s := k.MustSession(t, deskauth.KindUser)
	signin := func(password string) error {
		_, err := k.Signin(t.Context(), deskauth.SigninInput{
			Email: "andrea@f22.it", Password: deskauth.NewSecret(password), Client: client,
		})
		return err
	}
	for range 2 {
		if err := signin("a wrong password"); err != deskauth.ErrInvalidCredentials {
			t.Fatalf("a sign-in: %v", err)
		}
		if err := changeFrom(t, k, client, s.Token, "a wrong password", newPassword); err != deskauth.ErrInvalidCredentials {
			t.Fatalf("a change: %v", err)
		}
	}
	for what, err := range map[string]error{
		"the right password, to change":  changeFrom(t, k, client, s.Token, oldPassword, newPassword),
		"the right password, for itself": changeFrom(t, k, client, s.Token, oldPassword, oldPassword),
		"a wrong password, to change":    changeFrom(t, k, client, s.Token, "a wrong password", newPassword),
		"the right password, to sign in": signin(oldPassword),
	} {
		if !errors.Is(err, deskauth.ErrTooManyAttempts) {
			t.Errorf("%s: %v, want ErrTooManyAttempts", what, err)
		}
	}
	if err := changeFrom(t, k, "192.0.2.2", s.Token, oldPassword, newPassword); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

// A success gives its own attempt back, and an unchanged password does not: it says that
// the password is right.
func TestS41_ChangedPasswordGivesItsAttemptBack(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SigninsPerAccount = deskauth.Rate{Attempts: 2, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	s := k.MustSession(t, deskauth.KindUser)
	current, next := oldPassword, newPassword
	for range 5 {
		testkit.MustChange(t, k, s.Token, current, next)
		current, next = next, current
	}
	for range 2 {
		if _, err := change(t, k, s.Token, current, current); err != deskauth.ErrPasswordUnchanged {
			t.Errorf("the same password: %v", err)
		}
	}
	if _, err := change(t, k, s.Token, current, next); !errors.Is(err, deskauth.ErrTooManyAttempts) {
		t.Errorf("the third try: %v, want ErrTooManyAttempts", err)
	}
}

// The host is asked about the new password before there is a place in the queue, and about
// none over the limit.
func TestS39_ChangePasswordAsksBeforeItsPlace(t *testing.T) {
	t.Parallel()
	var k *testkit.Kit
	asked := 0
	limits := testkit.NoLimits()
	limits.SigninsPerAccount = deskauth.Rate{Attempts: 1, Per: time.Hour}
	k = testkit.New(t, deskauth.Config{
		Limits: limits, HashParallelism: 1, HashQueue: 1,
		PasswordCheck: func(ctx context.Context, password string) error {
			asked++
			if password == newPassword && k.Gate().Waiting() != 0 {
				t.Error("the caller has a place while the host is asked")
			}
			return nil
		},
	})
	s := k.MustSession(t, deskauth.KindUser)
	asked = 0
	for _, want := range []error{deskauth.ErrInvalidCredentials, deskauth.ErrTooManyAttempts} {
		if _, err := change(t, k, s.Token, "a wrong password", newPassword); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if asked != 1 {
		t.Errorf("the host was asked %d times, want once", asked)
	}
}

// While the queue is full, the host is asked about no password.
func TestS16_ChangePasswordWhenBusy(t *testing.T) {
	t.Parallel()
	asked := 0
	k := testkit.New(t, deskauth.Config{
		HashParallelism: 1, HashQueue: 1,
		PasswordCheck: func(context.Context, string) error { asked++; return nil },
	})
	s := k.MustSession(t, deskauth.KindUser)
	asked = 0
	release := k.Gate().Occupy(1, 0)
	waiting, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { left <- k.Gate().Do(waiting, func() {}) }()
	for k.Gate().Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	_, err := change(t, k, s.Token, oldPassword, newPassword)
	if !errors.Is(err, deskauth.ErrBusy) || asked != 0 {
		t.Errorf("got %v, and the host was asked %d times; want ErrBusy at once", err, asked)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who waited: %v", err)
	}
	release()
	testkit.MustChange(t, k, s.Token, oldPassword, newPassword)
}
