package deskauth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Custom tokens of before sign nobody in, those without iat until the account is enabled.
func TestS43_SignoutEverywhereEndsCustomTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	at := func(d time.Duration) string {
		return testkit.TokenA(`"7"`, fmt.Sprintf(`"iat":%d`, testkit.Start.Add(d).Unix()))
	}
	undated := testkit.TokenA(`"7"`)
	id := k.MustCustom(t, undated).User.ID
	k.Clock.Advance(time.Hour)
	if err := k.SignoutEverywhere(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	ended := func(when string) {
		t.Helper()
		for what, token := range map[string]string{"an hour old": at(0), "of this second": at(time.Hour)} {
			k.RefusedCustom(t, token, deskauth.ReasonSessionRevoked)
			if t.Failed() {
				t.Fatalf("%s, a token %s", when, what)
			}
		}
	}
	ended("after SignoutEverywhere")
	k.RefusedCustom(t, undated, deskauth.ReasonSessionRevoked)
	k.Clock.Advance(2 * time.Second)
	k.MustCustom(t, at(time.Hour+time.Second))
	k.RefusedCustom(t, undated, deskauth.ReasonSessionRevoked)

	for _, disabled := range []bool{true, false} {
		if err := k.SetDisabled(t.Context(), id, disabled); err != nil {
			t.Fatal(err)
		}
	}
	ended("after the account was enabled anew")
	k.MustCustom(t, undated)
}

// Disabling ends the custom tokens of before, and enabling those of meanwhile. SQL that
// enables the account ends none, and revives none.
func TestS43_DisablingEndsCustomTokens(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string {
		return testkit.TokenA(`"7"`, fmt.Sprintf(`"iat":%d`, testkit.Start.Add(d).Unix()))
	}
	undated := testkit.TokenA(`"7"`)
	for name, disable := range map[string]func(k *testkit.Kit, id string) error{
		"SetDisabled": func(k *testkit.Kit, id string) error { return k.SetDisabled(t.Context(), id, true) },
		"UpdateAccount": func(k *testkit.Kit, id string) error {
			_, err := k.UpdateAccount(t.Context(), id, func(a *deskauth.Account) error { a.Disabled = true; return nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := testkit.New(t, deskauth.Config{})
			id := k.MustCustom(t, undated).User.ID
			k.Clock.Advance(time.Hour)
			if err := disable(k, id); err != nil {
				t.Fatal(err)
			}
			k.Clock.Advance(time.Hour)
			testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.Disabled = false }) // by SQL
			for _, token := range []string{at(0), at(time.Hour), undated} {
				k.RefusedCustom(t, token, deskauth.ReasonSessionRevoked)
			}
			k.MustCustom(t, at(time.Hour+time.Second))

			testkit.Change(t, k.Store, id, testkit.Disable)
			if err := k.SetDisabled(t.Context(), id, false); err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{at(time.Hour), at(time.Hour + time.Second), at(2 * time.Hour)} {
				k.RefusedCustom(t, token, deskauth.ReasonSessionRevoked)
			}
			k.MustCustom(t, undated)
			k.Clock.Advance(time.Minute)
			k.MustCustom(t, at(2*time.Hour+time.Second))
		})
	}
}

// Enabling an account that is not disabled takes custom tokens without iat again.
func TestS43_EnablingTakesUndatedTokensAgain(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	undated := testkit.TokenA(`"7"`)
	id := k.MustCustom(t, undated).User.ID
	if err := k.SignoutEverywhere(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	k.RefusedCustom(t, undated, deskauth.ReasonSessionRevoked)
	if err := k.SetDisabled(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	k.MustCustom(t, undated)
}

// The cap of sessions ends sessions. A custom token opens a new one.
func TestS48_TheCapEndsNoCustomToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	token := testkit.TokenA(`"7"`)
	for range 70 {
		if err := k.Signout(t.Context(), k.MustCustom(t, token).Token); err != nil {
			t.Fatal(err)
		}
	}
	k.GoesOn(t, "a session of the same custom token", k.MustCustom(t, token).Token)
}
