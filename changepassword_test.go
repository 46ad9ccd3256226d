package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	oldPassword = "a long password" // of testkit.MustSession
	newPassword = "another long password"
)

// change asks for a new password with a session.
func change(t *testing.T, k *testkit.Kit, token, current, next string) (deskauth.Session, error) {
	t.Helper()
	return k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
		Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(current), New: deskauth.NewSecret(next),
	})
}

// In the same second every other session ends, and the one that asked goes on: its token,
// the tokens before it and after it.
func TestS31_ChangedPasswordLeavesTheSessionThatAsked(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustSession(t, deskauth.KindUser)
	k.Clock.Advance(13 * time.Hour)
	asking := k.MustCustom(t, first.Token) // renewed
	other := k.MustIssue(t, first.User.ID)
	k.Events.Take()
	same := testkit.MustChange(t, k, "JWT "+asking.Token, oldPassword, newPassword)
	if same.Token != asking.Token || !same.ExpiresAt.Equal(asking.ExpiresAt) || same.User.ID != first.User.ID {
		t.Errorf("got %+v, want the session that asked, %+v", same, asking)
	}
	events := k.Events.Take()
	if len(events) != 1 || events[0].Type != deskauth.EventPasswordChanged || events[0].UserID != first.User.ID ||
		events[0].Operation != deskauth.OperationChangePassword {
		t.Errorf("events %+v, want one, password_changed", events)
	}
	k.IsOver(t, "the other session", other.Token)
	k.GoesOn(t, "the session that asked", asking.Token)
	k.GoesOn(t, "the token that it was renewed from", first.Token)
	if _, err := k.TrySignin(t, "andrea@f22.it", oldPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("the old password: %v", err)
	}
	k.MustSignin(t, "andrea@f22.it", newPassword)

	k.Clock.Advance(13 * time.Hour)
	renewed := k.MustCustom(t, asking.Token)
	if renewed.Token == asking.Token {
		t.Fatal("the session that asked is not renewed")
	}
	k.GoesOn(t, "its renewal", renewed.Token)
	if err := k.Signout(t.Context(), asking.Token); err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "its renewal, after it signed out", renewed.Token)
}

// The session that was kept outlives that change and nothing that comes after it.
func TestS31_KeptSessionEndsWithTheNextChange(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, k *testkit.Kit, id string) error{
		"a change by another session": func(t *testing.T, k *testkit.Kit, id string) error {
			_, err := change(t, k, k.MustIssue(t, id).Token, newPassword, oldPassword)
			return err
		},
		"SetPassword": func(t *testing.T, k *testkit.Kit, id string) error {
			return k.SetPassword(t.Context(), id, oldPassword)
		},
		"SignoutEverywhere": func(t *testing.T, k *testkit.Kit, id string) error {
			return k.SignoutEverywhere(t.Context(), id)
		},
		"SetDisabled": func(t *testing.T, k *testkit.Kit, id string) error {
			return errors.Join(k.SetDisabled(t.Context(), id, true), k.SetDisabled(t.Context(), id, false))
		},
		"an epoch raised by SQL": func(t *testing.T, k *testkit.Kit, id string) error {
			testkit.Change(t, k.Store, id, testkit.RaiseEpoch)
			return nil
		},
	} {
		k := testkit.New(t, deskauth.Config{})
		s := k.MustSession(t, deskauth.KindUser)
		testkit.MustChange(t, k, s.Token, oldPassword, newPassword)
		k.GoesOn(t, name+": before", s.Token)
		if err := end(t, k, s.User.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		k.IsOver(t, name, s.Token)
	}
}

// A session may change its password more than once.
func TestChangePasswordAgain(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	current := oldPassword
	for i := range 4 {
		next := fmt.Sprint(newPassword, i)
		testkit.MustChange(t, k, s.Token, current, next)
		k.GoesOn(t, next, s.Token)
		current = next
	}
	k.MustSignin(t, "andrea@f22.it", current)
}

// With EndAll a copy of the token ends, too. The answer is a session by the new password.
func TestS31_EndAllEndsTheSessionThatAsked(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	user := k.MustSession(t, deskauth.KindUser).User
	asking, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: user.ID, Methods: []string{"pwd", "otp"}})
	if err != nil {
		t.Fatal(err)
	}
	other := k.MustIssue(t, user.ID)
	before, err := k.Verify(t.Context(), asking.Token)
	if err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(time.Hour)
	fresh, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
		Token: deskauth.NewSecret(asking.Token), Current: deskauth.NewSecret(oldPassword),
		New: deskauth.NewSecret(newPassword), EndAll: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "the session that asked", asking.Token)
	k.IsOver(t, "the other session", other.Token)
	id, err := k.Verify(t.Context(), fresh.Token)
	if err != nil || id.SessionID == before.SessionID || id.UserID != user.ID || !id.AuthTime.Equal(k.Clock.Now()) ||
		len(id.Methods) != 0 || !fresh.ExpiresAt.Equal(k.Clock.Now().Add(testkit.Day)) {
		t.Errorf("the fresh session is %+v, %v; want one as of a sign-in now", id, err)
	}
	k.Clock.Advance(13 * time.Hour)
	k.GoesOn(t, "the renewal of the fresh session", k.MustCustom(t, fresh.Token).Token)
}

// A token of another server names no session that could be kept.
func TestChangePasswordWithAnotherServersToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	s := k.MustSession(t, deskauth.KindUser)
	foreign := testkit.ForgeSession(fmt.Sprintf(
		`{"_id":%q,"sub":"user","iat":%d,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`,
		s.User.ID, testkit.Start.Add(-time.Hour).Unix()))
	k.GoesOn(t, "the token of another server", foreign)
	k.Clock.Advance(40 * testkit.Day)
	fresh := testkit.MustChange(t, k, foreign, oldPassword, newPassword)
	k.IsOver(t, "it", foreign)
	k.GoesOn(t, "the fresh session", fresh.Token)
	if fresh.Token == foreign || !fresh.ExpiresAt.Equal(k.Clock.Now().Add(testkit.Day)) {
		t.Errorf("the answer ends %v, want a fresh session", fresh.ExpiresAt)
	}
}

func TestChangePasswordTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	cases, agent := k.NotAgents(t)
	before := k.Stored(t, agent.User.ID)
	for _, c := range cases {
		k.Events.Take()
		s, err := change(t, k, c.Token, oldPassword, newPassword)
		if err != c.Want || s.Token != "" || s.User.ID != "" {
			t.Errorf("%s: %v, want %v itself", c.Name, err, c.Want)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.Reason {
			t.Errorf("%s: event %+v, want the reason %q", c.Name, e, c.Reason)
		}
	}
	if after := k.Stored(t, agent.User.ID); after.Version != before.Version {
		t.Error("an account was written")
	}
	echoing := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	custom := echoing.MustCustom(t, testkit.TokenA(`"1"`))
	if _, err := change(t, echoing, custom.Token, oldPassword, newPassword); err != deskauth.ErrUsersOnly {
		t.Errorf("a custom token that serves as a session: %v, want ErrUsersOnly", err)
	}
	k.Clock.Advance(2 * testkit.Day)
	if _, err := change(t, k, agent.Token, oldPassword, newPassword); !errors.Is(err, deskauth.ErrTokenExpired) {
		t.Errorf("an expired token: %v, want ErrTokenExpired", err)
	}
}

// Only the right password learns anything. Whatever is refused changes nothing.
func TestChangePasswordRefuses(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
	for _, c := range []struct {
		name, current, next string
		want                error
		reason              deskauth.Reason
	}{
		{"a wrong one", "a wrong password", newPassword, deskauth.ErrInvalidCredentials, deskauth.ReasonWrongPassword},
		{"a wrong one for itself", "a wrong password", "a wrong password", deskauth.ErrInvalidCredentials,
			deskauth.ReasonWrongPassword},
		{"the right one as the new one", "a wrong password", composed, deskauth.ErrInvalidCredentials,
			deskauth.ReasonWrongPassword},
		{"the same", composed, composed, deskauth.ErrPasswordUnchanged, deskauth.ReasonPasswordUnchanged},
		{"the same, decomposed", composed, decomposed, deskauth.ErrPasswordUnchanged, deskauth.ReasonPasswordUnchanged},
	} {
		k := testkit.New(t, deskauth.Config{})
		u := k.MustSignup(t, "andrea@f22.it", composed)
		s, other := k.MustIssue(t, u.ID), k.MustIssue(t, u.ID)
		before := k.Stored(t, u.ID)
		k.Events.Take()
		got, err := change(t, k, s.Token, c.current, c.next)
		if err != c.want || got.Token != "" || got.User.ID != "" {
			t.Errorf("%s: %v, want %v itself", c.name, err, c.want)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.reason || e.UserID != u.ID {
			t.Errorf("%s: event %+v, want the reason %q", c.name, e, c.reason)
		}
		if after := k.Stored(t, u.ID); after.Version != before.Version {
			t.Errorf("%s: the account was written", c.name)
		}
		k.GoesOn(t, c.name+": the session that asked", s.Token)
		k.GoesOn(t, c.name+": another", other.Token)
	}
}

// Fields are told together, and before the password is compared.
func TestChangePasswordFields(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	for _, c := range []struct{ name, current, next, fields string }{
		{"none", "", "", "Current New"},
		{"a short one", oldPassword, "1234567", "New"},
		{"a short one for a wrong one", "wrong", "1234567", "New"},
		{"too long", strings.Repeat("x", 4097), strings.Repeat("x", 4097), "Current New"},
		{"not UTF-8", "\xff", newPassword, "Current"},
	} {
		_, err := change(t, k, s.Token, c.current, c.next)
		testkit.WantFields(t, c.name, err, strings.Fields(c.fields)...)
	}
	refusing := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{
		PasswordCheck: func(context.Context, string) error { return deskauth.ErrPasswordRefused },
	})
	_, err := change(t, refusing, s.Token, oldPassword, newPassword)
	testkit.WantFields(t, "a stolen one", err, "New")
	k.MustSignin(t, "andrea@f22.it", oldPassword)
}

// An imported hash is of the old password and goes like any other.
func TestChangePasswordOfAnImportedHash(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	acc := testkit.Put(t, k.Store, "andrea@f22.it", testkit.Bcrypt(t, "correct horse", "$2a$"))
	s := k.MustIssue(t, acc.ID)
	if _, err := change(t, k, s.Token, "battery staple", newPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("a wrong one: %v", err)
	}
	testkit.MustChange(t, k, s.Token, "correct horse", newPassword)
	if hash := k.Stored(t, acc.ID).PasswordHash; !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("the hash is now %.20s", hash)
	}
	k.MustSignin(t, "andrea@f22.it", newPassword)
}
