package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
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

// A laggingStore answers look-ups late, so that whoever writes meets another write.
type laggingStore struct{ *memstore.Store }

func (s laggingStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	acc, err := s.Store.UserByID(ctx, id)
	time.Sleep(time.Millisecond)
	return acc, err
}

// What ends sessions gets through, however many write to the account at once.
func TestS31_EndsSessionsUnderContention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testkit.NewOn(t, laggingStore{memstore.New()}, testkit.Secrets(), deskauth.Config{})
		s := k.MustSession(t, deskauth.KindUser)
		var others []deskauth.Session
		for range 60 {
			others = append(others, k.MustIssue(t, s.User.ID))
		}
		var wg sync.WaitGroup
		for _, other := range others {
			wg.Go(func() {
				if err := k.Signout(t.Context(), other.Token); err != nil {
					t.Errorf("Signout: %v", err)
				}
				k.IsOver(t, "a session that signed out", other.Token)
			})
		}
		wg.Go(func() {
			time.Sleep(5 * time.Millisecond)
			if err := k.SignoutEverywhere(t.Context(), s.User.ID); err != nil {
				t.Errorf("SignoutEverywhere: %v", err)
			}
		})
		wg.Wait()
		k.IsOver(t, "the session that did not sign out", s.Token)
	})
}

// A session that signed out stays out, whatever the clock and the settings do afterwards.
func TestS48_SignedOutStaysOut(t *testing.T) {
	t.Parallel()
	another := func(t *testing.T, k *testkit.Kit, id string) {
		t.Helper()
		if err := k.Signout(t.Context(), k.MustIssue(t, id).Token); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]func(t *testing.T, k *testkit.Kit, s deskauth.Session){
		"a lifetime was lowered": func(t *testing.T, k *testkit.Kit, s deskauth.Session) {
			lower := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{GuestTTL: testkit.Day, SessionTTL: time.Hour})
			if err := lower.Signout(t.Context(), s.Token); err != nil {
				t.Fatal(err)
			}
			for range 64 { // so that none is remembered longer than it has to be
				lower.Clock.Advance(testkit.Day)
				another(t, lower, s.User.ID)
			}
			lower.IsOver(t, "it", s.Token)
		},
		"the clock jumps ahead": func(t *testing.T, k *testkit.Kit, s deskauth.Session) {
			if err := k.Signout(t.Context(), s.Token); err != nil {
				t.Fatal(err)
			}
			k.Clock.Advance(400 * testkit.Day)
			another(t, k, s.User.ID)
			k.Clock.Advance(-400 * testkit.Day)
			k.IsOver(t, "it", s.Token)
		},
		"the clock was ahead": func(t *testing.T, k *testkit.Kit, s deskauth.Session) {
			k.Clock.Advance(400 * testkit.Day)
			ahead := k.MustIssue(t, s.User.ID)
			k.Clock.Advance(-400 * testkit.Day)
			if err := k.Signout(t.Context(), ahead.Token); err != nil {
				t.Fatal(err)
			}
			k.Clock.Advance(40 * testkit.Day)
			for range 2 * 64 {
				another(t, k, s.User.ID)
			}
			k.IsOver(t, "it", ahead.Token)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []deskauth.Kind{deskauth.KindGuest, deskauth.KindUser} {
				k := testkit.New(t, deskauth.Config{GuestTTL: 90 * testkit.Day})
				tt(t, k, k.MustSession(t, kind))
			}
		})
	}
}

// Of two tokens of a session the older one has expired. Signing out with it ends the other.
func TestS48_ExpiredTokenEndsItsSession(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	old := k.MustSession(t, deskauth.KindUser)
	k.Clock.Advance(13 * time.Hour)
	renewed := k.MustCustom(t, old.Token)
	k.Clock.Advance(12 * time.Hour)
	k.GoesOn(t, "the renewed token", renewed.Token)
	if err := k.Signout(t.Context(), old.Token); err != nil {
		t.Fatal(err)
	}
	k.IsOver(t, "the renewed token", renewed.Token)
}

// Agents sign out twice a day for months, and no sign-out ends more than its own session.
func TestS48_ManySignoutsOverTime(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	id := k.MustSession(t, deskauth.KindUser).User.ID
	for range 200 {
		k.Clock.Advance(testkit.Day / 2)
		if err := k.Signout(t.Context(), k.MustIssue(t, id).Token); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := k.Store.UserByID(t.Context(), id); err != nil || a.SessionEpoch != 0 {
		t.Errorf("SessionEpoch %d, %v; want 0", a.SessionEpoch, err)
	}
}

// An account that was disabled in the database, and is enabled there again, has no session
// that was ended meanwhile.
func TestS31_EndedWhileDisabledByHand(t *testing.T) {
	t.Parallel()
	disable := func(t *testing.T, k *testkit.Kit, id string, disabled bool) {
		testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.Disabled = disabled })
	}
	for name, end := range map[string]func(t *testing.T, k *testkit.Kit, s deskauth.Session) error{
		"Signout": func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
			return k.Signout(t.Context(), s.Token)
		},
		"SetDisabled": func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
			return k.SetDisabled(t.Context(), s.User.ID, true)
		},
	} {
		for _, kind := range testkit.Kinds {
			k := testkit.New(t, deskauth.Config{})
			s := k.MustSession(t, kind)
			disable(t, k, s.User.ID, true)
			if err := end(t, k, s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			disable(t, k, s.User.ID, false)
			k.IsOver(t, name+", "+string(kind), s.Token)
		}
	}
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
