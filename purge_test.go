package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

const day = 24 * time.Hour

// purge fails the test unless PurgeGuests deletes so many.
func (k *kit) purge(t *testing.T, idleSince time.Time, limit, want int) {
	t.Helper()
	if got, err := k.PurgeGuests(t.Context(), idleSince, limit); err != nil || got != want {
		t.Errorf("PurgeGuests(%v, %d) = %d, %v; want %d", idleSince, limit, got, err, want)
	}
}

func TestPurgeGuests(t *testing.T) {
	t.Parallel()
	k := newAuth(t, deskauth.Config{})
	user := k.signup(t, "andrea@f22.it", "a long password")
	external := k.custom(t, tokenA(`"123"`))
	early := k.guest(t, projectA)
	k.clock.Advance(day)
	late := k.guest(t, projectB)
	k.clock.Advance(90 * day)

	k.purge(t, start, 10, 0) // nobody is idle since before the first
	k.purge(t, start.Add(time.Millisecond), 10, 1)
	if _, err := k.store.UserByID(t.Context(), early.User.ID); !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("the guest who was idle longest: %v, want ErrUserNotFound", err)
	}
	if _, err := k.store.UserByID(t.Context(), late.User.ID); err != nil {
		t.Errorf("the guest who came later: %v", err)
	}
	k.purge(t, k.clock.Now(), 10, 1)
	for _, id := range []string{user.ID, external.User.ID} {
		if _, err := k.store.UserByID(t.Context(), id); err != nil {
			t.Errorf("somebody who is no guest: %v", err)
		}
	}
}

// A guest who holds a token that lives is not idle by the rule that the comment of
// PurgeGuests gives.
func TestPurgeGuests_SparesWhoMayComeBack(t *testing.T) {
	t.Parallel()
	const ttl = 30 * day
	k := newAuth(t, deskauth.Config{})
	s := k.guest(t, projectA)
	for range 20 {
		k.clock.Set(s.ExpiresAt.Add(-time.Second)) // as late as it can
		if back := k.custom(t, s.Token); back.Token != s.Token {
			s = back
		}
		k.purge(t, k.clock.Now().Add(-ttl-day), 10, 0)
		if _, err := k.Verify(t.Context(), s.Token); err != nil {
			t.Fatalf("a guest whose token lives: %v", err)
		}
	}
	k.clock.Set(s.ExpiresAt.Add(day + time.Second))
	k.purge(t, k.clock.Now().Add(-ttl-day), 10, 1)
}

// A token without an end is never renewed: its guest is active whenever it comes back.
func TestPurgeGuests_SparesTokensWithoutAnEnd(t *testing.T) {
	t.Parallel()
	k := newAuth(t, deskauth.Config{AcceptNoExpiry: true})
	if err := k.store.CreateUser(t.Context(), deskauth.Account{User: deskauth.User{ID: "imported", Kind: deskauth.KindGuest, ProjectID: projectA, CreatedAt: start, UpdatedAt: start}}); err != nil {
		t.Fatal(err)
	}
	token := forge(hs256, `{"_id":"imported","iat":1767323045,"aud":"https://tiledesk.com","iss":"https://tiledesk.com","sub":"guest"}`, sessionSecret)
	for range 40 {
		k.clock.Advance(day)
		if back := k.custom(t, token); back.Token != token {
			t.Fatal("a token without an end was renewed")
		}
	}
	k.purge(t, k.clock.Now().Add(-31*day), 10, 0)
	k.clock.Advance(32 * day)
	k.purge(t, k.clock.Now().Add(-31*day), 10, 1)
}

// Renewing a token writes at most once a day, and only for guests; coming back with a
// token that is kept writes nothing.
func TestRenewalTouchesAtMostOnceADay(t *testing.T) {
	t.Parallel()
	store := &countingStore{UserStore: memstore.New()}
	k := newAuthOn(t, store, testSecrets(), deskauth.Config{GuestTTL: 2 * time.Hour, SessionTTL: 2 * time.Hour})
	guest := k.guest(t, projectA)
	k.signup(t, "andrea@f22.it", "a long password")
	user := k.signin(t, "andrea@f22.it", "a long password")
	renewals := 0
	for range 72 {
		k.clock.Advance(time.Hour)
		for _, s := range []*deskauth.Session{&guest, &user} {
			back := k.custom(t, s.Token)
			if back.Token == s.Token {
				t.Fatal("a token whose half life is over was not renewed")
			}
			*s = back
			renewals++
			if again := k.custom(t, s.Token); again.Token != s.Token {
				t.Fatal("a fresh token was renewed")
			}
		}
	}
	if got := store.updates.Load(); got != 3 {
		t.Errorf("%d renewals in three days made %d updates, want 3", renewals, got)
	}
	acc, err := store.UserByID(t.Context(), guest.User.ID)
	if err != nil || !acc.LastActiveAt.Equal(start.Add(3*day)) || !acc.UpdatedAt.Equal(start) {
		t.Errorf("stored: active %v, updated %v, %v; want %v and %v", acc.LastActiveAt, acc.UpdatedAt, err, start.Add(3*day), start)
	}
}

// What happens to the account between the look-up and the update decides.
func TestRenewalAndOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*deskauth.Account)
		gone      bool
		fails     error
		want      error
		updates   int64
	}{
		"changed by the host":       {meanwhile: func(a *deskauth.Account) { a.FirstName = "Changed" }, updates: 2},
		"renewed by another window": {meanwhile: func(a *deskauth.Account) { a.LastActiveAt = start.Add(16 * day) }, updates: 1},
		"purged":                    {gone: true, want: deskauth.ErrInvalidToken, updates: 1},
		"the store fails":           {fails: errors.New("disk full"), updates: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mem := memstore.New()
			store := &countingStore{UserStore: mem}
			k := newAuthOn(t, store, testSecrets(), deskauth.Config{})
			s := k.guest(t, projectA)
			k.clock.Advance(16 * day)
			once := true
			store.beforeUpdate = func(ctx context.Context, a deskauth.Account) error {
				if !once {
					return nil
				}
				once = false
				if c.gone {
					return mem.DeleteUser(ctx, a.ID)
				}
				if c.meanwhile != nil {
					change(t, mem, a.ID, c.meanwhile)
				}
				return c.fails
			}
			back, err := k.tryCustom(t, s.Token)
			switch {
			case c.fails != nil:
				if err == nil || errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("S23 got %v, want a failure that is no refusal", err)
				}
			case !errors.Is(err, c.want) || c.want == nil && err != nil:
				t.Errorf("got %v, want %v", err, c.want)
			}
			if (err == nil) != (back.Token != "") {
				t.Errorf("got a token: %t, with the error %v", back.Token != "", err)
			}
			if got := store.updates.Load(); got != c.updates {
				t.Errorf("%d updates, want %d", got, c.updates)
			}
			if err == nil {
				acc, err := mem.UserByID(t.Context(), s.User.ID)
				if err != nil || !acc.LastActiveAt.Equal(start.Add(16*day)) {
					t.Errorf("active %v, %v; want %v", acc.LastActiveAt, err, start.Add(16*day))
				}
			}
		})
	}
}

func TestPurgeGuests_Batches(t *testing.T) {
	t.Parallel()
	store := &purgingStore{Store: memstore.New()}
	k := newAuthOn(t, store, testSecrets(), deskauth.Config{Limits: deskauth.Limits{GuestsPerProject: deskauth.NoLimit}})
	const guests = 1300
	for range guests {
		k.guest(t, projectA)
	}
	k.clock.Advance(day)
	k.purge(t, k.clock.Now(), 1, 1)
	k.purge(t, k.clock.Now(), 1100, 1100)
	k.purge(t, k.clock.Now(), 1000, guests-1101)
	if got, want := fmt.Sprint(store.limits), "[1 500 500 100 500]"; got != want {
		t.Errorf("the store was asked for %s, want %s", got, want)
	}

	for range 600 {
		k.guest(t, projectA)
	}
	k.clock.Advance(day)
	store.failAfter = len(store.limits) + 1
	if n, err := k.PurgeGuests(t.Context(), k.clock.Now(), 600); n != 500 || !errors.Is(err, errFull) {
		t.Errorf("PurgeGuests on a store that fails in the second batch = %d, %v; want 500 and the store's error", n, err)
	}
}

var errFull = errors.New("disk full")

type purgingStore struct {
	*memstore.Store
	limits    []int
	failAfter int
}

func (s *purgingStore) PurgeIdle(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
	s.limits = append(s.limits, limit)
	if s.failAfter > 0 && len(s.limits) > s.failAfter {
		return 0, errFull
	}
	return s.Store.PurgeIdle(ctx, kind, since, limit)
}

func TestPurgeGuests_Refuses(t *testing.T) {
	t.Parallel()
	k := newAuth(t, deskauth.Config{})
	k.guest(t, projectA)
	for name, c := range map[string]struct {
		since time.Time
		limit int
	}{
		"a time in the future": {start.Add(time.Second), 10},
		"limit 0":              {start, 0},
		"a negative limit":     {start, -1},
	} {
		n, err := k.PurgeGuests(t.Context(), c.since, c.limit)
		if _, ok := errors.AsType[*deskauth.ValidationError](err); !ok || n != 0 || k.store.Len() != 1 {
			t.Errorf("%s: %d, %v, %d accounts left; want a ValidationError and nobody deleted", name, n, err, k.store.Len())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.PurgeGuests(ctx, start, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v, want it", err)
	}
	plain := newAuthOn(t, struct{ deskauth.UserStore }{k.store}, testSecrets(), deskauth.Config{})
	if _, err := plain.PurgeGuests(t.Context(), start, 10); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("on a store that cannot purge: %v, want errors.ErrUnsupported", err)
	}
}

// TestS31_DeletingEndsEverySession: also that of an external user who signs in again, whose
// account has the same ID as before.
func TestS31_DeletingEndsEverySession(t *testing.T) {
	t.Parallel()
	k := newAuth(t, deskauth.Config{})
	k.signup(t, "andrea@f22.it", "a long password")
	for name, signin := range map[string]func() deskauth.Session{
		"user":     func() deskauth.Session { return k.signin(t, "andrea@f22.it", "a long password") },
		"guest":    func() deskauth.Session { return k.guest(t, projectA) },
		"external": func() deskauth.Session { return k.custom(t, tokenA(`"123"`)) },
	} {
		old := signin()
		if err := k.store.DeleteUser(t.Context(), old.User.ID); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if _, err := k.Verify(t.Context(), old.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("%s: Verify of a deleted account's token: %v, want ErrInvalidToken (look %d)", name, err, i)
			}
			if _, err := k.tryCustom(t, old.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("%s: coming back with a deleted account's token: %v, want ErrInvalidToken (look %d)", name, err, i)
			}
			if name != "external" {
				break
			}
			k.clock.Advance(time.Millisecond) // within the second
			if again := signin(); again.User.ID != old.User.ID {
				t.Fatalf("%s: the ID is %s, and was %s", name, again.User.ID, old.User.ID)
			}
		}
	}
}
