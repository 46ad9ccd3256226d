package deskauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestGuestAttributes(t *testing.T) {
	t.Parallel()
	sized := func(n int) string { return `{"k":"` + strings.Repeat("v", n-8) + `"}` } // n bytes
	for _, tt := range []struct {
		name, attributes string
		want             string // "!" for refused
	}{
		{"none", "", ""},
		{"null", "null", ""},
		{"empty object", "{}", ""},
		{"empty object with blanks", " { } ", ""},
		{"an object", `{"page":"/pricing","n":[1,2.50,true,null]}`, `{"page":"/pricing","n":[1,2.50,true,null]}`},
		{"blanks", " {\n\t\"a b\" : [ 1 , \" x \" ]\r\n} ", `{"a b":[1," x "]}`},
		{"a long number", `{"n":12345678901234567890.1234567890}`, `{"n":12345678901234567890.1234567890}`},
		{"4096 bytes", sized(4096), sized(4096)},
		{"4096 bytes and blanks", "   " + sized(4096) + strings.Repeat(" ", 100), sized(4096)},
		{"4097 bytes", sized(4097), "!"},
		{"a megabyte", sized(1 << 20), "!"},
		{"an array", "[]", "!"},
		{"a string", `"text"`, "!"},
		{"a number", "1", "!"},
		{"true", "true", "!"},
		{"only blanks", "  ", "!"},
		{"not JSON", "{page:1}", "!"},
		{"cut off", `{"a":1`, "!"},
		{"something behind", `{"a":1} {}`, "!"},
		{"a name twice", `{"a":1,"a":2}`, "!"},
		{"a name twice, once escaped", `{"a":1,"\u0061":2}`, "!"},
		{"a name twice, inside", `{"x":{"a":1,"a":2}}`, "!"},
		{"nested too deep", `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "!"},
		{"nested 10,000 deep", strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), "!"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "!"},
		{"a BOM", "\ufeff{}", "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			given := json.RawMessage(tt.attributes)
			in := deskauth.AnonymousInput{ProjectID: testkit.ProjectA, Attributes: given}
			s, err := k.SigninAnonymously(t.Context(), in)
			if tt.want == "!" {
				testkit.WantFields(t, "SigninAnonymously", err, "Attributes")
				if k.Store.Len() != 0 || s.Token != "" {
					t.Error("an account is made")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			copy(given, strings.Repeat("x", len(given))) // what was given is the caller's again
			acc, err := k.Store.UserByID(t.Context(), s.User.ID)
			answered, stored := s.User.Attributes, acc.Attributes
			if err != nil || string(answered) != tt.want || string(stored) != tt.want {
				t.Errorf("answered %.100q, stored %.100q, %v; want %.100q", answered, stored, err, tt.want)
			}
			if tt.want == "" && (answered != nil || stored != nil) {
				t.Errorf("answered %#v and stored %#v, want nil", answered, stored)
			}
			id, err := k.VerifyStateless(t.Context(), s.Token)
			if err != nil || string(id.Claims) != tt.want {
				t.Errorf("the token has the attributes %.100q, %v; want %.100q", id.Claims, err, tt.want)
			}
		})
	}
}

// The messages are for the person who filled in the form.
func TestMessagesOfBadFields(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	_, signup := k.Signup(t.Context(), deskauth.SignupInput{
		Email:    "andrea@localhost",
		Password: deskauth.NewSecret("short"),
		LastName: "Leo\x00",
	})
	_, signin := k.TrySignin(t, "andr\u00e9@f22.it", "\xff")
	long := strings.Repeat("x", 257)
	_, guest := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
		ProjectID: long, FirstName: long, LastName: "\xff", Attributes: json.RawMessage("[]"),
	})
	for _, c := range []struct {
		err  error
		want string
	}{
		{signup, "Email is not a valid e-mail address; Password must have 8 characters or more; " +
			"FirstName must not be empty; LastName must have no control characters"},
		{signin, "Email must be written in ASCII letters, digits and signs only; Password must be valid UTF-8"},
		{guest, "ProjectID must have 128 bytes or fewer; FirstName must have 256 bytes or fewer; " +
			"LastName must be valid UTF-8; Attributes must be a JSON object"},
	} {
		if c.err == nil || c.err.Error() != "deskauth: "+c.want {
			t.Errorf("got  %v\nwant deskauth: %s", c.err, c.want)
		}
	}
}

// A rule of the host's may not make an address that no account can have.
func TestAddressRuleOfTheHost(t *testing.T) {
	t.Parallel()
	for canonical, good := range map[string]bool{
		"andrea":                            true,
		"andr\u00e9@f22.it":                 true,
		strings.Repeat("\u00e9", 127):       true,
		"":                                  false,
		strings.Repeat("\u00e9", 127) + "x": false,
		"andrea\n@f22.it":                   false,
		"andr\xe9@f22.it":                   false,
	} {
		k := testkit.New(t, deskauth.Config{CanonicalEmail: func(string) (string, error) { return canonical, nil }})
		u, err := k.Signup(t.Context(), testkit.Andrea())
		if good && (err != nil || u.Email != canonical) {
			t.Errorf("%q: the address is %q, %v", canonical, u.Email, err)
		}
		if !good {
			testkit.WantFields(t, fmt.Sprintf("%q", canonical), err, "Email")
		}
	}
	refuse := func(string) (string, error) { return "", errors.New("is not of this company") }
	k := testkit.New(t, deskauth.Config{CanonicalEmail: refuse})
	_, err := k.Signup(t.Context(), testkit.Andrea())
	if want := "deskauth: Email is not of this company"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMinPasswordLength(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{MinPasswordLength: 15})
	in := testkit.Andrea()
	const tooShort = "fourteen chars"
	in.Password = deskauth.NewSecret(tooShort)
	_, err := k.Signup(t.Context(), in)
	testkit.WantFields(t, "Signup", err, "Password")
	if err == nil || !strings.Contains(err.Error(), "15 characters") {
		t.Errorf("%v, want the number", err)
	}
	k.MustSignup(t, in.Email, tooShort+"!")
}

// Not parallel: it counts what the process allocates.
func TestS19_TooLongAPasswordIsRefusedBeforeHashing(t *testing.T) {
	k := testkit.New(t, deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1},
	})
	k.MustSignup(t, "andrea.leo@f22.it", "correct horse")
	for _, password := range []string{strings.Repeat("p", 4097), strings.Repeat("p", 10<<20)} {
		for call, try := range map[string]func() error{
			"Signin": func() error {
				_, err := k.TrySignin(t, "andrea.leo@f22.it", password)
				return err
			},
			"Signup": func() error {
				in := testkit.Andrea()
				in.Email, in.Password = "new@f22.it", deskauth.NewSecret(password)
				_, err := k.Signup(t.Context(), in)
				return err
			},
		} {
			var err error
			if n := testkit.Allocated(func() { err = try() }); n > 100e3 {
				t.Errorf("%s with %d bytes allocated %d", call, len(password), n)
			}
			testkit.WantFields(t, call, err, "Password")
		}
	}
}
