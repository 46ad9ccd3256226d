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

func TestCustomTokenFirstSignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`, `"lastname":"Leo"`, `"customAttr" : [ 1, "x" ]`,
		`"email":"andrea.leo@f22.it"`, `"amount":1.50`))

	want := deskauth.User{
		ID:         deskauth.ExternalUserID(testkit.ProjectA, "123"),
		Kind:       deskauth.KindExternal,
		FirstName:  "Andrea",
		LastName:   "Leo",
		ProjectID:  testkit.ProjectA,
		ExternalID: "123",
		Attributes: json.RawMessage(`{"email":"andrea.leo@f22.it","customAttr":[1,"x"],"amount":1.50}`),
		CreatedAt:  testkit.Start,
		UpdatedAt:  testkit.Start,
	}
	if !reflect.DeepEqual(s.User, want) {
		t.Errorf("User\n got %+v\nwant %+v", s.User, want)
	}
	stored, err := k.Store.UserByID(t.Context(), want.ID)
	if err != nil || !reflect.DeepEqual(stored, deskauth.Account{User: want, SessionEpoch: testkit.Start.UnixMilli(), Version: testkit.Start.UnixMilli()}) {
		t.Errorf("stored %+v, error %v; want the same user and nothing more", stored, err)
	}
	if want := testkit.Start.Add(24 * time.Hour); !s.ExpiresAt.Equal(want) {
		t.Errorf("ExpiresAt = %v, want %v", s.ExpiresAt, want)
	}
	if got, want := k.Events.TakeTypes(), []deskauth.EventType{deskauth.EventExternalCreated, deskauth.EventSignedIn}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if id, err := k.Verify(t.Context(), s.Token); err != nil || id.UserID != want.ID {
		t.Errorf("Verify of the answer's token = %q, %v", id.UserID, err)
	}
}

// Each row is what the token claims at the second sign-in; the first one claimed
// {"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}.
func TestCustomTokenProfileFollowsClaims(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, claims    string
		first, last     string
		attributes      string
		update, respell bool
	}{
		{"the same", `"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, false, false},
		{"another order and spacing", `"o":{ "y":null, "x":[1 ,2]}, "n": 1 ,"lastname":"Leo","email":"a@b.it","firstname":"Andrea"`,
			"Andrea", "Leo", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, false, false},
		{"escaped", `"firstname":"\u0041ndrea","lastname":"Leo","email":"a\u0040b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, false, false},
		{"the store spells anew", `"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"n": 1, "o": {"x": [1, 2], "y": null}, "email": "a@b.it"}`, false, true},
		{"another firstname", `"firstname":"Anna","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Anna", "Leo", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, true, false},
		{"no lastname", `"firstname":"Andrea","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, true, false},
		{"null names", `"firstname":null,"lastname":null,"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"", "", `{"email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}}`, true, false},
		{"another email", `"firstname":"Andrea","lastname":"Leo","email":"c@b.it","n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"email":"c@b.it","n":1,"o":{"x":[1,2],"y":null}}`, true, false},
		{"null email", `"firstname":"Andrea","lastname":"Leo","email":null,"n":1,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"n":1,"o":{"x":[1,2],"y":null}}`, true, false},
		{"a number's last digit", `"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1.0000000000000000000001,"o":{"x":[1,2],"y":null}`,
			"Andrea", "Leo", `{"email":"a@b.it","n":1.0000000000000000000001,"o":{"x":[1,2],"y":null}}`, true, false},
		{"deep inside", `"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[2,1],"y":null}`,
			"Andrea", "Leo", `{"email":"a@b.it","n":1,"o":{"x":[2,1],"y":null}}`, true, false},
		{"nothing", `"firstname":"Andrea","lastname":"Leo"`, "Andrea", "Leo", "", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := &testkit.CountingStore{UserStore: memstore.New()}
			k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
			first := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea","lastname":"Leo","email":"a@b.it","n":1,"o":{"x":[1,2],"y":null}`))
			if c.respell {
				testkit.Change(t, store.UserStore, first.User.ID, func(a *deskauth.Account) { a.Attributes = json.RawMessage(c.attributes) })
			}
			k.Events.Take()
			k.Clock.Advance(time.Hour)

			s := k.MustCustom(t, testkit.TokenA(`"123"`, c.claims))
			if u := s.User; u.FirstName != c.first || u.LastName != c.last || string(u.Attributes) != c.attributes {
				t.Errorf("the answer's user has %q, %q, %s; want %q, %q, %s", u.FirstName, u.LastName, u.Attributes, c.first, c.last, c.attributes)
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
			stored, err := store.UserByID(t.Context(), s.User.ID)
			if err != nil || !reflect.DeepEqual(stored.User, s.User) {
				t.Errorf("stored %+v, error %v; the answer was %+v", stored.User, err, s.User)
			}
			if !s.User.CreatedAt.Equal(testkit.Start) || !s.User.UpdatedAt.Equal(updatedAt) {
				t.Errorf("created at %v and updated at %v, want %v and %v", s.User.CreatedAt, s.User.UpdatedAt, testkit.Start, updatedAt)
			}
		})
	}
}

func TestCustomTokenAccepted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, token, externalID string }{
		{"without exp, as Tiledesk's samples", testkit.TokenA(`"123"`), "123"},
		{"without typ, as the Java sample", testkit.Forge(`{"alg":"HS256"}`, testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.SecretA), "123"},
		{"with a kid that no key has an ID for", testkit.Forge(`{"alg":"HS256","kid":"x"}`, testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.SecretA), "123"},
		{"slashes escaped, as PHP does", testkit.Forge(testkit.HS256, strings.ReplaceAll(testkit.CustomPayload(testkit.ProjectA, `"123"`), "/", `\/`), testkit.SecretA), "123"},
		{"behind JWT", "JWT " + testkit.TokenA(`"123"`), "123"},
		{"behind bearer", "bearer " + testkit.TokenA(`"123"`), "123"},
		{"iat of jsonwebtoken", testkit.TokenA(`"123"`, fmt.Sprintf(`"iat":%d`, testkit.Start.Unix())), "123"},
		{"times with a fraction", testkit.TokenA(`"123"`, fmt.Sprintf(`"exp":%d.5,"nbf":%d.25`, testkit.Start.Unix(), testkit.Start.Unix())), "123"},
		{"an exp in exponents", testkit.TokenA(`"123"`, `"exp":4.1e9`), "123"},
		{"an exp just under 2^53", testkit.TokenA(`"123"`, `"exp":9007199254740991`), "123"},
		{"an integer _id", testkit.TokenA(`123`), "123"},
		{"a negative integer _id", testkit.TokenA(`-5`), "-5"},
		{"an integer _id beyond 2^64", testkit.TokenA(`123456789012345678901234567890`), "123456789012345678901234567890"},
		{"an escaped _id", testkit.TokenA(`"\u0031\/\""`), `1/"`},
		{"an _id with blanks, kept", testkit.TokenA(`" a b "`), " a b "},
		{"an _id beyond ASCII", testkit.TokenA(`"用户😀"`), "用户😀"},
		{"an _id of 128 bytes", testkit.TokenA(`"` + strings.Repeat("x", 128) + `"`), strings.Repeat("x", 128)},
		{"names of blanks", testkit.TokenA(`"123"`, `"firstname":" ","lastname":" "`), "123"},
		{"a name of 256 bytes", testkit.TokenA(`"123"`, `"firstname":"`+strings.Repeat("x", 256)+`"`), "123"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			s := k.MustCustom(t, c.token)
			if s.User.ExternalID != c.externalID || s.User.ID != deskauth.ExternalUserID(testkit.ProjectA, c.externalID) {
				t.Errorf("ExternalID %q and ID %q, want %q and the ID derived of it", s.User.ExternalID, s.User.ID, c.externalID)
			}
			if id, err := k.Verify(t.Context(), s.Token); err != nil || id.ExternalID != c.externalID {
				t.Errorf("Verify of the answer's token = %q, %v; want %q", id.ExternalID, err, c.externalID)
			}
		})
	}
}

// An integer and the text of its digits are one person.
func TestCustomTokenIntegerIsText(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	if a, b := k.MustCustom(t, testkit.TokenA(`123`)).User.ID, k.MustCustom(t, testkit.TokenA(`"123"`)).User.ID; a != b {
		t.Errorf("accounts %s and %s for 123 and \"123\"", a, b)
	}
	if n := k.Store.Len(); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

// A gatheringStore lets none of the first so many callers know that an account is missing
// before all of them have asked.
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
	testkit.Change(t, store.UserStore, id, func(a *deskauth.Account) { a.Disabled = true })
	k.Events.Take()

	s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Anna"`))
	if !errors.Is(err, deskauth.ErrAccountDisabled) || s.Token != "" {
		t.Errorf("token %q, error %v; want ErrAccountDisabled", s.Token, err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "account disabled" || e.UserID != id {
		t.Errorf("event %+v; want it refused, account disabled, of %s", e, id)
	}
	if n := store.Updates.Load(); n != 0 {
		t.Errorf("the profile was updated %d times", n)
	}
}
