package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A session that the host has authenticated says how, through its renewals too.
func TestIssueSession(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		k := testkit.New(t, deskauth.Config{})
		u := k.MustSession(t, kind).User
		k.Clock.Advance(time.Minute)
		k.Events.Take()
		methods := []string{"pwd", "otp"}
		s, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID, AuthTime: testkit.Start, Methods: methods})
		if err != nil {
			t.Fatal(err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventSignedIn || e.Operation != deskauth.OperationIssueSession ||
			e.UserID != u.ID || e.Kind != kind || e.ProjectID != u.ProjectID {
			t.Errorf("%s: event %+v", kind, e)
		}
		methods[0] = "changed by the caller"
		k.Clock.Advance(s.ExpiresAt.Sub(k.Clock.Now()) * 2 / 3)
		renewed := k.MustCustom(t, s.Token)
		for _, token := range []string{s.Token, renewed.Token} {
			id, err := k.Verify(t.Context(), token)
			if err != nil || !slices.Equal(id.Methods, []string{"pwd", "otp"}) || !id.AuthTime.Equal(testkit.Start) ||
				id.UserID != u.ID {
				t.Errorf("%s: %+v, %v; want the methods and the time of the sign-in", kind, id, err)
			}
		}
	}
}

func TestIssueSessionRefuses(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSession(t, deskauth.KindUser).User
	for _, c := range []struct {
		in     deskauth.IssueInput
		fields string
	}{
		{deskauth.IssueInput{}, "UserID"},
		{deskauth.IssueInput{UserID: u.ID, AuthTime: testkit.Start.Add(time.Minute)}, "AuthTime"},
		{deskauth.IssueInput{UserID: u.ID, AuthTime: testkit.Start.Add(-366 * testkit.Day)}, "AuthTime"},
		{deskauth.IssueInput{UserID: u.ID, Methods: slices.Repeat([]string{"otp"}, 9)}, "Methods"},
		{deskauth.IssueInput{UserID: u.ID, Methods: []string{""}}, "Methods"},
		{deskauth.IssueInput{UserID: u.ID, Methods: []string{"a b"}}, "Methods"},
		{deskauth.IssueInput{UserID: u.ID, Methods: []string{"é"}}, "Methods"},
		{deskauth.IssueInput{UserID: u.ID, Methods: []string{strings.Repeat("x", 33)}}, "Methods"},
	} {
		s, err := k.IssueSession(t.Context(), c.in)
		testkit.WantFields(t, c.fields, err, c.fields)
		if s.Token != "" {
			t.Errorf("%+v: got a token", c.in)
		}
	}
	if _, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: "nobody"}); err != deskauth.ErrUserNotFound {
		t.Errorf("an account that is not there: %v, want ErrUserNotFound", err)
	}
}

// The greatest number of methods, the longest, and the first and the last character.
func TestIssueSessionTakesEveryMethod(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSession(t, deskauth.KindUser).User
	methods := append(slices.Repeat([]string{"otp"}, 7), "!~"+strings.Repeat("x", 30))
	s, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID, Methods: methods})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := k.Verify(t.Context(), s.Token); err != nil || !slices.Equal(id.Methods, methods) {
		t.Errorf("the token has the methods %q, %v; want %q", id.Methods, err, methods)
	}
}

// The event of a call that is refused names the account that was asked for.
func TestHostsCallsNameTheirAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	_, issued := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: "nobody"})
	ended := k.SignoutEverywhere(t.Context(), "nobody")
	for name, err := range map[string]error{"IssueSession": issued, "SignoutEverywhere": ended} {
		if !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("%s: %v, want ErrUserNotFound", name, err)
		}
	}
	events := k.Events.Take()
	if len(events) != 2 {
		t.Fatalf("events %+v, want two", events)
	}
	for _, e := range events {
		if e.UserID != "nobody" || e.Reason != deskauth.ReasonAccountGone {
			t.Errorf("event %+v, want one that names the account", e)
		}
	}
}

// Who has shown the old password gets no session once there is a new one.
func TestS31_NoSessionForAnOldPassword(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(k *testkit.Kit, id string) error{
		"SetPassword": func(k *testkit.Kit, id string) error {
			return k.SetPassword(t.Context(), id, "another password")
		},
		"SignoutEverywhere": func(k *testkit.Kit, id string) error { return k.SignoutEverywhere(t.Context(), id) },
	} {
		k := testkit.New(t, deskauth.Config{})
		u := k.MustSignup(t, "andrea@f22.it", "a long password")
		checked := k.Clock.Now()
		k.Clock.Advance(time.Second)
		if err := end(k, u.ID); err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Time{checked, k.Clock.Now(), k.Clock.Now().Add(time.Millisecond - 1)} {
			_, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID, AuthTime: at})
			if !errors.Is(err, deskauth.ErrInvalidCredentials) {
				t.Errorf("%s after the check of %v: %v, want ErrInvalidCredentials", name, at, err)
			}
		}
		k.Clock.Advance(time.Second)
		_, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID, AuthTime: k.Clock.Now()})
		if err != nil {
			t.Errorf("%s before the check: %v", name, err)
		}
	}
}

// It gets none either if the check and the change meet, whatever the clocks say: the change
// takes its time before it waits for its turn at the store, where the check still finds the
// old password. The change may come from a process whose clock is behind.
func TestS31_NoSessionForAPasswordThatWasJustChanged(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Nanosecond, time.Millisecond, time.Second, time.Minute} {
		store := &testkit.CountingStore{UserStore: memstore.New()}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		u := k.MustSignup(t, "andrea@f22.it", "a long password")
		in := deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("a long password")}
		var checked deskauth.CheckedPassword
		store.BeforeUpdate = func(context.Context, deskauth.Account) (err error) {
			store.BeforeUpdate = nil
			k.Clock.Advance(ahead)
			checked, err = k.CheckPassword(t.Context(), in)
			return err
		}
		testkit.Must(t, k.SetPassword(t.Context(), u.ID, "another password"))
		if checked.Issue.UserID != u.ID {
			t.Fatal("no password was checked")
		}
		var kept deskauth.CheckedPassword
		text, err := json.Marshal(checked)
		testkit.Must(t, err)
		testkit.Must(t, json.Unmarshal(text, &kept)) // meanwhile
		for _, c := range []deskauth.CheckedPassword{checked, kept} {
			if s, err := k.IssueSession(t.Context(), c.Issue); !errors.Is(err, deskauth.ErrInvalidCredentials) || s.Token != "" {
				t.Errorf("%v after the change began: %v, want ErrInvalidCredentials", ahead, err)
			}
		}
		in.Password = deskauth.NewSecret("another password")
		checked, err = k.CheckPassword(t.Context(), in)
		testkit.Must(t, err)
		if _, err := k.IssueSession(t.Context(), checked.Issue); err != nil {
			t.Errorf("with the new password: %v", err)
		}
	}
}

// A State that cannot be read may say that sessions have ended: nobody gets a new one.
func TestUnreadableStateSignsNobodyIn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"v":2}`, "garbage", `{"v":1,"ended":7}`} {
		k := testkit.New(t, deskauth.Config{})
		u := k.MustSignup(t, "andrea@f22.it", "a long password")
		testkit.Change(t, k.Store, u.ID, func(a *deskauth.Account) { a.State = text })
		in := deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("a long password")}
		s, err := k.Signin(t.Context(), in)
		testkit.WantFailure(t, s.Token, err)
		checked, err := k.CheckPassword(t.Context(), in)
		testkit.WantFailure(t, checked.User.ID, err)
		s, err = k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID})
		testkit.WantFailure(t, s.Token, err)
	}
}

// All sessions were ended while the clock was ahead, and the clock is put back. Whoever is
// authenticated from then on gets a session. By a clock that is a little ahead, they do
// not.
func TestS45_SessionsEndedByAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ahead time.Duration
		want  error
	}{{2 * time.Hour, nil}, {31 * time.Second, nil}, {30 * time.Second, deskauth.ErrInvalidCredentials}} {
		k := testkit.New(t, deskauth.Config{})
		u := k.MustSignup(t, "andrea@f22.it", "a long password")
		k.Clock.Advance(c.ahead)
		testkit.Must(t, k.SignoutEverywhere(t.Context(), u.ID))
		k.Clock.Advance(-c.ahead)
		s, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: u.ID, AuthTime: k.Clock.Now()})
		if !errors.Is(err, c.want) {
			t.Errorf("%v ahead: %v, want %v", c.ahead, err, c.want)
		}
		if c.want != nil {
			continue
		}
		if _, err := k.Verify(t.Context(), s.Token); err != nil {
			t.Errorf("%v ahead: the new session: %v", c.ahead, err)
		}
	}
}
