package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/google/uuid"
)

func TestSignup(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 123_999_999, time.FixedZone("", 3600))
	k := testkit.New(t, deskauth.Config{Now: func() time.Time { return now }})
	in := testkit.Andrea()
	in.Email = "Andrea.Leo@F22.it"
	u, err := k.Signup(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := uuid.Parse(u.ID); err != nil || id.Version() != 7 {
		t.Errorf("ID %q is no UUIDv7", u.ID)
	}
	created := time.Date(2026, 1, 2, 2, 4, 5, 123_000_000, time.UTC)
	want := deskauth.User{
		ID: u.ID, Kind: deskauth.KindUser, Email: "andrea.leo@f22.it", FirstName: "Andrea", LastName: "Leo",
		CreatedAt: created, UpdatedAt: created,
	}
	if fmt.Sprintf("%+v", u) != fmt.Sprintf("%+v", want) || u.CreatedAt.Location() != time.UTC {
		t.Errorf("got  %+v\nwant %+v", u, want)
	}
	acc, err := k.Store.UserByEmail(t.Context(), want.Email)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", acc.User) != fmt.Sprintf("%+v", want) || acc.Disabled || acc.SessionEpoch != 0 ||
		acc.Version != 0 {
		t.Errorf("stored %+v", acc)
	}
	if !strings.HasPrefix(acc.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$") ||
		strings.Contains(acc.PasswordHash, testkit.AndreasPassword) {
		t.Errorf("stored the password hash %q", acc.PasswordHash)
	}
	events := k.Events.Take()
	if len(events) != 1 || events[0].Type != deskauth.EventSignedUp || events[0].UserID != u.ID ||
		events[0].Operation != "signup" {
		t.Errorf("events %+v, want one: signed_up", events)
	}
	k.MustSignin(t, in.Email, testkit.AndreasPassword)
}

func TestSignupNamesEveryBadFieldInOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("p", 4096)
	type input = deskauth.SignupInput
	password := func(text string) func(*input) {
		return func(in *input) { in.Password = deskauth.NewSecret(text) }
	}
	first := func(name string) func(*input) { return func(in *input) { in.FirstName = name } }
	last := func(name string) func(*input) { return func(in *input) { in.LastName = name } }
	names := func(first, last string) func(*input) {
		return func(in *input) { in.FirstName, in.LastName = first, last }
	}
	for _, tt := range []struct {
		name   string
		edit   func(*input)
		fields string
	}{
		{"everything missing", func(in *input) { *in = input{} }, "Email Password FirstName LastName"},
		{"two missing", func(in *input) { in.LastName, in.Email = "", "" }, "Email LastName"},
		{"bad address", func(in *input) { in.Email = "a@localhost" }, "Email"},
		{"7 characters", password("1234567"), "Password"},
		{"8 characters", password("12345678"), ""},
		{"7 characters of 4 bytes", password(strings.Repeat("\U0001f40e", 7)), "Password"},
		{"8 characters of 4 bytes", password(strings.Repeat("\U0001f40e", 8)), ""},
		{"14 code points, 7 after NFC", password(strings.Repeat("e\u0301", 7)), "Password"},
		{"16 code points, 8 after NFC", password(strings.Repeat("e\u0301", 8)), ""},
		{"8 blanks", password("        "), ""},
		{"4096 bytes", password(long), ""},
		{"4097 bytes", password(long + "p"), "Password"},
		{"invalid UTF-8", password("password\xff"), "Password"},
		{"a blank last name", last(" "), ""},
		{"blank names", names(" ", "   "), ""},
		{"names of 256 bytes", names(long[:256], long[:256]), ""},
		{"first name of 257 bytes", first(long[:257]), "FirstName"},
		{"last name of 257 bytes", last(long[:257]), "LastName"},
		{"256 bytes, not characters", first(strings.Repeat("\u00e9", 129)), "FirstName"},
		{"a newline in a name", first("An\ndrea"), "FirstName"},
		{"a NUL in a name", last("Leo\x00"), "LastName"},
		{"DEL in a name", last("Leo\x7f"), "LastName"},
		{"a C1 control in a name", last("Leo\u0085"), "LastName"},
		{"invalid UTF-8 in a name", first("Andr\xe9"), "FirstName"},
		{"any script in a name", names("\u6625\u5b50", "\u0628\U0001f600"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			in := testkit.Andrea()
			tt.edit(&in)
			u, err := k.Signup(t.Context(), in)
			if tt.fields != "" {
				testkit.WantFields(t, "Signup", err, strings.Fields(tt.fields)...)
				if e := k.Events.TakeLast(); k.Store.Len() != 0 || e.Reason != "invalid input" || u.ID != "" {
					t.Errorf("%d accounts stored, user %+v, event %+v", k.Store.Len(), u, e)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if u.FirstName != in.FirstName || u.LastName != in.LastName {
				t.Errorf("names %q %q, want them to the byte: %q %q",
					u.FirstName, u.LastName, in.FirstName, in.LastName)
			}
			signin := deskauth.SigninInput{Email: in.Email, Password: in.Password}
			if _, err := k.Signin(t.Context(), signin); err != nil {
				t.Errorf("Signin with that password: %v", err)
			}
		})
	}
}

func TestSignupOfATakenAddress(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustSignup(t, "andrea.leo@f22.it", "correct horse")
	k.Events.Take()
	in := testkit.Andrea()
	in.Email, in.Password = "ANDREA.leo@F22.IT", deskauth.NewSecret("battery staple")
	u, err := k.Signup(t.Context(), in)
	if !errors.Is(err, deskauth.ErrUserExists) || u.ID != "" {
		t.Errorf("user %q, error %v; want ErrUserExists", u.ID, err)
	}
	e := k.Events.TakeLast()
	if e.Type != deskauth.EventRefused || e.Reason != "address taken" || k.Store.Len() != 1 {
		t.Errorf("event %+v, %d accounts", e, k.Store.Len())
	}
	if s := k.MustSignin(t, "andrea.leo@f22.it", "correct horse"); s.User.ID != first.ID {
		t.Errorf("the account is %s, want %s", s.User.ID, first.ID)
	}
}

// A meeting is a store that answers no first look-up until n callers have asked.
type meeting struct {
	deskauth.UserStore
	all   sync.WaitGroup
	looks atomic.Int64
	n     int64
}

func (m *meeting) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	acc, err := m.UserStore.UserByEmail(ctx, email)
	if m.looks.Add(1) <= m.n {
		m.all.Done()
		m.all.Wait()
	}
	return acc, err
}

func TestS20_ParallelSignupsMakeOneAccount(t *testing.T) {
	t.Parallel()
	const n = 50
	for _, together := range []bool{true, false} {
		t.Run(fmt.Sprintf("all look before one stores %t", together), func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			var users deskauth.UserStore = store
			if together {
				m := &meeting{UserStore: store, n: n}
				m.all.Add(n)
				users = m
			}
			k := testkit.NewOn(t, users, testkit.Secrets(), deskauth.Config{})
			errs := make([]error, n)
			made := make([]deskauth.User, n)
			var done sync.WaitGroup
			for i := range n {
				done.Go(func() {
					in := testkit.Andrea()
					in.Email = spelling(in.Email, i)
					in.Password = deskauth.NewSecret(fmt.Sprintf("password of %d", i))
					made[i], errs[i] = k.Signup(t.Context(), in)
				})
			}
			done.Wait()
			winner := slices.Index(errs, nil)
			for i, err := range errs {
				if i != winner && (!errors.Is(err, deskauth.ErrUserExists) || made[i].ID != "") {
					t.Errorf("sign-up %d: user %q, error %v; want ErrUserExists", i, made[i].ID, err)
				}
			}
			if winner < 0 || store.Len() != 1 {
				t.Fatalf("the winner is %d, and there are %d accounts; want one", winner, store.Len())
			}
			k = testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
			s := k.MustSignin(t, "andrea.leo@f22.it", fmt.Sprintf("password of %d", winner))
			if s.User.ID != made[winner].ID {
				t.Errorf("signed in as %s, want %s", s.User.ID, made[winner].ID)
			}
		})
	}
}

// spelling gives an address upper-case letters where i has bits.
func spelling(address string, i int) string {
	b := []byte(address)
	for bit := range 6 {
		if i>>bit&1 == 1 {
			b[bit] -= 'a' - 'A'
		}
	}
	return string(b)
}
