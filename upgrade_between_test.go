package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// What comes between the check of the token and the write wins.
func TestS33_WhatComesBetweenAnUpgradeWins(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(k *testkit.Kit, guest deskauth.Session) error
		reason deskauth.Reason
	}{
		"another upgrade": {func(k *testkit.Kit, g deskauth.Session) error {
			_, err := k.Upgrade(t, g.Token, "first@f22.it")
			return err
		}, deskauth.ReasonSessionRevoked},
		"a link": {func(k *testkit.Kit, g deskauth.Session) error {
			_, err := k.Link(t, testkit.TokenA(`"123"`), g.Token)
			return err
		}, deskauth.ReasonGuestLinked},
		"the deletion": {func(k *testkit.Kit, g deskauth.Session) error {
			return k.DeleteUser(t.Context(), g.User.ID)
		}, deskauth.ReasonAccountGone},
		"a sign-out": {func(k *testkit.Kit, g deskauth.Session) error {
			return k.Signout(t.Context(), g.Token)
		}, deskauth.ReasonSessionRevoked},
		"made a user by hand": {func(k *testkit.Kit, g deskauth.Session) error {
			testkit.Change(t, k.Store, g.User.ID, func(a *deskauth.Account) {
				a.Kind, a.Email, a.ProjectID = deskauth.KindUser, "first@f22.it", ""
			})
			return nil
		}, deskauth.ReasonSessionRevoked},
		"disabled by hand": {func(k *testkit.Kit, g deskauth.Session) error {
			testkit.Change(t, k.Store, g.User.ID, testkit.Disable)
			return nil
		}, deskauth.ReasonAccountDisabled},
	} {
		k := testkit.New(t, deskauth.Config{})
		guest := k.MustGuest(t, testkit.ProjectA)
		store := &testkit.CountingStore{UserStore: k.Store}
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.BeforeUpdate = nil
			if err := c.do(k, guest); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		}
		slow := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		u, err := slow.Upgrade(t, guest.Token, "slow@f22.it")
		if err != deskauth.ErrInvalidToken || u.ID != "" {
			t.Errorf("%s: upgraded %q, %v; want ErrInvalidToken", name, u.ID, err)
		}
		if e := slow.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.reason {
			t.Errorf("%s: event %+v, want the reason %q", name, e, c.reason)
		}
		if _, err := k.Store.UserByEmail(t.Context(), "slow@f22.it"); !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("%s: the address is an account's: %v", name, err)
		}
	}
}

// A write that changes nothing of this does not keep the guest from going up.
func TestUpgradeMeetsAnotherWrite(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	store := &testkit.CountingStore{UserStore: k.Store}
	store.BeforeUpdate = func(_ context.Context, a deskauth.Account) error {
		store.BeforeUpdate = nil
		testkit.Change(t, k.Store, a.ID, func(a *deskauth.Account) { a.Attributes = json.RawMessage(`{"n":2}`) })
		return nil
	}
	slow := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	u, err := slow.Upgrade(t, guest.Token, "slow@f22.it")
	if err != nil || u.ID != guest.User.ID || string(u.Attributes) != `{"n":2}` {
		t.Errorf("upgraded %+v, %v; want the guest with its new attributes", u, err)
	}
}
