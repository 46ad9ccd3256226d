package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// What each outcome leaves used up. The attempts of an operation are reserved in one call,
// those of a project in a second one, when it is known that there is such a project.
func TestS41_WhatAnOutcomeUsesUp(t *testing.T) {
	t.Parallel()
	signin := func(email, password string) func(*testing.T, *testkit.Kit) error {
		return func(t *testing.T, k *testkit.Kit) error { return trySignin(t, k, email, password, here) }
	}
	guestOf := func(project string) func(*testing.T, *testkit.Kit) error {
		return func(t *testing.T, k *testkit.Kit) error { return tryGuestOf(t, k, here, project) }
	}
	for name, tt := range map[string]struct {
		do   func(*testing.T, *testkit.Kit) error
		err  error
		want []string
	}{
		"the right password": {signin("andrea@f22.it", "correct horse"), nil, []string{ofClient}},
		"a wrong password": {
			signin("andrea@f22.it", "battery staple"), deskauth.ErrInvalidCredentials,
			[]string{ofClient, ofBoth, ofAccount},
		},
		"an unknown address": {
			signin("nobody@f22.it", "battery staple"), deskauth.ErrInvalidCredentials,
			[]string{ofClient, "signin nobody@f22.it from " + here, "signin nobody@f22.it"},
		},
		"a sign-up": {
			func(t *testing.T, k *testkit.Kit) error { return trySignup(t, k, here, 1) }, nil, []string{ofSignups},
		},
		"a taken address": {
			func(t *testing.T, k *testkit.Kit) error {
				in := testkit.Andrea()
				in.Email, in.Client = "andrea@f22.it", here
				_, err := k.Signup(t.Context(), in)
				return err
			}, deskauth.ErrUserExists, []string{ofSignups},
		},
		"a guest":            {guestOf(testkit.ProjectA), nil, []string{ofGuests, ofTheProject}},
		"an unknown project": {guestOf("unknown"), deskauth.ErrProjectNotFound, []string{ofGuests}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			k := testkit.New(t, deskauth.Config{Limiter: l})
			testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
			if err := tt.do(t, k); !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			l.want(t, name, tt.want...)
			takes := 1
			if name == "a guest" {
				takes = 2
			}
			if l.takes != takes {
				t.Errorf("%s: attempts were reserved in %d calls, want %d", name, l.takes, takes)
			}
		})
	}
}

// A refused password was tried, so that PasswordCheck is not asked without end.
func TestS41_RefusedPasswordUsesUpItsAttempt(t *testing.T) {
	t.Parallel()
	l := newLedger()
	k := testkit.New(t, deskauth.Config{Limiter: l, PasswordCheck: func(context.Context, string) error {
		return deskauth.ErrPasswordRefused
	}})
	if err := trySignup(t, k, here, 1); !isValidation(err) {
		t.Fatalf("%v, want a *ValidationError", err)
	}
	l.want(t, "a refused password", ofSignups)
}

// A refused attempt uses up nothing: not of the limit that refuses, and not of another.
func TestS41_RefusedAttemptUsesUpNothing(t *testing.T) {
	t.Parallel()
	for _, limited := range allLimits {
		t.Run(limited.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			var cfg deskauth.Config
			*limited.rate(&cfg.Limits) = deskauth.Rate{Attempts: 1, Per: time.Hour}
			cfg.Limiter = l
			k := testkit.New(t, cfg)
			if err := limited.try(t, k, here, 1); err != nil {
				t.Fatal(err)
			}
			before := maps.Clone(l.reserved)
			for n := range 5 {
				if err := limited.try(t, k, here, 2+n); !errors.Is(err, deskauth.ErrTooManyAttempts) {
					t.Fatalf("attempt %d: %v, want ErrTooManyAttempts", n+2, err)
				}
			}
			if !maps.Equal(before, l.reserved) {
				t.Errorf("one attempt uses up %v, and five refused ones more %v", before, l.reserved)
			}
		})
	}
}

// Whoever guesses gains nothing from an owner who signs in often: not from elsewhere, and
// not behind the owner's own address.
func TestS41_BusyOwnerWidensNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		client func(n int) string
		most   int
	}{
		"from everywhere":     {func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }, 100},
		"from one client":     {func(int) string { return there }, 10},
		"from the owner's":    {func(int) string { return here }, 10},
		"from the owner's v6": {func(n int) string { return fmt.Sprintf("2001:db8:0:%x::1", n) }, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			k.MustSignup(t, "andrea@f22.it", "correct horse")
			compared := 0
			for n := range 150 {
				for range 3 { // may be refused by now
					trySignin(t, k, "andrea@f22.it", "correct horse", here)
				}
				if err := trySignin(t, k, "andrea@f22.it", "guess", tt.client(n)); err == deskauth.ErrInvalidCredentials {
					compared++
				}
			}
			if compared != tt.most {
				t.Errorf("%d of 150 guesses are compared, want %d", compared, tt.most)
			}
		})
	}
}

// A limit that is switched off reserves nothing and gives nothing back. A Limiter gets one
// attempt or more at each call.
func TestLimitsThatAreOffCountNothing(t *testing.T) {
	t.Parallel()
	accountOff := deskauth.Limits{SigninsPerAccount: deskauth.NoLimit}
	bothOff := deskauth.Limits{SigninsPerAccount: deskauth.NoLimit, SigninsPerAccountAndClient: deskauth.NoLimit}
	for name, tt := range map[string]struct {
		limits deskauth.Limits
		takes  int
		want   []string
	}{
		"one is off":   {accountOff, 1, []string{ofClient}},
		"two are off":  {bothOff, 1, []string{ofClient}},
		"none is left": {testkit.NoLimits(), 0, nil},
	} {
		l := newLedger()
		k := testkit.New(t, deskauth.Config{Limiter: l, Limits: tt.limits})
		testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
		if err := trySignin(t, k, "andrea@f22.it", "correct horse", here); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		l.want(t, name, tt.want...)
		if l.takes != tt.takes {
			t.Errorf("%s: attempts were reserved in %d calls, want %d", name, l.takes, tt.takes)
		}
	}
}
