package examples_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// TestPrimitivesOnEveryStore calls what a host does to accounts on each store. A second
// process on the same store, whose clock is ahead, sees the effect.
func TestPrimitivesOnEveryStore(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, _ bool) {
		d := newDesk(t, store)
		for i, kind := range testkit.Kinds {
			o := d.settle(t, kind, i)
			d.signout(t, o)
			d.signoutEverywhere(t, o)
			d.disable(t, o)
			d.updateName(t, o)
			if kind == deskauth.KindUser {
				d.passwords(t, o)
				o.email = d.updateAddress(t, o)
			}
			d.deleteUser(t, o)
		}
		d.manySignouts(t)
	})
}

func (d *desk) issue(t *testing.T, id string) string {
	t.Helper()
	time.Sleep(time.Millisecond) // AuthTime counts whole milliseconds from an end of all sessions
	in := deskauth.IssueInput{UserID: id, Methods: []string{"pwd", "otp"}, AuthTime: time.Now()}
	s, err := d.now.IssueSession(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := d.later.Verify(t.Context(), s.Token)
	if err != nil || seen.UserID != id || len(seen.Methods) != 2 {
		t.Errorf("a session that was issued is seen as %+v, %v", seen, err)
	}
	return s.Token
}

func (d *desk) signout(t *testing.T, o owner) {
	renewed := d.now.MustCustom(t, o.first).Token
	if err := d.now.Signout(t.Context(), o.first); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "the session that signed out", o.first)
	d.later.IsOver(t, "its renewal", renewed)
	d.later.GoesOn(t, "the other session", o.other)
}

func (d *desk) signoutEverywhere(t *testing.T, o owner) {
	token := d.issue(t, o.id)
	if err := d.now.SignoutEverywhere(t.Context(), o.id); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "a session from before the sign-out everywhere", token)
	d.later.IsOver(t, "another", o.other)
	if o.custom != "" {
		d.later.IsOver(t, "a custom token without iat", o.custom)
	}
	d.issue(t, o.id)
}

func (d *desk) disable(t *testing.T, o owner) {
	token := d.issue(t, o.id)
	if err := d.now.SetDisabled(t.Context(), o.id, true); err != nil {
		t.Error(err)
	}
	if _, err := d.later.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("Verify of a disabled account: %v, want ErrInvalidToken", err)
	}
	for what, token := range map[string]string{"a session": token, "a custom token": o.custom} {
		if _, err := d.later.TryCustom(t, token); token != "" && err != deskauth.ErrAccountDisabled {
			t.Errorf("%s of a disabled account: %v, want ErrAccountDisabled", what, err)
		}
	}
	if o.email != "" {
		if _, err := d.later.TrySignin(t, o.email, testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
			t.Errorf("sign-in to a disabled account: %v, want ErrInvalidCredentials", err)
		}
	}
	if err := d.now.SetDisabled(t.Context(), o.id, false); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "a session from before it was disabled", token)
	if o.custom != "" {
		d.later.GoesOn(t, "a custom token without iat, once enabled", d.later.MustCustom(t, o.custom).Token)
	}
	d.issue(t, o.id)
}

func (d *desk) updateName(t *testing.T, o owner) {
	token := d.issue(t, o.id)
	attributes := json.RawMessage(`{"desk":7.50}`)
	u, err := d.now.UpdateAccount(t.Context(), o.id, func(a *deskauth.Account) error {
		a.FirstName, a.Attributes = "Zoë", attributes
		return nil
	})
	if err != nil || u.FirstName != "Zoë" {
		t.Errorf("UpdateAccount = %q, %v", u.FirstName, err)
	}
	back, err := d.later.TryCustom(t, token)
	if err != nil || back.User.FirstName != "Zoë" || string(back.User.Attributes) != string(attributes) {
		t.Errorf("coming back = %q, %s, %v; want the account as it is now",
			back.User.FirstName, back.User.Attributes, err)
	}
}

func (d *desk) passwords(t *testing.T, o owner) {
	check := func(password string) error {
		t.Helper()
		in := deskauth.SigninInput{Email: o.email, Password: deskauth.NewSecret(password)}
		u, err := d.later.CheckPassword(t.Context(), in)
		if (err == nil) != (u.User.ID == o.id) {
			t.Errorf("CheckPassword = %q, %v", u.User.ID, err)
		}
		return err
	}
	if err := check(testkit.AndreasPassword); err != nil {
		t.Errorf("the password: %v", err)
	}
	acc, err := d.store.UserByID(t.Context(), o.id)
	if err != nil || acc.PasswordHash == testkit.WeakHash {
		t.Errorf("a check stores no stronger hash: %v", err)
	}
	token := d.issue(t, o.id)
	if err := d.now.SetPassword(t.Context(), o.id, "another password"); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "a session of the old password", token)
	if err := check(testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("the old password: %v, want ErrInvalidCredentials", err)
	}
	if err := check("another password"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	d.later.GoesOn(t, "a sign-in", d.later.MustSignin(t, o.email, "another password").Token)
}

// updateAddress returns the new one. The old one is free.
func (d *desk) updateAddress(t *testing.T, o owner) (email string) {
	token := d.issue(t, o.id)
	email = "new." + o.email
	edit := func(a *deskauth.Account) error { a.Email = email; return nil }
	if _, err := d.now.UpdateAccount(t.Context(), o.id, edit); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "a session of the old address", token)
	d.later.MustSignin(t, email, "another password")
	other := d.later.MustSignup(t, o.email, testkit.AndreasPassword)
	if _, err := d.now.UpdateAccount(t.Context(), other.ID, edit); err != deskauth.ErrUserExists {
		t.Errorf("an address that is taken: %v, want ErrUserExists", err)
	}
	return email
}

func (d *desk) deleteUser(t *testing.T, o owner) {
	token := d.issue(t, o.id)
	if err := d.now.DeleteUser(t.Context(), o.id); err != nil {
		t.Error(err)
	}
	d.later.IsOver(t, "a session of a deleted account", token)
	switch {
	case o.custom != "":
		d.later.GoesOn(t, "a custom token of a deleted account", d.later.MustCustom(t, o.custom).Token)
		d.later.IsOver(t, "a session from before the account was made anew", token)
	case o.email != "":
		if _, err := d.later.TrySignin(t, o.email, "another password"); err != deskauth.ErrInvalidCredentials {
			t.Errorf("sign-in to a deleted account: %v, want ErrInvalidCredentials", err)
		}
		d.later.MustSignup(t, o.email, testkit.AndreasPassword)
	}
}

// manySignouts fills the room that an account has for sessions that signed out. The next
// one ends all.
func (d *desk) manySignouts(t *testing.T) {
	stays := d.now.MustGuest(t, testkit.ProjectA)
	ended := make([]string, 64)
	for i := range ended {
		ended[i] = d.now.MustIssue(t, stays.User.ID).Token
		if err := d.now.Signout(t.Context(), ended[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range ended {
		d.later.IsOver(t, "one of 64 that signed out", token)
	}
	d.later.GoesOn(t, "the one that did not", stays.Token)
	last := d.now.MustIssue(t, stays.User.ID).Token
	if err := d.now.Signout(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	for _, token := range append(ended, last, stays.Token) {
		d.later.IsOver(t, "one of all after the 65th", token)
	}
}
