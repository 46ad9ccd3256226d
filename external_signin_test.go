package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A sign-in says of its user what an event of any user says: who it is, of which kind and
// project. It is activity, with the same profile too.
func TestExternalSigninIsToldAndNoted(t *testing.T) {
	t.Parallel()
	for _, cfg := range []deskauth.Config{{}, {EchoCustomToken: true}} {
		k := testkit.New(t, cfg)
		token := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
		for range 3 {
			k.Clock.Advance(25 * time.Hour) // activity is noted once a day
			k.Events.Take()
			id := k.MustCustom(t, token).User.ID
			e := k.Events.TakeLast()
			if e.Type != deskauth.EventSignedIn || e.UserID != id || e.Kind != deskauth.KindExternal ||
				e.ProjectID != testkit.ProjectA || e.ExternalID != "123" {
				t.Errorf("the event %+v, want the account %s of project A, its kind and external ID", e, id)
			}
			if at := k.Stored(t, id).LastActiveAt; !at.Equal(k.Clock.Now()) {
				t.Errorf("active at %v, want %v", at, k.Clock.Now())
			}
		}
	}
}

// An account that is deleted while its user signs in starts no session. The next sign-in
// makes another.
func TestExternalSigninOfAnAccountThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	accounts := memstore.New()
	store := &testkit.CountingStore{UserStore: accounts}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	token := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
	k.MustCustom(t, token)
	k.Clock.Advance(25 * time.Hour)
	store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
		return errors.Join(deskauth.ErrConflict, accounts.DeleteUser(ctx, a.ID))
	}
	k.Events.Take()
	s, err := k.TryCustom(t, token)
	e := k.Events.TakeLast()
	if err != deskauth.ErrInvalidToken || s.Token != "" || e.Reason != deskauth.ReasonAccountGone {
		t.Errorf("got %v, event %+v; want ErrInvalidToken, as the account is gone", err, e)
	}
	store.BeforeUpdate = nil
	k.MustCustom(t, token)
}

// A token that is older than the profile leaves it, and no event says that it was updated.
func TestS43_AnOlderTokenUpdatesNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	dated := func(name string, at time.Time) string {
		return testkit.TokenA(`"123"`, `"firstname":"`+name+`"`, fmt.Sprintf(`"iat":%d`, at.Unix()))
	}
	for _, c := range []struct {
		token   string
		updated bool
	}{
		{dated("Andrea", testkit.Start), false}, // makes the account
		{dated("Ada", testkit.Start.Add(-time.Hour)), false},
		{testkit.TokenA(`"123"`, `"firstname":"Ada"`), false},
		{dated("Ada", testkit.Start.Add(time.Second)), true},
		{dated("Ada", testkit.Start.Add(2*time.Second)), false},
	} {
		k.Events.Take()
		k.MustCustom(t, c.token)
		if got := slices.Contains(testkit.Types(k.Events.Take()), deskauth.EventProfileUpdated); got != c.updated {
			t.Errorf("%s: updated %t, want %t", testkit.PartOf(t, c.token, 1), got, c.updated)
		}
	}
}

// Where other writes always come first, a sign-in goes on with the account as it is: its
// profile stands until the next.
func TestExternalSigninUnderContention(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	id := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`)).User.ID
	store.BeforeUpdate = func(context.Context, deskauth.Account) error { return deskauth.ErrConflict }
	s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Ada"`))
	if err != nil || s.User.ID != id || s.User.FirstName != "Andrea" {
		t.Fatalf("got %+v, %v; want a session of %s, still called Andrea", s.User, err, id)
	}
	store.BeforeUpdate = nil
	if u := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Ada"`)).User; u.FirstName != "Ada" {
		t.Errorf("the next sign-in has %+v, want Ada", u)
	}
}
