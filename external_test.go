package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// What the custom token claims at the first sign-in of TestCustomTokenProfileFollowsClaims.
const (
	firstNames   = `"firstname":"Andrea","lastname":"Leo"`
	firstEmail   = `,"email":"a@b.it"`
	firstRest    = `,"n":1,"o":{"x":[1,2],"y":null}`
	firstClaims  = firstNames + firstEmail + firstRest
	firstProfile = `{"email":"a@b.it"` + firstRest + `}`
)

// A secondSignin is what the token claims at the second sign-in, and what comes of it.
type secondSignin struct {
	name, claims    string
	first, last     string
	attributes      string
	update, respell bool
}

func TestCustomTokenProfileFollowsClaims(t *testing.T) {
	t.Parallel()
	const precise, deep = `"n":1.0000000000000000000001`, `{"x":[2,1],"y":null}`
	for _, c := range []secondSignin{
		{"the same", firstClaims, "Andrea", "Leo", firstProfile, false, false},
		{
			"another order and spacing",
			`"o":{ "y":null, "x":[1 ,2]}, "n": 1 ,"lastname":"Leo","email":"a@b.it","firstname":"Andrea"`,
			"Andrea", "Leo", firstProfile, false, false,
		},
		{
			"escaped", `"firstname":"\u0041ndrea","lastname":"Leo","email":"a\u0040b.it"` + firstRest,
			"Andrea", "Leo", firstProfile, false, false,
		},
		{
			"the store spells anew", firstClaims,
			"Andrea", "Leo", `{"n": 1, "o": {"x": [1, 2], "y": null}, "email": "a@b.it"}`, false, true,
		},
		{
			"another firstname", `"firstname":"Anna","lastname":"Leo"` + firstEmail + firstRest,
			"Anna", "Leo", firstProfile, true, false,
		},
		{"no lastname", `"firstname":"Andrea"` + firstEmail + firstRest, "Andrea", "", firstProfile, true, false},
		{
			"null names", `"firstname":null,"lastname":null` + firstEmail + firstRest,
			"", "", firstProfile, true, false,
		},
		{
			"another email", firstNames + `,"email":"c@b.it"` + firstRest,
			"Andrea", "Leo", `{"email":"c@b.it"` + firstRest + `}`, true, false,
		},
		{
			"null email", firstNames + `,"email":null` + firstRest,
			"Andrea", "Leo", `{"n":1,"o":{"x":[1,2],"y":null}}`, true, false,
		},
		{
			"a number's last digit", strings.Replace(firstClaims, `"n":1`, precise, 1),
			"Andrea", "Leo", strings.Replace(firstProfile, `"n":1`, precise, 1), true, false,
		},
		{
			"deep inside", strings.Replace(firstClaims, `{"x":[1,2],"y":null}`, deep, 1),
			"Andrea", "Leo", strings.Replace(firstProfile, `{"x":[1,2],"y":null}`, deep, 1), true, false,
		},
		{"nothing", firstNames, "Andrea", "Leo", "", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			signInTwice(t, c)
		})
	}
}

func signInTwice(t *testing.T, c secondSignin) {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	first := k.MustCustom(t, testkit.TokenA(`"123"`, firstClaims))
	if c.respell {
		testkit.Change(t, store.UserStore, first.User.ID, func(a *deskauth.Account) {
			a.Attributes = json.RawMessage(c.attributes)
		})
	}
	k.Events.Take()
	k.Clock.Advance(time.Hour)

	u := k.MustCustom(t, testkit.TokenA(`"123"`, c.claims)).User
	if u.FirstName != c.first || u.LastName != c.last || string(u.Attributes) != c.attributes {
		t.Errorf("the answer's user has %q, %q, %s; want %q, %q, %s",
			u.FirstName, u.LastName, u.Attributes, c.first, c.last, c.attributes)
	}
	types := []deskauth.EventType{deskauth.EventSignedIn}
	updates, updatedAt := int64(0), testkit.Start
	if c.update {
		types = append([]deskauth.EventType{deskauth.EventProfileUpdated}, types...)
		updates, updatedAt = 1, testkit.Start.Add(time.Hour)
	}
	if n := store.Updates.Load(); n != updates {
		t.Errorf("%d calls of UpdateUser, want %d", n, updates)
	}
	if n := store.Creates.Load(); n != 1 {
		t.Errorf("%d calls of CreateUser, want 1", n)
	}
	if got := k.Events.TakeTypes(); !slices.Equal(got, types) {
		t.Errorf("events %v, want %v", got, types)
	}
	stored, err := store.UserByID(t.Context(), u.ID)
	if err != nil || !reflect.DeepEqual(stored.User, u) {
		t.Errorf("stored %+v, error %v; the answer was %+v", stored.User, err, u)
	}
	if !u.CreatedAt.Equal(testkit.Start) || !u.UpdatedAt.Equal(updatedAt) {
		t.Errorf("created at %v and updated at %v, want %v and %v",
			u.CreatedAt, u.UpdatedAt, testkit.Start, updatedAt)
	}
}

// A gatheringStore holds back its answer that an account is missing until as many callers
// as are expected have asked.
type gatheringStore struct {
	deskauth.UserStore
	expected atomic.Int64
	asked    sync.WaitGroup
}

func (s *gatheringStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	acc, err := s.UserStore.UserByID(ctx, id)
	if errors.Is(err, deskauth.ErrUserNotFound) && s.expected.Add(-1) >= 0 {
		s.asked.Done()
		s.asked.Wait()
	}
	return acc, err
}

func TestCustomTokenFirstSigninsAtOnce(t *testing.T) {
	t.Parallel()
	accounts := memstore.New()
	store := &gatheringStore{UserStore: accounts}
	store.expected.Store(16)
	store.asked.Add(16)
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			s, err := k.TryCustom(t, testkit.TokenA(`"123"`, fmt.Sprintf(`"firstname":"n%d"`, i%2)))
			if err != nil || s.User.ExternalID != "123" || s.User.FirstName != fmt.Sprintf("n%d", i%2) {
				t.Errorf("sign-in %d: user %q called %q, error %v", i, s.User.ExternalID, s.User.FirstName, err)
			}
		})
	}
	wg.Wait()
	if n := accounts.Len(); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
	made := 0
	for _, typ := range k.Events.TakeTypes() {
		if typ == deskauth.EventExternalCreated {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d events of a new account, want 1", made)
	}
}

func TestCustomTokenDisabledAccount(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	id := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`)).User.ID
	testkit.Change(t, store.UserStore, id, testkit.Disable)
	k.Events.Take()

	s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))
	if !errors.Is(err, deskauth.ErrAccountDisabled) || s.Token != "" {
		t.Errorf("token %q, error %v; want ErrAccountDisabled", s.Token, err)
	}
	e := k.Events.TakeLast()
	if e.Type != deskauth.EventRefused || e.Reason != "account disabled" || e.UserID != id {
		t.Errorf("event %+v; want it refused, account disabled, of %s", e, id)
	}
	if n := store.Updates.Load(); n != 0 {
		t.Errorf("the profile was updated %d times", n)
	}
}

// The host keeps changing the account while its profile is written, and disables it in the
// end. After any number of conflicts, no session is issued.
func TestCustomTokenDisabledMeanwhile(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{1, 2, 8, 15, 16, 17} {
		t.Run(fmt.Sprint(at, " conflicts"), func(t *testing.T) {
			t.Parallel()
			store := &testkit.CountingStore{UserStore: memstore.New()}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
			id := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`)).User.ID
			store.BeforeUpdate = func(_ context.Context, a deskauth.Account) error {
				n := store.Updates.Load()
				testkit.Change(t, store.UserStore, id, func(a *deskauth.Account) {
					a.LastName = fmt.Sprint("change ", n)
					a.Disabled = n == at
				})
				return nil
			}
			s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))
			acc, _ := store.UserByID(t.Context(), id)
			if acc.Disabled && (err == nil || s.Token != "") {
				t.Errorf("a session was issued to an account that is disabled; error %v", err)
			}
			if at <= 15 && !errors.Is(err, deskauth.ErrAccountDisabled) {
				t.Errorf("error %v, want ErrAccountDisabled", err)
			}
		})
	}
}

// The ID of an external user's account is derived, so another account may have it by the
// time that a sign-in writes what it has read. It must not write what belonged to the
// deleted account, whose tokens would be good again.
func TestCustomToken_DeletedAndMadeAgainMeanwhile(t *testing.T) {
	t.Parallel()
	users := memstore.New()
	store := &testkit.CountingStore{UserStore: users}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	old := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
		store.BeforeUpdate = nil
		if err := users.DeleteUser(ctx, a.ID); err != nil {
			t.Error(err)
		}
		k.Clock.Advance(time.Millisecond)
		k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
		return nil
	}
	s := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))

	if _, err := k.Verify(t.Context(), old.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("Verify of the deleted account's token: %v, want ErrInvalidToken", err)
	}
	if _, err := k.Verify(t.Context(), s.Token); err != nil {
		t.Errorf("Verify of the token that was just issued: %v", err)
	}
	now := k.Clock.Now()
	acc, err := users.UserByID(t.Context(), s.User.ID)
	if err != nil || acc.FirstName != "Anna" || !acc.CreatedAt.Equal(now) || acc.SessionEpoch != now.UnixMilli() {
		t.Errorf("stored %+v, %v; want the account that was made at %v, with the new name", acc, err, now)
	}
}

// dated is a custom token of user 7 that was signed so long after the start.
func dated(after time.Duration, plan string) string {
	return testkit.TokenA(`"7"`, fmt.Sprintf(`"iat":%d,"plan":%q`, testkit.Start.Add(after).Unix(), plan))
}
