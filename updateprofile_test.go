package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	made := k.Clock.Now()
	k.Clock.Advance(time.Hour)
	blank, ada := " ", "Ada"
	for _, c := range []struct {
		name    string
		in      deskauth.UpdateProfileInput
		first   string
		last    string
		stored  string // attributes
		written bool
	}{
		{"nothing", deskauth.UpdateProfileInput{}, "Andrea", "Leo", "", false},
		{"a first name", deskauth.UpdateProfileInput{FirstName: &ada}, "Ada", "Leo", "", true},
		{"the same again", deskauth.UpdateProfileInput{FirstName: &ada}, "Ada", "Leo", "", false},
		{"a blank last name", deskauth.UpdateProfileInput{LastName: &blank}, "Ada", " ", "", true},
		{"attributes", deskauth.UpdateProfileInput{Attributes: json.RawMessage(`{ "desk" : 7, "a" : 1.50 }`)},
			"Ada", " ", `{"desk":7,"a":1.50}`, true},
		{"the same in another spelling", deskauth.UpdateProfileInput{Attributes: json.RawMessage(`{"a":1.50,"desk":7}`)},
			"Ada", " ", `{"desk":7,"a":1.50}`, false},
		{"no attributes given", deskauth.UpdateProfileInput{FirstName: &ada}, "Ada", " ", `{"desk":7,"a":1.50}`, false},
		{"none", deskauth.UpdateProfileInput{Attributes: json.RawMessage(`{}`)}, "Ada", " ", "", true},
		{"none again", deskauth.UpdateProfileInput{Attributes: json.RawMessage(`null`)}, "Ada", " ", "", false},
	} {
		before := k.Stored(t, s.User.ID)
		k.Events.Take()
		c.in.Token, c.in.Client = deskauth.NewSecret("JWT "+s.Token), "192.0.2.1"
		u, err := k.UpdateProfile(t.Context(), c.in)
		if err != nil || u.ID != s.User.ID || u.FirstName != c.first || u.LastName != c.last ||
			string(u.Attributes) != c.stored {
			t.Errorf("%s: got %+v, %v", c.name, u, err)
		}
		after := k.Stored(t, s.User.ID)
		events := k.Events.Take()
		if written := after.Version != before.Version; written != c.written || written != (len(events) == 1) {
			t.Errorf("%s: written %t, events %+v; want written %t and an event of that", c.name, written, events, c.written)
		}
		if c.written && (events[0].Type != deskauth.EventProfileUpdated || events[0].UserID != u.ID ||
			events[0].Operation != deskauth.OperationUpdateProfile || events[0].Client != "192.0.2.1") {
			t.Errorf("%s: event %+v", c.name, events[0])
		}
		if after.FirstName != c.first || after.LastName != c.last || string(after.Attributes) != c.stored ||
			after.SessionEpoch != 0 || after.Email != "andrea@f22.it" || !after.CreatedAt.Equal(made) {
			t.Errorf("%s: stored %+v", c.name, after)
		}
	}
	k.GoesOn(t, "the session", s.Token)
	k.Clock.Advance(13 * time.Hour)
	id, err := k.VerifyStateless(t.Context(), k.MustCustom(t, s.Token).Token)
	if err != nil || id.FirstName != "Ada" {
		t.Errorf("a renewed token says %q, %v", id.FirstName, err)
	}
}

func TestUpdateProfileFields(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	before := k.Stored(t, s.User.ID)
	for _, c := range []struct{ name, first, last, attributes, fields string }{
		{"all empty", "", "", "", "FirstName LastName"},
		{"control characters", "A\n", "B\x00", "", "FirstName LastName"},
		{"too long", strings.Repeat("x", 257), "Leo", "", "FirstName"},
		{"an array", "Ada", "Leo", `[]`, "Attributes"},
		{"a name twice", "Ada", "Leo", `{"a":1,"a":2}`, "Attributes"},
		{"what no database reads", "Ada", "Leo", `{"a":"\u0000"}`, "Attributes"},
		{"a number out of range", "Ada", "Leo", `{"a":1e999}`, "Attributes"},
		{"too deep", "Ada", "Leo", strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32), "Attributes"},
		{"over 8 KiB", "Ada", "Leo", `{"a":"` + strings.Repeat("x", 8<<10) + `"}`, "Attributes"},
		{"everything", "", "\xff", `1`, "FirstName LastName Attributes"},
	} {
		_, err := k.UpdateProfile(t.Context(), deskauth.UpdateProfileInput{
			Token: deskauth.NewSecret(s.Token), FirstName: &c.first, LastName: &c.last,
			Attributes: json.RawMessage(c.attributes),
		})
		testkit.WantFields(t, c.name, err, strings.Fields(c.fields)...)
	}
	if after := k.Stored(t, s.User.ID); after.Version != before.Version {
		t.Error("the account was written")
	}
}

func TestUpdateProfileTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	cases, agent := k.NotAgents(t)
	before := k.Stored(t, agent.User.ID)
	name := "Mallory"
	for _, c := range cases {
		u, err := k.UpdateProfile(t.Context(), deskauth.UpdateProfileInput{
			Token: deskauth.NewSecret(c.Token), FirstName: &name,
		})
		if err != c.Want || u.ID != "" {
			t.Errorf("%s: user %q, %v; want %v itself", c.Name, u.ID, err, c.Want)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.Reason {
			t.Errorf("%s: event %+v, want the reason %q", c.Name, e, c.Reason)
		}
	}
	if acc := k.Stored(t, agent.User.ID); acc.Version != before.Version {
		t.Errorf("the agent's account is %+v", acc)
	}
}

// A change of password, a sign-out or a disable that comes first wins.
func TestS31_ProfileOfASessionThatEnds(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	behind := testkit.NewOn(t, store.UserStore, testkit.Secrets(), deskauth.Config{})
	name := "Mallory"
	for what, end := range map[string]func(id, token string) error{
		"SetPassword": func(id, _ string) error { return behind.SetPassword(t.Context(), id, "another long password") },
		"Signout":     func(_, token string) error { return behind.Signout(t.Context(), token) },
		"SetDisabled": func(id, _ string) error { return behind.SetDisabled(t.Context(), id, true) },
		"DeleteUser":  func(id, _ string) error { return behind.DeleteUser(t.Context(), id) },
	} {
		acc := testkit.Put(t, store.UserStore, strings.ToLower(what)+"@f22.it", testkit.WeakHash)
		token := behind.MustIssue(t, acc.ID).Token
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.BeforeUpdate = nil
			return end(acc.ID, token)
		}
		_, err := k.UpdateProfile(t.Context(), deskauth.UpdateProfileInput{
			Token: deskauth.NewSecret(token), FirstName: &name,
		})
		if err != deskauth.ErrInvalidToken {
			t.Errorf("%s: %v, want ErrInvalidToken itself", what, err)
		}
		now, err := store.UserByID(t.Context(), acc.ID)
		if now.FirstName == name || err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("%s: the account is %+v, %v", what, now, err)
		}
	}
}
