package deskauth_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Signing out ends the session with the tokens before and after a renewal, and no other.
func TestS48_SignoutEndsOneSession(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		k := testkit.New(t, deskauth.Config{})
		first := k.MustSession(t, kind)
		other := k.MustIssue(t, first.User.ID)
		k.Clock.Advance(16 * testkit.Day) // half of a guest's life
		if kind != deskauth.KindGuest {
			k.Clock.Set(testkit.Start.Add(13 * time.Hour))
		}
		renewed := k.MustCustom(t, first.Token)
		if renewed.Token == first.Token {
			t.Fatalf("%s: the token was not renewed", kind)
		}
		k.Events.Take()
		if err := k.Signout(t.Context(), "JWT "+first.Token); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventSignedOut || e.Operation != deskauth.OperationSignout ||
			e.UserID != first.User.ID || e.Kind != kind {
			t.Errorf("%s: event %+v", kind, e)
		}
		k.IsOver(t, string(kind)+", the token that signed out", first.Token)
		k.IsOver(t, string(kind)+", its renewal", renewed.Token)
		k.GoesOn(t, string(kind)+", the other session", other.Token)
		k.GoesOn(t, string(kind)+", a session from now on", k.MustIssue(t, first.User.ID).Token)
	}
}

// Of more sign-outs than an account has room for none is lost.
func TestS48_The65thSignoutEndsAll(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustSession(t, deskauth.KindUser)
	stays := k.MustIssue(t, first.User.ID)
	var ended []deskauth.Session
	for range 64 {
		s := k.MustIssue(t, first.User.ID)
		ended = append(ended, s)
		if err := k.Signout(t.Context(), s.Token); err != nil {
			t.Fatal(err)
		}
	}
	k.GoesOn(t, "a session that did not sign out", stays.Token)
	if err := k.Signout(t.Context(), first.Token); err != nil {
		t.Fatal(err)
	}
	for i, s := range append(ended, first, stays) {
		k.IsOver(t, fmt.Sprint("session ", i), s.Token)
	}
	next, other := k.MustIssue(t, first.User.ID), k.MustIssue(t, first.User.ID)
	k.GoesOn(t, "a session from now on", next.Token)
	if err := k.Signout(t.Context(), next.Token); err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "the next to sign out", next.Token)
	k.GoesOn(t, "one beside the next to sign out", other.Token)
}

// Many sign out at once, while others come back and the agent signs in.
func TestS48_SignoutsAtOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustSession(t, deskauth.KindUser)
	var sessions []deskauth.Session
	for range 12 {
		sessions = append(sessions, k.MustIssue(t, first.User.ID))
	}
	var wg sync.WaitGroup
	for _, s := range sessions {
		wg.Go(func() {
			if err := k.Signout(t.Context(), s.Token); err != nil {
				t.Errorf("Signout: %v", err)
			}
		})
		wg.Go(func() { _, _ = k.Verify(t.Context(), s.Token) })
	}
	wg.Wait()
	for i, s := range sessions {
		k.IsOver(t, fmt.Sprint("session ", i), s.Token)
	}
	k.GoesOn(t, "the first session", first.Token)
}

// A session that is over already has nothing to end. One that was never ours is refused.
func TestSignoutOfOtherTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	for range 2 {
		if err := k.Signout(t.Context(), s.Token); err != nil {
			t.Errorf("signing out twice: %v", err)
		}
	}
	expired := k.MustIssue(t, s.User.ID)
	k.Clock.Advance(2 * testkit.Day)
	if err := k.Signout(t.Context(), expired.Token); err != nil {
		t.Errorf("an expired token: %v", err)
	}
	gone := k.MustIssue(t, s.User.ID)
	if err := k.Store.DeleteUser(t.Context(), s.User.ID); err != nil {
		t.Fatal(err)
	}
	if err := k.Signout(t.Context(), gone.Token); err != nil {
		t.Errorf("the token of a deleted account: %v", err)
	}
	for _, token := range []string{"", "x", testkit.TokenA(`"1"`), testkit.Forge(testkit.HS256, testkit.PartOf(t,
		gone.Token, 1), testkit.SecretA)} {
		if err := k.Signout(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("%.40q: %v, want ErrInvalidToken", token, err)
		}
	}
	echoing := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	custom := echoing.MustCustom(t, testkit.TokenA(`"1"`))
	if err := echoing.Signout(t.Context(), custom.Token); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a custom token that serves as a session: %v, want ErrUnsupported", err)
	}
}

// A token of another server names no session, so signing out ends all.
func TestSignoutOfAnotherServersToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	guest := k.MustGuest(t, testkit.ProjectA)
	foreign := testkit.EndlessGuest(guest.User)
	k.GoesOn(t, "the token of another server", foreign)
	if err := k.Signout(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "it", foreign)
	k.IsOver(t, "the session of ours", guest.Token)
	k.Clock.Advance(time.Hour)
	later := testkit.ForgeSession(fmt.Sprintf(
		`{"_id":%q,"sub":"guest","iat":%d,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`,
		guest.User.ID, k.Clock.Now().Unix()))
	k.GoesOn(t, "a token that the other server issued later", later)
	testkit.Change(t, k.Store, guest.User.ID, testkit.RaiseEpoch)
	k.IsOver(t, "any of them after SQL has raised the epoch", later)
}

// Such a token that has expired ends nothing: it names no session, and its time is over.
func TestSignoutOfAnotherServersExpiredToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	guest := k.MustGuest(t, testkit.ProjectA)
	expired := testkit.ForgeSession(fmt.Sprintf(
		`{"_id":%q,"sub":"guest","iat":%d,"exp":%d,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`,
		guest.User.ID, testkit.Start.Unix()-7200, testkit.Start.Unix()-3600))
	if err := k.Signout(t.Context(), expired); err != nil {
		t.Fatal(err)
	}
	k.GoesOn(t, "the session of ours", guest.Token)
}

// After SignoutEverywhere no session and no custom token of before works, in the same
// second too.
func TestS31_SignoutEverywhere(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		k := testkit.New(t, deskauth.Config{})
		first := k.MustSession(t, kind)
		other := k.MustIssue(t, first.User.ID)
		k.Events.Take()
		if err := k.SignoutEverywhere(t.Context(), first.User.ID); err != nil {
			t.Fatal(err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventSignedOutEverywhere || e.UserID != first.User.ID ||
			e.Kind != kind {
			t.Errorf("%s: event %+v", kind, e)
		}
		k.IsOver(t, string(kind)+", one session", first.Token)
		k.IsOver(t, string(kind)+", another session", other.Token)
		k.GoesOn(t, string(kind)+", a session from now on", k.MustIssue(t, first.User.ID).Token)
	}
	k := testkit.New(t, deskauth.Config{})
	if err := k.SignoutEverywhere(t.Context(), "nobody"); err != deskauth.ErrUserNotFound {
		t.Errorf("an account that is not there: %v, want ErrUserNotFound", err)
	}
}
