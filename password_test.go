package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// What the zero Config makes, at its real cost: one hash of 19 MiB.
func TestDefaultHashIsOWASPs(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	a, err := deskauth.New(store, testkit.Secrets(), deskauth.Config{Logger: testkit.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Signup(t.Context(), testkit.Andrea()); err != nil {
		t.Fatal(err)
	}
	acc, err := store.UserByEmail(t.Context(), testkit.Andrea().Email)
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; err != nil || !strings.HasPrefix(acc.PasswordHash, want) {
		t.Errorf("the hash is %.40s, %v; want it to begin with %s", acc.PasswordHash, err, want)
	}
}

// errAny stands for an error whose text and type do not matter.
var errAny = errors.New("any error")

func TestPasswordCheck(t *testing.T) {
	t.Parallel()
	broken := errors.New("the list cannot be read")
	stolen := fmt.Errorf("%w: it is in a list of stolen passwords", deskauth.ErrPasswordRefused)
	for _, tt := range []struct {
		name    string
		check   func() error
		message string // of the field Password
		wraps   error
	}{
		{"takes it", func() error { return nil }, "", nil},
		{"refuses it", func() error { return stolen }, "it is in a list of stolen passwords", nil},
		{"refuses without a word", func() error { return deskauth.ErrPasswordRefused }, "password refused", nil},
		{"fails", func() error { return broken }, "", broken},
		{"panics", func() error { panic("out of paper") }, "", errAny},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := ""
			k := testkit.New(t, deskauth.Config{PasswordCheck: func(_ context.Context, password string) error {
				asked = password
				return tt.check()
			}})
			_, err := k.Signup(t.Context(), testkit.Andrea())
			if asked != testkit.AndreasPassword {
				t.Errorf("the check was asked about %q", asked)
			}
			e := k.Events.TakeLast()
			invalid, isInvalid := errors.AsType[*deskauth.ValidationError](err)
			switch {
			case tt.message != "":
				want := []deskauth.FieldError{{Field: "Password", Message: tt.message}}
				if !isInvalid || !slices.Equal(invalid.Fields, want) || e.Type != deskauth.EventRefused {
					t.Errorf("error %v, event %+v; want the fields %+v", err, e, want)
				}
			case tt.wraps != nil:
				if err == nil || isInvalid || tt.wraps != errAny && !errors.Is(err, tt.wraps) ||
					e.Type != deskauth.EventFailed {
					t.Errorf("error %v, event %+v; want a failure that wraps %v", err, e, tt.wraps)
				}
			case err != nil:
				t.Errorf("error %v", err)
			}
			if n := k.Store.Len(); (err == nil) != (n == 1) {
				t.Errorf("error %v, and %d accounts", err, n)
			}
		})
	}
}

func TestS19_EveryByteOfAPasswordCountsAtSignin(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 256) // 4096 bytes
	for _, tt := range []struct {
		name, chosen, given string
		ok                  bool
	}{
		{"4096 bytes", long, long, true},
		{"the last of 4096 bytes", long, long[:4095] + "x", false},
		{"the first 72 of 4096 bytes", long, long[:72], false},
		{"another 73rd byte", long[:72] + "a", long[:72] + "b", false},
		{"after a NUL", "password\x00one", "password\x00two", false},
		{"cut at a NUL", "password\x00one", "password", false},
		{"NFD of NFC", "caff\u00e8 nero", "caffe\u0300 nero", true},
		{"NFC of NFD", "caffe\u0300 nero", "caff\u00e8 nero", true},
		{"without the accent", "caff\u00e8 nero", "caffe nero", false},
		{"a space behind", "password ", "password", false},
		{"a space before", "password", " password", false},
		{"the other case", "Password", "password", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			k.MustSignup(t, "andrea.leo@f22.it", tt.chosen)
			_, err := k.TrySignin(t, "andrea.leo@f22.it", tt.given)
			if tt.ok && err != nil || !tt.ok && !errors.Is(err, deskauth.ErrInvalidCredentials) {
				t.Errorf("error %v, want it to sign in: %t", err, tt.ok)
			}
		})
	}
}

func TestS19_ImportedBcryptHashKeepsItsRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 5)[:72]
	for _, tt := range []struct {
		name, hashed, given string
		ok                  bool
	}{
		{"NFD as it was hashed", "caffe\u0300", "caffe\u0300", true},
		{"NFC, which it was not", "caffe\u0300", "caff\u00e8", false},
		{"72 bytes", long, long, true},
		{"what stands after them", long, long + "whatever", true},
		{"another 72nd byte", long, long[:71] + "x", false},
	} {
		k := testkit.New(t, deskauth.Config{})
		testkit.Put(t, k.Store, "andrea@f22.it", testkit.Bcrypt(t, tt.hashed, ""))
		_, err := k.TrySignin(t, "andrea@f22.it", tt.given)
		if tt.ok && err != nil || !tt.ok && !errors.Is(err, deskauth.ErrInvalidCredentials) {
			t.Errorf("%s: error %v, want it to sign in: %t", tt.name, err, tt.ok)
		}
		if tt.ok {
			k.MustSignin(t, "andrea@f22.it", tt.given) // by the new hash
		}
	}
}

// floods are what a client floods with: its call number n, which is heard without an error.
var floods = map[string]func(t *testing.T, k *testkit.Kit, client string, n int) error{
	"sign-ins": func(t *testing.T, k *testkit.Kit, client string, n int) error {
		email := [2]string{"andrea@f22.it", "nobody@f22.it"}[n%2]
		return wantWrong(signinFrom(t, k, client, email, "guess"))
	},
	"sign-ups": func(t *testing.T, k *testkit.Kit, client string, n int) error {
		in := testkit.Andrea()
		in.Email, in.Client = fmt.Sprintf("flood%d@f22.it", n), client
		_, err := k.Signup(t.Context(), in)
		return err
	},
}

func signinFrom(t *testing.T, k *testkit.Kit, client, email, password string) error {
	t.Helper()
	in := deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password), Client: client}
	_, err := k.Signin(t.Context(), in)
	return err
}

// wantWrong returns nil for the refusal of a password that was compared.
func wantWrong(err error) error {
	if err == deskauth.ErrInvalidCredentials {
		return nil
	}
	return fmt.Errorf("%w, want ErrInvalidCredentials", err)
}
