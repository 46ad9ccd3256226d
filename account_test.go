package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Renewing a token writes at most once a day, and only for guests. Coming back with a token
// that is kept writes nothing.
func TestRenewalTouchesAtMostOnceADay(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{GuestTTL: 2 * time.Hour, SessionTTL: 2 * time.Hour})
	guest := k.MustGuest(t, testkit.ProjectA)
	k.MustSignup(t, "andrea@f22.it", "a long password")
	user := k.MustSignin(t, "andrea@f22.it", "a long password")
	renewals := 0
	for range 72 {
		k.Clock.Advance(time.Hour)
		for _, s := range []*deskauth.Session{&guest, &user} {
			back := k.MustCustom(t, s.Token)
			if back.Token == s.Token {
				t.Fatal("a token whose half life is over was not renewed")
			}
			*s = back
			renewals++
			if again := k.MustCustom(t, s.Token); again.Token != s.Token {
				t.Fatal("a fresh token was renewed")
			}
		}
	}
	// The user had never signed in before.
	if got := store.Updates.Load(); got != 3+1+3 {
		t.Errorf("%d renewals in three days made %d updates, want 3 of the guest and 4 of the user", renewals, got)
	}
	acc, err := store.UserByID(t.Context(), guest.User.ID)
	if err != nil || !acc.LastActiveAt.Equal(testkit.Start.Add(3*testkit.Day)) || !acc.UpdatedAt.Equal(testkit.Start) {
		t.Errorf("stored: active %v, updated %v, %v; want three days after %v, and then",
			acc.LastActiveAt, acc.UpdatedAt, err, testkit.Start)
	}
}

// What happens to the account between the look-up and the update decides.
func TestRenewalAndOthers(t *testing.T) {
	t.Parallel()
	active := testkit.Start.Add(16 * testkit.Day)
	for name, c := range map[string]struct {
		meanwhile func(*deskauth.Account)
		gone      bool
		fails     error
		want      error
		updates   int64
	}{
		"changed by the host":       {meanwhile: func(a *deskauth.Account) { a.FirstName = "Changed" }, updates: 2},
		"renewed by another window": {meanwhile: func(a *deskauth.Account) { a.LastActiveAt = active }, updates: 1},
		"purged":                    {gone: true, want: deskauth.ErrInvalidToken, updates: 1},
		"the store fails":           {fails: errors.New("disk full"), updates: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mem := memstore.New()
			store := &testkit.CountingStore{UserStore: mem}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
			s := k.MustGuest(t, testkit.ProjectA)
			k.Clock.Advance(16 * testkit.Day)
			once := true
			store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
				if !once {
					return nil
				}
				once = false
				if c.gone {
					return mem.DeleteUser(ctx, a.ID)
				}
				if c.meanwhile != nil {
					testkit.Change(t, mem, a.ID, c.meanwhile)
				}
				return c.fails
			}
			back, err := k.TryCustom(t, s.Token)
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
			if got := store.Updates.Load(); got != c.updates {
				t.Errorf("%d updates, want %d", got, c.updates)
			}
			if err == nil {
				acc, err := mem.UserByID(t.Context(), s.User.ID)
				if err != nil || !acc.LastActiveAt.Equal(active) {
					t.Errorf("active %v, %v; want %v", acc.LastActiveAt, err, active)
				}
			}
		})
	}
}

// Of two changes of an account the later one has the later UpdatedAt. They may be made in
// one millisecond, or by a process whose clock is behind.
func TestUpdatedAtNeverGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	last := k.MustCustom(t, testkit.TokenA(`"123"`)).User.UpdatedAt
	for i, ahead := range []time.Duration{0, 0, -5 * time.Second, time.Minute} {
		k.Clock.Advance(ahead)
		got := k.MustCustom(t, testkit.TokenA(`"123"`, fmt.Sprintf(`"firstname":"name %d"`, i))).User.UpdatedAt
		if !got.After(last) || ahead > 0 && !got.Equal(k.Clock.Now()) {
			t.Errorf("change %d: UpdatedAt is %v, was %v, and it is %v", i, got, last, k.Clock.Now())
		}
		last = got
	}

	ahead := k.Clock.Now().Add(5 * time.Second)
	weak := testkit.Bcrypt(t, "correct horse", "$2a$")
	testkit.Put(t, k.Store, "andrea@f22.it", weak, func(a *deskauth.Account) { a.UpdatedAt = ahead })
	k.MustSignin(t, "andrea@f22.it", "correct horse")
	got, err := k.Store.UserByEmail(t.Context(), "andrea@f22.it")
	if err != nil || !got.UpdatedAt.After(ahead) {
		t.Errorf("a new hash: UpdatedAt is %v, was %v, and it is %v; error %v",
			got.UpdatedAt, ahead, k.Clock.Now(), err)
	}
}

func TestNewIDIsChecked(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int{0, 128, 129} {
		id := strings.Repeat("i", bytes)
		k := testkit.New(t, deskauth.Config{NewID: func() string { return id }})
		u, err := k.Signup(t.Context(), testkit.Andrea())
		if bytes == 128 {
			if err != nil || u.ID != id {
				t.Errorf("%d bytes: user %q, error %v", bytes, u.ID, err)
			}
		} else if err == nil || u.ID != "" || !strings.Contains(err.Error(), "NewID") ||
			k.Events.TakeLast().Type != deskauth.EventFailed || k.Store.Len() != 0 {
			t.Errorf("%d bytes: user %q, error %v, %d accounts; want a failure that names NewID",
				bytes, u.ID, err, k.Store.Len())
		}
		// A second account of one ID is the fault of NewID, not of the caller.
		in := testkit.Andrea()
		in.Email = "second@f22.it"
		_, err = k.Signup(t.Context(), in)
		_, guestErr := k.TryGuest(t, testkit.ProjectA)
		testkit.WantFailure(t, "", err)
		testkit.WantFailure(t, "", guestErr)
	}
}

// Deleting also ends the sessions of an external user who signs in again, whose account has
// the same ID as before.
func TestS31_DeletingEndsEverySession(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "a long password")
	for name, signin := range map[string]func() deskauth.Session{
		"user":     func() deskauth.Session { return k.MustSignin(t, "andrea@f22.it", "a long password") },
		"guest":    func() deskauth.Session { return k.MustGuest(t, testkit.ProjectA) },
		"external": func() deskauth.Session { return k.MustCustom(t, testkit.TokenA(`"123"`)) },
	} {
		old := signin()
		if err := k.Store.DeleteUser(t.Context(), old.User.ID); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if _, err := k.Verify(t.Context(), old.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("%s: Verify of a deleted account's token: %v, want ErrInvalidToken (look %d)", name, err, i)
			}
			if _, err := k.TryCustom(t, old.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("%s: back with a deleted account's token: %v, want ErrInvalidToken (look %d)", name, err, i)
			}
			if name != "external" {
				break
			}
			k.Clock.Advance(time.Millisecond) // within the second
			if again := signin(); again.User.ID != old.User.ID {
				t.Fatalf("%s: the ID is %s, and was %s", name, again.User.ID, old.User.ID)
			}
		}
	}
}
