package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestUpdateAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	k.Clock.Advance(time.Hour)
	k.Events.Take()
	u, err := k.UpdateAccount(t.Context(), s.User.ID, func(a *deskauth.Account) error {
		a.FirstName, a.EmailVerified, a.Attributes = "Ada", true, json.RawMessage(`{ "desk" : 7 }`)
		return nil
	})
	stored, findErr := k.Store.UserByID(t.Context(), s.User.ID)
	if err != nil || findErr != nil || u.FirstName != "Ada" || !u.EmailVerified || string(u.Attributes) != `{"desk":7}` ||
		!stored.UpdatedAt.Equal(k.Clock.Now()) || stored.FirstName != "Ada" || stored.SessionEpoch != 0 {
		t.Errorf("got %+v, %v; stored %+v, %v", u, err, stored, findErr)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventAccountUpdated || e.UserID != u.ID ||
		e.Operation != deskauth.OperationUpdateAccount {
		t.Errorf("event %+v", e)
	}
	if id, err := k.Verify(t.Context(), s.Token); err != nil || !id.EmailVerified || id.FirstName != "Ada" {
		t.Errorf("Verify = %+v, %v; want the account as it is now", id, err)
	}
}

// What no update may do, and what is not in form, leaves the account as it was.
func TestUpdateAccountRefuses(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	testkit.Put(t, k.Store, "taken@f22.it", "")
	ids := map[deskauth.Kind]string{}
	for _, kind := range testkit.Kinds {
		ids[kind] = k.MustSession(t, kind).User.ID
	}
	testkit.Change(t, k.Store, ids[deskauth.KindUser], func(a *deskauth.Account) { a.SessionEpoch = 5 })
	for _, c := range []struct {
		kind   deskauth.Kind
		name   string
		update func(*deskauth.Account)
		fields string // of a ValidationError; else the error has the name
	}{
		{"user", "ID", func(a *deskauth.Account) { a.ID = "x" }, ""},
		{"user", "Kind", func(a *deskauth.Account) { a.Kind = deskauth.KindGuest }, "Email"},
		{"userexternal", "Kind", func(a *deskauth.Account) { a.Kind = deskauth.KindGuest }, ""},
		{"userexternal", "Kind", func(a *deskauth.Account) { a.Kind, a.Email = deskauth.KindUser, "a@f22.it" }, ""},
		{"guest", "ProjectID", func(a *deskauth.Account) { a.ProjectID = testkit.ProjectB }, ""},
		{"userexternal", "ExternalID", func(a *deskauth.Account) { a.ExternalID = "x" }, ""},
		{"user", "CreatedAt", func(a *deskauth.Account) { a.CreatedAt = a.CreatedAt.Add(1) }, ""},
		{"user", "Version", func(a *deskauth.Account) { a.Version++ }, ""},
		{"user", "State", func(a *deskauth.Account) { a.State = "{}" }, ""},
		{"user", "SessionEpoch", func(a *deskauth.Account) { a.SessionEpoch-- }, ""},
		{"user", "an epoch that cannot rise", func(a *deskauth.Account) { a.SessionEpoch = math.MaxInt64 }, "SessionEpoch"},
		{"user", "UpdatedAt", func(a *deskauth.Account) { a.UpdatedAt = time.Time{} }, ""},
		{"user", "a far year", func(a *deskauth.Account) { a.LastActiveAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
			"LastActiveAt"},
		{"user", "an address not in form", func(a *deskauth.Account) { a.Email = "x" }, "Email"},
		{"user", "an address in another spelling", func(a *deskauth.Account) { a.Email = "A@F22.it" }, "Email"},
		{"user", "no address", func(a *deskauth.Account) { a.Email = "" }, "Email"},
		{"guest", "an address", func(a *deskauth.Account) { a.Email = "a@f22.it" }, "Email"},
		{"guest", "a user without an address", func(a *deskauth.Account) { a.Kind = deskauth.KindUser }, "Email"},
		{"user", "names", func(a *deskauth.Account) { a.FirstName, a.LastName = "\n", strings.Repeat("x", 257) },
			"FirstName LastName"},
		{"user", "a foreign hash", func(a *deskauth.Account) { a.PasswordHash = "{SHA}x" }, "PasswordHash"},
		{"guest", "a password", func(a *deskauth.Account) { a.PasswordHash = testkit.WeakHash }, "PasswordHash"},
		{"user", "attributes", func(a *deskauth.Account) { a.Attributes = json.RawMessage(`[]`) }, "Attributes"},
	} {
		before, err := k.Store.UserByID(t.Context(), ids[c.kind])
		if err != nil {
			t.Fatal(err)
		}
		u, err := k.UpdateAccount(t.Context(), ids[c.kind], func(a *deskauth.Account) error {
			c.update(a)
			return nil
		})
		if c.fields != "" {
			testkit.WantFields(t, c.name, err, strings.Fields(c.fields)...)
		} else if err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s of %s: %v, want an error that names it", c.name, c.kind, err)
		}
		after, err := k.Store.UserByID(t.Context(), ids[c.kind])
		if err != nil || after.Version != before.Version || u.ID != "" {
			t.Errorf("%s of %s: Version %d, user %q, %v; want nothing changed", c.name, c.kind, after.Version, u.ID, err)
		}
	}
	own := errors.New("the host's own")
	for want, update := range map[error]func(*deskauth.Account) error{
		own:                    func(*deskauth.Account) error { return own },
		deskauth.ErrUserExists: func(a *deskauth.Account) error { a.Email = "taken@f22.it"; return nil },
	} {
		if _, err := k.UpdateAccount(t.Context(), ids[deskauth.KindUser], update); err != want {
			t.Errorf("got %v, want %v itself", err, want)
		}
	}
	if _, err := k.UpdateAccount(t.Context(), "nobody",
		func(*deskauth.Account) error { return nil }); err != deskauth.ErrUserNotFound {
		t.Errorf("an account that is not there: %v, want ErrUserNotFound", err)
	}
}

// What follows from a change hangs on what changed, and not on who changed it.
func TestS31_ChangesEndSessions(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(k *testkit.Kit, ctx context.Context, id string) error{
		"SetPassword": func(k *testkit.Kit, ctx context.Context, id string) error {
			return k.SetPassword(ctx, id, "another password")
		},
		"SetDisabled": func(k *testkit.Kit, ctx context.Context, id string) error {
			return errors.Join(k.SetDisabled(ctx, id, true), k.SetDisabled(ctx, id, false))
		},
		"SetDisabled, after SQL": func(k *testkit.Kit, ctx context.Context, id string) error {
			testkit.Change(t, k.Store, id, testkit.Disable)
			return k.SetDisabled(ctx, id, false)
		},
		"a new hash": func(k *testkit.Kit, ctx context.Context, id string) error {
			_, err := k.UpdateAccount(ctx, id, func(a *deskauth.Account) error { a.PasswordHash = testkit.WeakHash; return nil })
			return err
		},
		"a new address": func(k *testkit.Kit, ctx context.Context, id string) error {
			_, err := k.UpdateAccount(ctx, id, func(a *deskauth.Account) error { a.Email = "new@f22.it"; return nil })
			return err
		},
		"a raised epoch": func(k *testkit.Kit, ctx context.Context, id string) error {
			_, err := k.UpdateAccount(ctx, id, func(a *deskauth.Account) error { testkit.RaiseEpoch(a); return nil })
			return err
		},
	} {
		k := testkit.New(t, deskauth.Config{})
		s := k.MustSession(t, deskauth.KindUser)
		k.GoesOn(t, name+": before", s.Token)
		if err := change(k, t.Context(), s.User.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		k.IsOver(t, name, s.Token)
		k.GoesOn(t, name+": a session from now on", k.MustIssue(t, s.User.ID).Token)
	}
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	k.Events.Take()
	if err := k.SetPassword(t.Context(), s.User.ID, "another password"); err != nil {
		t.Fatal(err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventPasswordSet || e.UserID != s.User.ID {
		t.Errorf("event %+v", e)
	}
	if _, err := k.TrySignin(t, "andrea@f22.it", "a long password"); !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("the old password: %v", err)
	}
	k.MustSignin(t, "andrea@f22.it", "another password")

	testkit.WantFields(t, "a short one", k.SetPassword(t.Context(), s.User.ID, "short"), "Password")
	if err := k.SetPassword(t.Context(), "nobody", "another password"); err != deskauth.ErrUserNotFound {
		t.Errorf("an account that is not there: %v, want ErrUserNotFound", err)
	}
	guest := k.MustGuest(t, testkit.ProjectA)
	if err := k.SetPassword(t.Context(), guest.User.ID, "another password"); err == nil || !strings.Contains(err.Error(),
		"guest") {
		t.Errorf("a guest: %v, want an error that says so", err)
	}
	checked := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{
		PasswordCheck: func(context.Context, string) error { return deskauth.ErrPasswordRefused },
	})
	testkit.WantFields(t, "a stolen one", checked.SetPassword(t.Context(), s.User.ID, "a password of note"), "Password")
}

// While an account is disabled nothing lets anybody in.
func TestS34_Disabled(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		k := testkit.New(t, deskauth.Config{})
		s := k.MustSession(t, kind)
		k.Events.Take()
		if err := k.SetDisabled(t.Context(), s.User.ID, true); err != nil {
			t.Fatal(err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventAccountDisabled || e.UserID != s.User.ID || e.Kind != kind {
			t.Errorf("%s: event %+v", kind, e)
		}
		if _, err := k.Verify(t.Context(), s.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("%s: Verify: %v", kind, err)
		}
		if _, err := k.TryCustom(t, s.Token); !errors.Is(err, deskauth.ErrAccountDisabled) {
			t.Errorf("%s: coming back: %v", kind, err)
		}
		if _, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: s.User.ID}); err != deskauth.ErrAccountDisabled {
			t.Errorf("%s: IssueSession: %v", kind, err)
		}
		if _, err := k.CheckPassword(t.Context(), deskauth.SigninInput{
			Email: "andrea@f22.it", Password: deskauth.NewSecret("a long password"),
		}); err != deskauth.ErrInvalidCredentials {
			t.Errorf("%s: CheckPassword: %v", kind, err)
		}
		if err := k.SetDisabled(t.Context(), s.User.ID, false); err != nil {
			t.Fatal(err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventAccountEnabled {
			t.Errorf("%s: event %+v", kind, e)
		}
		k.IsOver(t, string(kind)+", a session of before", s.Token)
	}
	if err := testkit.New(t, deskauth.Config{}).SetDisabled(t.Context(), "nobody", true); err != deskauth.ErrUserNotFound {
		t.Errorf("an account that is not there: %v, want ErrUserNotFound", err)
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	if err := k.DeleteUser(t.Context(), s.User.ID); err != nil {
		t.Fatal(err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventAccountDeleted || e.UserID != s.User.ID {
		t.Errorf("event %+v", e)
	}
	k.IsOver(t, "a session of a deleted account", s.Token)
	if err := k.DeleteUser(t.Context(), s.User.ID); err != deskauth.ErrUserNotFound {
		t.Errorf("deleting it again: %v, want ErrUserNotFound", err)
	}
	k.MustSignup(t, "andrea@f22.it", "a long password")
	bare := testkit.NewOn(t, struct{ deskauth.UserStore }{memstore.New()}, testkit.Secrets(), deskauth.Config{})
	if err := bare.DeleteUser(t.Context(), "x"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a store that cannot delete: %v, want ErrUnsupported", err)
	}
}
