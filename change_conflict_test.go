package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// newContended returns a kit on a store in which another write comes first each time that
// contended reports true. It gets the number of the update, from 1.
func newContended(t *testing.T, contended func(update int64) bool) (*testkit.Kit, *testkit.CountingStore) {
	t.Helper()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	store.BeforeUpdate = func(context.Context, deskauth.Account) error {
		if contended(store.Updates.Load()) {
			return deskauth.ErrConflict
		}
		return nil
	}
	return testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{}), store
}

// rename changes the first name to the one before and an A.
func rename(a *deskauth.Account) { a.FirstName += "A" }

// What must not be lost is tried again, on the account as it is then.
func TestChangeIsTriedAgain(t *testing.T) {
	t.Parallel()
	k, store := newContended(t, func(int64) bool { return false })
	u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
	before := stored(t, store, u.ID)
	written := 0
	store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
		if written == 6 { // from the fourth on there are pauses
			return nil
		}
		written++
		a.FirstName, a.Version = before.FirstName+strings.Repeat("B", written), before.Version+int64(written)-1
		if err := store.UserStore.UpdateUser(ctx, a); err != nil {
			t.Errorf("the other write: %v", err)
		}
		return deskauth.ErrConflict
	}
	got, err := deskauth.Change(t.Context(), k.Auth, before, rename)
	if want := before.FirstName + "BBBBBBA"; err != nil || got.FirstName != want {
		t.Errorf("%q, %v; want %q", got.FirstName, err, want)
	}
	if now := stored(t, store, u.ID); !reflect.DeepEqual(got, now) {
		t.Errorf("returned\n%+v, stored is\n%+v", got, now)
	}
}

// stored returns an account as the store has it.
func stored(t *testing.T, store deskauth.UserStore, id string) deskauth.Account {
	t.Helper()
	acc, err := store.UserByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

// What the next sign-in does again is left undone after 16 tries, and fails nobody's
// sign-in.
func TestOptionalChangeGivesUp(t *testing.T) {
	t.Parallel()
	k, store := newContended(t, func(int64) bool { return true })
	token := testkit.TokenA(`"123"`, `"firstname":"A"`)
	first := k.MustCustom(t, token)
	store.Updates.Store(0)
	again := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"B"`))
	if got := store.Updates.Load(); got != 16 || again.User.FirstName != first.User.FirstName {
		t.Errorf("%d tries, and the first name is %q; want 16, and the one before", got, again.User.FirstName)
	}
}

// A caller who goes ends the tries, in the pause between two of them. It does so on a store
// too that looks at no context.
func TestChangeEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	for _, heeds := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		k, store := newContended(t, func(update int64) bool {
			if update == 10 {
				cancel()
			}
			return true
		})
		if !heeds {
			store.UserStore = heedlessStore{store.UserStore}
		}
		u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
		_, err := deskauth.Change(ctx, k.Auth, stored(t, store, u.ID), rename)
		if got := store.Updates.Load(); got != 10 || !errors.Is(err, context.Canceled) {
			t.Errorf("heeded %t: %d tries, %v; want 10, and that the context ended", heeds, got, err)
		}
	}
}

// A heedlessStore finds accounts for callers that have gone.
type heedlessStore struct{ deskauth.UserStore }

func (s heedlessStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.UserStore.UserByID(context.WithoutCancel(ctx), id)
}

// The first four tries follow at once. Before each of the others there is a random pause of
// less than 10 ms, so that many writers get out of step. After 1000 it is an ErrConflict.
func TestChangePausesBetweenItsTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried []time.Time
		k, store := newContended(t, func(int64) bool {
			tried = append(tried, time.Now())
			return true
		})
		u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
		_, err := deskauth.Change(t.Context(), k.Auth, stored(t, store, u.ID), rename)
		if !errors.Is(err, deskauth.ErrConflict) || len(tried) != 1000 {
			t.Fatalf("%d tries, %v; want 1000 and ErrConflict", len(tried), err)
		}
		var longest time.Duration
		for i := range tried[1:] {
			pause := tried[i+1].Sub(tried[i])
			if i < 4 && (pause > 0) != (i == 3) {
				t.Errorf("after try %d: a pause of %v, want none until the fourth", i+1, pause)
			}
			longest = max(longest, pause)
		}
		if longest < 9*time.Millisecond || longest >= 10*time.Millisecond {
			t.Errorf("the longest of %d pauses took %v, want just under 10 ms", len(tried)-1, longest)
		}
	})
}

// A failure of the store between two tries is the change's.
func TestChangeThatCannotReadAgain(t *testing.T) {
	t.Parallel()
	k, store := newContended(t, func(int64) bool { return true })
	acc := stored(t, store, k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword).ID)
	if err := store.UserStore.(*memstore.Store).DeleteUser(t.Context(), acc.ID); err != nil {
		t.Fatal(err)
	}
	got, err := deskauth.Change(t.Context(), k.Auth, acc, rename)
	if !errors.Is(err, deskauth.ErrUserNotFound) || got.ID != "" {
		t.Errorf("%q, %v; want that the account is gone", got.ID, err)
	}
}

// An account whose State is full is changed no more, rather than to forget what it says.
func TestChangeWithoutRoomInTheState(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustSession(t, deskauth.KindUser)
	const frame = `{"v":1,"later":""}`
	full := `{"v":1,"later":"` + strings.Repeat("x", 16<<10-len(frame)) + `"}`
	testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.State = full })
	k.GoesOn(t, "with a State of 16 KiB", s.Token)
	if err := k.Signout(t.Context(), s.Token); err == nil || !strings.Contains(err.Error(), "16384 are allowed") {
		t.Errorf("%v, want an error that says what is allowed", err)
	}
	if got := k.Stored(t, s.User.ID).State; got != full {
		t.Errorf("the State has %d bytes now", len(got))
	}
}

// A change that raises the epoch itself raises it once.
func TestEpochRisesOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
	for want, edit := range []func(a *deskauth.Account){
		1: func(a *deskauth.Account) { a.SessionEpoch++ },
		2: func(a *deskauth.Account) { a.SessionEpoch++; a.Email = "new@f22.it" },
		3: func(a *deskauth.Account) { a.SessionEpoch++; a.Disabled = true },
		4: func(a *deskauth.Account) { a.Email, a.Disabled = "newer@f22.it", false },
	} {
		if edit == nil {
			continue
		}
		if _, err := deskauth.Change(t.Context(), k.Auth, k.Stored(t, u.ID), edit); err != nil {
			t.Fatal(err)
		}
		var state struct{ Code int64 }
		acc := k.Stored(t, u.ID)
		if err := json.Unmarshal([]byte(acc.State), &state); err != nil || acc.SessionEpoch != int64(want) ||
			state.Code != int64(want) {
			t.Errorf("change %d: the epoch is %d, the State %s, %v", want, acc.SessionEpoch, acc.State, err)
		}
	}
}

// What a change says of the time: UpdatedAt rises with all but the activity.
func TestUpdatedAtIsNotActivity(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
	k.Clock.Advance(time.Hour)
	acc, err := deskauth.Change(t.Context(), k.Auth, k.Stored(t, u.ID), func(a *deskauth.Account) {
		a.LastActiveAt = k.Clock.Now()
	})
	if err != nil || !acc.UpdatedAt.Equal(u.UpdatedAt) {
		t.Errorf("with the activity: updated at %v, %v; want %v", acc.UpdatedAt, err, u.UpdatedAt)
	}
	acc, err = deskauth.Change(t.Context(), k.Auth, acc, rename)
	if err != nil || !acc.UpdatedAt.Equal(k.Clock.Now()) {
		t.Errorf("with a name: updated at %v, %v; want %v", acc.UpdatedAt, err, k.Clock.Now())
	}
}
