package deskauth_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

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

// A session that signed out is remembered until its longest-lived token has expired: a
// guest's may be from just now, whatever token it signs out with.
func TestSignedOutIsRememberedWhileATokenLives(t *testing.T) {
	t.Parallel()
	for kind, life := range map[deskauth.Kind]time.Duration{
		deskauth.KindUser: 20 * time.Hour, deskauth.KindGuest: 20 * testkit.Day,
	} {
		k := testkit.New(t, deskauth.Config{})
		first := k.MustSession(t, kind)
		k.Clock.Advance(life) // over half of it
		renewed := k.MustCustom(t, first.Token)
		if !renewed.ExpiresAt.After(first.ExpiresAt) {
			t.Fatalf("%s: the token was not renewed", kind)
		}
		if err := k.Signout(t.Context(), first.Token); err != nil {
			t.Fatal(err)
		}
		var state struct{ Ended map[string]int64 }
		if err := json.Unmarshal([]byte(k.Stored(t, first.User.ID).State), &state); err != nil || len(state.Ended) != 1 {
			t.Fatalf("%s: the State has ended %v, %v", kind, state.Ended, err)
		}
		for _, until := range state.Ended {
			if until < renewed.ExpiresAt.Unix() {
				t.Errorf("%s: remembered until %v, and a token lives until %v", kind, time.Unix(until, 0).UTC(), renewed.ExpiresAt)
			}
		}
	}
}
