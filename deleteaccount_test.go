package deskauth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func deleteAccount(t *testing.T, k *testkit.Kit, token string) error {
	t.Helper()
	return k.DeleteAccount(t.Context(), deskauth.DeleteAccountInput{
		Token: deskauth.NewSecret(token), Client: "192.0.2.1",
	})
}

func TestS31_DeleteAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	other := k.MustIssue(t, s.User.ID)
	testkit.Put(t, k.Store, "other@f22.it", testkit.WeakHash)
	k.Clock.Advance(10*time.Minute + 999*time.Millisecond) // of a sign-in in whole seconds
	k.Events.Take()
	if err := deleteAccount(t, k, "JWT "+s.Token); err != nil {
		t.Fatal(err)
	}
	events := k.Events.Take()
	if len(events) != 1 || events[0].Type != deskauth.EventAccountDeleted || events[0].UserID != s.User.ID ||
		events[0].Kind != deskauth.KindUser || events[0].Operation != deskauth.OperationDeleteAccount ||
		events[0].Client != "192.0.2.1" {
		t.Errorf("events %+v, want one, account_deleted", events)
	}
	k.IsOver(t, "the session that asked", s.Token)
	k.IsOver(t, "another session", other.Token)
	if err := deleteAccount(t, k, other.Token); err != deskauth.ErrInvalidToken {
		t.Errorf("deleting it again: %v, want ErrInvalidToken", err)
	}
	if n := k.Store.Len(); n != 1 {
		t.Errorf("%d accounts are left, want the other one", n)
	}
	next := k.MustSignup(t, "andrea@f22.it", "a long password")
	if next.ID == s.User.ID {
		t.Error("the address came back to the same ID")
	}
	k.IsOver(t, "a session of before", s.Token)
}

// After a clock that was ahead, nobody knows how long ago a sign-in was. Clocks of several
// servers may differ by Config.Leeway.
func TestDeleteAccountAfterAClockAhead(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]error{
		10 * time.Hour: deskauth.ErrSigninTooOld, 31 * time.Second: deskauth.ErrSigninTooOld, 30 * time.Second: nil,
	} {
		k := testkit.New(t, deskauth.Config{})
		s := k.MustSession(t, deskauth.KindUser)
		k.Clock.Advance(-ahead)
		if err := deleteAccount(t, k, s.Token); !errors.Is(err, want) {
			t.Errorf("the clock was %v ahead: %v, want %v", ahead, err, want)
		}
	}
}

// What cannot be undone needs a sign-in of the last 10 minutes. A renewal is none.
func TestDeleteAccountNeedsAFreshSignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	k.Clock.Advance(10*time.Minute + time.Second)
	for range 2 {
		k.Events.Take()
		if err := deleteAccount(t, k, s.Token); err != deskauth.ErrSigninTooOld {
			t.Errorf("%v, want ErrSigninTooOld itself", err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonSigninTooOld {
			t.Errorf("event %+v", e)
		}
		k.Clock.Advance(12 * time.Hour)
		renewed := k.MustCustom(t, s.Token)
		if renewed.Token == s.Token {
			t.Fatal("the token is not renewed")
		}
		s = renewed
	}
	old, err := k.IssueSession(t.Context(), deskauth.IssueInput{
		UserID: s.User.ID, AuthTime: k.Clock.Now().Add(-11 * time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := deleteAccount(t, k, old.Token); err != deskauth.ErrSigninTooOld {
		t.Errorf("a new session of an old sign-in: %v, want ErrSigninTooOld", err)
	}
	k.GoesOn(t, "the session", s.Token)
	if err := deleteAccount(t, k, k.MustSignin(t, "andrea@f22.it", "a long password").Token); err != nil {
		t.Errorf("after a sign-in: %v", err)
	}
}

func TestDeleteAccountTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	cases, agent := k.NotAgents(t)
	accounts := k.Store.Len()
	for _, c := range cases {
		k.Events.Take()
		if err := deleteAccount(t, k, c.Token); err != c.Want {
			t.Errorf("%s: %v, want %v itself", c.Name, err, c.Want)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.Reason {
			t.Errorf("%s: event %+v, want the reason %q", c.Name, e, c.Reason)
		}
	}
	k.GoesOn(t, "the agent", agent.Token)
	if n := k.Store.Len(); n != accounts {
		t.Errorf("%d accounts were deleted", accounts-n)
	}
}

func TestDeleteAccountUnsupported(t *testing.T) {
	t.Parallel()
	bare := testkit.NewOn(t, struct{ deskauth.UserStore }{memstore.New()}, testkit.Secrets(), deskauth.Config{})
	s := bare.MustSession(t, deskauth.KindUser)
	if err := deleteAccount(t, bare, s.Token); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a store that cannot delete: %v, want ErrUnsupported", err)
	}
	bare.GoesOn(t, "the session", s.Token)
}

// What comes between the check of the token and the write wins: the account stays as that
// left it.
func TestS31_DeleteAccountLosesAgainst(t *testing.T) {
	t.Parallel()
	var other string // a token
	for name, end := range map[string]func(k *testkit.Kit, id string) error{
		"SetDisabled":       func(k *testkit.Kit, id string) error { return k.SetDisabled(t.Context(), id, true) },
		"SignoutEverywhere": func(k *testkit.Kit, id string) error { return k.SignoutEverywhere(t.Context(), id) },
		"SetPassword":       func(k *testkit.Kit, id string) error { return k.SetPassword(t.Context(), id, "by the host") },
		"ChangePassword by another session": func(k *testkit.Kit, _ string) error {
			_, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
				Token:   deskauth.NewSecret(other),
				Current: deskauth.NewSecret(testkit.AndreasPassword), New: deskauth.NewSecret("another password"),
			})
			return err
		},
		"an epoch raised by SQL": func(k *testkit.Kit, id string) error {
			testkit.Change(t, k.Store, id, testkit.RaiseEpoch)
			return nil
		},
		"disabled by SQL": func(k *testkit.Kit, id string) error {
			testkit.Change(t, k.Store, id, testkit.Disable)
			return nil
		},
	} {
		behind := testkit.New(t, deskauth.Config{})
		store := struct {
			*testkit.CountingStore
			deskauth.UserDeleter
		}{&testkit.CountingStore{UserStore: behind.Store}, behind.Store}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		id := testkit.Put(t, behind.Store, "andrea@f22.it", testkit.WeakHash).ID
		token := behind.MustIssue(t, id).Token
		other = behind.MustIssue(t, id).Token
		var then deskauth.Account
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.BeforeUpdate = nil
			err := end(behind, id)
			then = behind.Stored(t, id)
			return err
		}
		if err := deleteAccount(t, k, token); err != deskauth.ErrInvalidToken {
			t.Errorf("%s: %v, want ErrInvalidToken itself", name, err)
		}
		if now := behind.Stored(t, id); now.Version != then.Version {
			t.Errorf("%s: the account was written after it", name)
		}
	}
}
