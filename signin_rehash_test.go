package deskauth_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// cheapHash is how the hashes of a kit begin.
const cheapHash = "$argon2id$v=19$m=64,t=1,p=1$"

// hashAt returns a hash of "correct horse" that was made with other parameters.
func hashAt(t *testing.T, p deskauth.Argon2Params) string {
	t.Helper()
	k := testkit.New(t, deskauth.Config{Argon2: p})
	k.MustSignup(t, "x@f22.it", "correct horse")
	acc, err := k.Store.UserByEmail(t.Context(), "x@f22.it")
	if err != nil {
		t.Fatal(err)
	}
	return acc.PasswordHash
}

func TestS18_WeakerHashIsReplacedOnSuccess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, hash string
		replaced   bool
	}{
		{"bcrypt $2a$", testkit.Bcrypt(t, "correct horse", "$2a$"), true},
		{"bcrypt $2b$", testkit.Bcrypt(t, "correct horse", "$2b$"), true},
		{"bcrypt $2y$", testkit.Bcrypt(t, "correct horse", "$2y$"), true},
		{"less memory", hashAt(t, deskauth.Argon2Params{Memory: 32, Time: 1, Parallelism: 1}), true},
		{"the same", hashAt(t, deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}), false},
		{"more memory", hashAt(t, deskauth.Argon2Params{Memory: 128, Time: 1, Parallelism: 1}), false},
		{"more passes", hashAt(t, deskauth.Argon2Params{Memory: 64, Time: 2, Parallelism: 1}), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := &testkit.CountingStore{UserStore: memstore.New()}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
			before := testkit.Put(t, store, "andrea@f22.it", tt.hash, func(a *deskauth.Account) { a.SessionEpoch = 7 })
			k.Clock.Advance(time.Hour)

			for range 3 {
				wrongPassword(t, k)
			}
			if n := store.Updates.Load(); n != 0 {
				t.Fatalf("a wrong password wrote %d times", n)
			}
			k.Events.Take()
			s := k.MustSignin(t, "andrea@f22.it", "correct horse")
			if _, err := k.Verify(t.Context(), s.Token); err != nil {
				t.Errorf("Verify: %v", err)
			}
			types, updates := k.Events.TakeTypes(), store.Updates.Load()
			after, err := store.UserByEmail(t.Context(), "andrea@f22.it")
			if err != nil {
				t.Fatal(err)
			}
			if !tt.replaced {
				kept := after.PasswordHash == tt.hash
				if updates != 0 || !kept || !slices.Equal(types, []deskauth.EventType{deskauth.EventSignedIn}) {
					t.Errorf("%d updates, events %q, hash kept %t; want nothing changed", updates, types, kept)
				}
				return
			}
			want := []deskauth.EventType{deskauth.EventPasswordRehashed, deskauth.EventSignedIn}
			if updates != 1 || !slices.Equal(types, want) {
				t.Errorf("%d updates, events %q; want one and %q", updates, types, want)
			}
			isRehashed(t, before, after)
			k.MustSignin(t, "andrea@f22.it", "correct horse")
			if n := store.Updates.Load(); n != 1 {
				t.Errorf("the second sign-in wrote again: %d updates", n)
			}
			wrongPassword(t, k) // against the new hash
		})
	}
}

func wrongPassword(t *testing.T, k *testkit.Kit) {
	t.Helper()
	_, err := k.TrySignin(t, "andrea@f22.it", "battery staple")
	if !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("a wrong password: %v, want ErrInvalidCredentials", err)
	}
}

// isRehashed compares an account before and after its hash was replaced, an hour later.
func isRehashed(t *testing.T, before, after deskauth.Account) {
	t.Helper()
	if !strings.HasPrefix(after.PasswordHash, cheapHash) {
		t.Errorf("the hash is now %.40s", after.PasswordHash)
	}
	want := before
	want.PasswordHash = after.PasswordHash
	want.UpdatedAt = before.UpdatedAt.Add(time.Hour)
	want.Version = 1
	if !reflect.DeepEqual(after, want) {
		t.Errorf("the account is now %+v, want %+v", after, want)
	}
}

func TestS18_RacingPasswordChangeWins(t *testing.T) {
	t.Parallel()
	chosen := hashAt(t, deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}) // of "correct horse"
	store := changing(t, func(a *deskauth.Account) { a.PasswordHash, a.SessionEpoch = chosen, 1 })
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	testkit.Put(t, store, "andrea@f22.it", testkit.Bcrypt(t, "the old password", ""))

	s, err := k.TrySignin(t, "andrea@f22.it", "the old password")
	if n := store.Updates.Load(); n != 1 {
		t.Fatalf("%d updates, want the one that lost", n)
	}
	acc, findErr := store.UserByEmail(t.Context(), "andrea@f22.it")
	if findErr != nil || acc.PasswordHash != chosen {
		t.Errorf("the hash is %.40s, want the one that was chosen meanwhile (%v)", acc.PasswordHash, findErr)
	}
	if slices.Contains(k.Events.TakeTypes(), deskauth.EventPasswordRehashed) {
		t.Error("the event says that the password was re-hashed")
	}
	// The old password was right when it was compared. What it got ends with the change.
	if err == nil {
		if _, err := k.Verify(t.Context(), s.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("Verify of a session by the old password: %v, want ErrInvalidToken", err)
		}
	}
	_, err = k.TrySignin(t, "andrea@f22.it", "the old password")
	if !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("the old password: %v", err)
	}
	k.MustSignin(t, "andrea@f22.it", "correct horse")
}

func TestS18_RacingDisableWins(t *testing.T) {
	t.Parallel()
	store := changing(t, testkit.Disable)
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	testkit.Put(t, store, "andrea@f22.it", testkit.Bcrypt(t, "correct horse", ""))
	s, err := k.TrySignin(t, "andrea@f22.it", "correct horse")
	if err == nil {
		if _, err := k.Verify(t.Context(), s.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("Verify of a session of the disabled account: %v", err)
		}
	}
	if acc, err := store.UserByEmail(t.Context(), "andrea@f22.it"); err != nil || !acc.Disabled {
		t.Errorf("the account is enabled again (%v)", err)
	}
}

// A sign-in whose account is deleted before its stronger hash is stored is refused, and
// brings nothing back.
func TestS18_RacingDeleteWins(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	acc := testkit.Put(t, store, "andrea@f22.it", testkit.Bcrypt(t, "correct horse", ""))
	store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
		return store.UserStore.(deskauth.UserDeleter).DeleteUser(ctx, a.ID)
	}
	s, err := k.TrySignin(t, "andrea@f22.it", "correct horse")
	if err != deskauth.ErrInvalidCredentials || s.Token != "" || store.Updates.Load() != 1 {
		t.Errorf("%v after %d updates, want ErrInvalidCredentials itself after one", err, store.Updates.Load())
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonAccountGone {
		t.Errorf("event %+v", e)
	}
	if _, err := store.UserByID(t.Context(), acc.ID); !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("the account: %v, want ErrUserNotFound", err)
	}
}

func TestDisabledAccountIsNotRehashed(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	testkit.Put(t, store, "andrea@f22.it", testkit.Bcrypt(t, "correct horse", ""), testkit.Disable)
	_, err := k.TrySignin(t, "andrea@f22.it", "correct horse")
	if !errors.Is(err, deskauth.ErrInvalidCredentials) || store.Updates.Load() != 0 {
		t.Errorf("error %v, %d updates", err, store.Updates.Load())
	}
}

// changing returns a store in which the host changes the account between the sign-in's read
// and its update.
func changing(t *testing.T, edit func(*deskauth.Account)) *testkit.CountingStore {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	store.BeforeUpdate = func(_ context.Context, a deskauth.Account) error {
		store.BeforeUpdate = nil
		testkit.Change(t, store.UserStore, a.ID, edit)
		return nil
	}
	return store
}
