package deskauth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Clients post their stored session token at every page load. They get it back while it
// is young, and a fresh one of the same sign-in when half of its life is over.
func TestRestore(t *testing.T) {
	t.Parallel()
	for kind, ttl := range map[deskauth.Kind]time.Duration{
		deskauth.KindUser: testkit.Day, deskauth.KindGuest: 30 * testkit.Day, deskauth.KindExternal: testkit.Day,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			s := k.MustSession(t, kind)
			before := k.Store.Len()
			k.Events.Take()
			testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.LastName = "Changed" })

			k.Clock.Set(testkit.Start.Add(ttl/2 - time.Second))
			staysTheSame(t, k, s)
			k.Clock.Set(testkit.Start.Add(ttl / 2))
			isRenewed(t, k, s, ttl)
			if n := k.Store.Len(); n != before {
				t.Errorf("%d accounts; there were %d", n, before)
			}
		})
	}
}

// staysTheSame comes back with a young session of an account that was changed.
func staysTheSame(t *testing.T, k *testkit.Kit, s deskauth.Session) {
	t.Helper()
	same := k.MustCustom(t, "JWT "+s.Token)
	if same.Token != s.Token || !same.ExpiresAt.Equal(s.ExpiresAt) {
		t.Errorf("before half of its life: another token, or another end: %v, was %v", same.ExpiresAt, s.ExpiresAt)
	}
	if same.User.ID != s.User.ID || same.User.LastName != "Changed" {
		t.Errorf("the answer's user is %+v, want %s as stored now", same.User, s.User.ID)
	}
	e := k.Events.Take()
	if len(e) != 1 || e[0].Type != deskauth.EventSessionRestored || e[0].UserID != s.User.ID ||
		e[0].Kind != s.User.Kind {
		t.Errorf("events %+v, want one, session_restored", e)
	}
}

// isRenewed comes back with a session that is half as old as it may be.
func isRenewed(t *testing.T, k *testkit.Kit, s deskauth.Session, ttl time.Duration) {
	t.Helper()
	fresh := k.MustCustom(t, s.Token)
	e := k.Events.Take()
	if len(e) != 1 || e[0].Type != deskauth.EventSessionRenewed || e[0].UserID != s.User.ID {
		t.Errorf("events %+v, want one, session_renewed", e)
	}
	old, err1 := k.Verify(t.Context(), s.Token)
	id, err2 := k.Verify(t.Context(), fresh.Token)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if fresh.Token == s.Token || id.TokenID == old.TokenID || id.SessionID != old.SessionID || id.UserID != s.User.ID ||
		id.LastName != "Changed" {
		t.Errorf("after half of its life: %+v, want a fresh token of the same account", id)
	}
	now := k.Clock.Now()
	if !id.IssuedAt.Equal(now) || !id.AuthTime.Equal(testkit.Start) {
		t.Errorf("issued %v, signed in %v; want %v and %v", id.IssuedAt, id.AuthTime, now, testkit.Start)
	}
	if end := now.Add(ttl); !id.ExpiresAt.Equal(end) || !fresh.ExpiresAt.Equal(end) {
		t.Errorf("the token ends %v, the session %v; want %v", id.ExpiresAt, fresh.ExpiresAt, end)
	}
}

// A client that comes back every 13 hours gets fresh tokens. None lives longer than
// MaxSessionAge after the sign-in.
func TestRestoreUpToMaxSessionAge(t *testing.T) {
	t.Parallel()
	const maxAge = 100 * time.Hour
	for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindExternal} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{MaxSessionAge: maxAge})
			s := k.MustSession(t, kind)
			for now := 13 * time.Hour; now < maxAge; now += 13 * time.Hour {
				k.Clock.Set(testkit.Start.Add(now))
				next := k.MustCustom(t, s.Token)
				if want := testkit.Start.Add(min(now+24*time.Hour, maxAge)); !next.ExpiresAt.Equal(want) {
					t.Errorf("after %v the session ends at %v, want %v", now, next.ExpiresAt, want)
				}
				if renewed := next.Token != s.Token; renewed != next.ExpiresAt.After(s.ExpiresAt) {
					t.Errorf("after %v: renewed %t, and the end went from %v to %v",
						now, renewed, s.ExpiresAt, next.ExpiresAt)
				}
				id, err := k.Verify(t.Context(), next.Token)
				if err != nil || !id.AuthTime.Equal(testkit.Start) || !id.ExpiresAt.Equal(next.ExpiresAt) {
					t.Errorf("after %v: signed in %v, ends %v, %v", now, id.AuthTime, id.ExpiresAt, err)
				}
				s = next
			}
			k.Clock.Set(testkit.Start.Add(maxAge + 29*time.Second))
			if last := k.MustCustom(t, s.Token); last.Token != s.Token {
				t.Error("a session past MaxSessionAge was renewed")
			}
			k.Clock.Set(testkit.Start.Add(maxAge + 30*time.Second))
			k.RefusedCustom(t, s.Token, "expired")
		})
	}
}

func TestRestoreOfGuestsHasNoEnd(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{MaxSessionAge: time.Hour})
	s := k.MustGuest(t, testkit.ProjectA)
	for range 100 {
		k.Clock.Advance(20 * 24 * time.Hour)
		next, end := k.MustCustom(t, s.Token), k.Clock.Now().Add(30*testkit.Day)
		if next.Token == s.Token || next.User.ID != s.User.ID || !next.ExpiresAt.Equal(end) {
			t.Fatalf("at %v: ends %v, renewed %t", k.Clock.Now(), next.ExpiresAt, next.Token != s.Token)
		}
		s = next
	}
	if id, err := k.VerifyStateless(t.Context(), s.Token); err != nil || !id.AuthTime.Equal(testkit.Start) {
		t.Errorf("signed in %v, %v; want %v", id.AuthTime, err, testkit.Start)
	}
}

// A MaxSessionAge that was lowered ends the sessions that are older.
func TestRestoreLowerMaxSessionAge(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{SessionTTL: 48 * time.Hour})
	s, guest := k.MustCustom(t, testkit.TokenA(`"123"`)), k.MustGuest(t, testkit.ProjectA)
	strict := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{MaxSessionAge: time.Hour})
	strict.Clock.Set(testkit.Start.Add(time.Hour + 30*time.Second))
	strict.MustCustom(t, s.Token)
	strict.Clock.Advance(time.Second)
	if _, err := strict.VerifyStateless(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("VerifyStateless: %v, want ErrTokenExpired", err)
	}
	strict.RefusedCustom(t, s.Token, "expired")
	strict.MustCustom(t, guest.Token)
}

func TestRestoreAgainstTheStore(t *testing.T) {
	t.Parallel()
	both := func(a *deskauth.Account) { a.Disabled, a.SessionEpoch = true, 9 }
	for name, c := range map[string]struct {
		edit   func(*deskauth.Account)
		want   error
		reason deskauth.Reason
	}{
		"disabled":           {testkit.Disable, deskauth.ErrAccountDisabled, "account disabled"},
		"epoch raised":       {testkit.RaiseEpoch, deskauth.ErrInvalidToken, "session revoked"},
		"disabled and epoch": {both, deskauth.ErrAccountDisabled, "account disabled"},
		"another kind":       {func(a *deskauth.Account) { a.Kind = "other" }, deskauth.ErrInvalidToken, "bad claims"},
	} {
		for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
			for _, after := range []time.Duration{0, 23 * time.Hour} {
				t.Run(fmt.Sprint(name, " ", kind, " ", after), func(t *testing.T) {
					t.Parallel()
					k := testkit.New(t, deskauth.Config{GuestTTL: 24 * time.Hour})
					s := k.MustSession(t, kind)
					testkit.Change(t, k.Store, s.User.ID, c.edit)
					k.Clock.Advance(after)
					got, err := k.TryCustom(t, s.Token)
					if err != c.want || got.Token != "" || got.User.ID != "" {
						t.Errorf("token %q, error %v; want %v", got.Token, err, c.want)
					}
					if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != c.reason {
						t.Errorf("event %s, reason %q; want refused, %q", e.Type, e.Reason, c.reason)
					}
				})
			}
		}
	}
}

// A renewed token carries the epoch of its account: the next raise ends that session too.
func TestRestoreKeepsTheEpoch(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustCustom(t, testkit.TokenA(`"123"`))
	testkit.Change(t, k.Store, first.User.ID, func(a *deskauth.Account) { a.SessionEpoch = 3 })
	second := k.MustCustom(t, testkit.TokenA(`"123"`))
	k.Clock.Advance(13 * time.Hour)
	third := k.MustCustom(t, second.Token)
	k.RefusedCustom(t, first.Token, "session revoked")
	if _, err := k.Verify(t.Context(), third.Token); err != nil {
		t.Errorf("the renewed session: %v", err)
	}
	testkit.Change(t, k.Store, first.User.ID, func(a *deskauth.Account) { a.SessionEpoch = 4 })
	k.RefusedCustom(t, third.Token, "session revoked")
}

// A client comes back only while a fresh token could be signed, so a signing key that is
// over shows at once.
func TestRestoreNeedsASigningKey(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	s := testkit.New(t, deskauth.Config{}).MustGuest(t, testkit.ProjectA)
	over := testkit.Key("over", testkit.ForeignSecret)
	over.NotAfter = testkit.Start.Add(time.Hour)
	secrets.Session = append([]deskauth.Key{over}, secrets.Session...)
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	if err := k.Store.CreateUser(t.Context(), deskauth.Account{User: s.User}); err != nil {
		t.Fatal(err)
	}
	k.MustCustom(t, s.Token)
	k.Clock.Advance(time.Hour)
	back, err := k.TryCustom(t, s.Token)
	testkit.WantFailure(t, back.Token, err)
	if _, err := k.Verify(t.Context(), s.Token); err != nil {
		t.Errorf("Verify, which signs nothing: %v", err)
	}
}

// Coming back never shortens a session, not even when the key that signs now ends before
// the token does.
func TestRestoreNeverShortens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustCustom(t, testkit.TokenA(`"123"`))
	next := testkit.Key("next", testkit.ForeignSecret)
	next.NotAfter = testkit.Start.Add(14 * time.Hour)
	secrets := testkit.Secrets()
	secrets.Session = append([]deskauth.Key{next}, secrets.Session...)
	later := testkit.NewOn(t, k.Store, secrets, deskauth.Config{})
	later.Clock.Set(testkit.Start.Add(13 * time.Hour))
	if got := later.MustCustom(t, s.Token); got.ExpiresAt.Before(s.ExpiresAt) {
		t.Errorf("the session ended at %v; now it ends at %v", s.ExpiresAt, got.ExpiresAt)
	}
}
