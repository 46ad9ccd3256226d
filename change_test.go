package deskauth_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A State that cannot be read lets nobody in, and is not replaced.
func TestUnreadableStateIsAFailure(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"x", "{}", `{"v":2}`, `{"v":1,"ended":{"s":1}`, `{"v":1,"ended":[]}`} {
		for _, kind := range testkit.Kinds {
			k := testkit.New(t, deskauth.Config{})
			s := k.MustSession(t, kind)
			testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.State = state })
			before, err := k.Store.UserByID(t.Context(), s.User.ID)
			if err != nil {
				t.Fatal(err)
			}
			k.Clock.Advance(13 * time.Hour)
			id, err := k.Verify(t.Context(), s.Token)
			testkit.WantFailure(t, id.UserID, err)
			back, err := k.TryCustom(t, s.Token)
			testkit.WantFailure(t, back.Token, err)
			if kind == deskauth.KindExternal {
				again, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"B"`))
				testkit.WantFailure(t, again.Token, err)
			}
			testkit.WantFailure(t, "", k.Signout(t.Context(), s.Token))
			testkit.WantFailure(t, "", k.SignoutEverywhere(t.Context(), s.User.ID))
			testkit.WantFailure(t, "", k.SetDisabled(t.Context(), s.User.ID, true))
			after, err := k.Store.UserByID(t.Context(), s.User.ID)
			if err != nil || after.State != state || after.Version != before.Version {
				t.Errorf("%s with the State %s: it is now %q, %v", kind, state, after.State, err)
			}
		}
	}
}

// What a newer program keeps in the State outlives a write by this one.
func TestUnknownStateIsKept(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.State = `{"v":1,"factors":[ {"kind":"otp"} ]}` })
	other := k.MustIssue(t, s.User.ID)
	if err := k.Signout(t.Context(), other.Token); err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "the session that signed out", other.Token)
	k.GoesOn(t, "the other", s.Token)
	id, err := k.VerifyStateless(t.Context(), other.Token)
	if err != nil {
		t.Fatal(err)
	}
	a, err := k.Store.UserByID(t.Context(), s.User.ID)
	end := "1767409475" // SessionTTL and Leeway after the start
	if want := `{"v":1,"ended":{"` + id.SessionID + `":` + end + `},"factors":[ {"kind":"otp"} ]}`; err != nil ||
		a.State != want {
		t.Errorf("the State is %s, %v; want %s", a.State, err, want)
	}
}

// A guest is still a guest when it has an address from an older time.
func TestStoredGuestAddressIsDropped(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustGuest(t, testkit.ProjectA)
	testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.Email = "old@tiledesk.com" })
	if back := k.MustCustom(t, s.Token); back.User.Email != s.User.Email {
		t.Errorf("the guest is shown with %q, want %q", back.User.Email, s.User.Email)
	}
	k.Clock.Advance(16 * testkit.Day)
	k.MustCustom(t, s.Token)
	if a, err := k.Store.UserByID(t.Context(), s.User.ID); err != nil || a.Email != "" || a.SessionEpoch != 0 {
		t.Errorf("stored with %q, epoch %d, %v; want no address and the sessions as they were", a.Email, a.SessionEpoch, err)
	}
}

// A guest is a project's and a user is not, whether or not the host says so.
func TestUserOfAGuestHasNoProject(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(a *deskauth.Account){
		"left":    func(*deskauth.Account) {},
		"cleared": func(a *deskauth.Account) { a.ProjectID = "" },
	} {
		k := testkit.New(t, deskauth.Config{})
		guest := k.MustGuest(t, testkit.ProjectA).User
		_, err := k.UpdateAccount(t.Context(), guest.ID, func(a *deskauth.Account) error {
			a.Kind, a.Email = deskauth.KindUser, "andrea@f22.it"
			update(a)
			return nil
		})
		if err != nil {
			t.Errorf("the project %s: %v", name, err)
		}
		if a := k.Stored(t, guest.ID); a.Kind != deskauth.KindUser || a.ProjectID != "" {
			t.Errorf("the project %s: a %s of project %q is stored, want a user of none", name, a.Kind, a.ProjectID)
		}
	}
}

// An external user's ID follows from its project and its own ID, so no guest becomes one.
func TestGuestBecomesNoExternalUser(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA).User
	_, err := k.UpdateAccount(t.Context(), guest.ID, func(a *deskauth.Account) error {
		a.Kind = deskauth.KindExternal
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "its Kind cannot be changed") {
		t.Errorf("%v, want an error that names the Kind", err)
	}
	if a := k.Stored(t, guest.ID); a.Kind != deskauth.KindGuest {
		t.Errorf("a %s is stored, want a guest", a.Kind)
	}
}

// A new password or address ends the codes that were mailed before. A new name does not.
func TestCodeEpochRises(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
	update := func(edit func(a *deskauth.Account)) error {
		_, err := k.UpdateAccount(t.Context(), u.ID, func(a *deskauth.Account) error { edit(a); return nil })
		return err
	}
	for _, c := range []struct {
		what   string
		change func() error
		code   int
	}{
		{"a name", func() error { return update(func(a *deskauth.Account) { a.FirstName = "Anna" }) }, 0},
		{"a password", func() error { return k.SetPassword(t.Context(), u.ID, "another password") }, 1},
		{"an address", func() error { return update(func(a *deskauth.Account) { a.Email = "new@f22.it" }) }, 2},
		{"another name", func() error { return update(func(a *deskauth.Account) { a.LastName = "Blu" }) }, 2},
	} {
		if err := c.change(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		var state struct{ Code int }
		text := k.Stored(t, u.ID).State
		if text != "" && json.Unmarshal([]byte(text), &state) != nil || state.Code != c.code {
			t.Errorf("%s: the State is %s, want the code epoch %d", c.what, text, c.code)
		}
	}
}
