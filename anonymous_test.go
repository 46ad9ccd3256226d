package deskauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/google/uuid"
)

func TestSigninAnonymously(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	seen := map[string]bool{}
	for range 20 {
		s, err := k.TryGuest(t, testkit.ProjectA)
		if err != nil {
			t.Fatal(err)
		}
		u := s.User
		checkGuest(t, u)
		if seen[u.ID] || seen[u.Email] {
			t.Errorf("two guests are one: %+v", u)
		}
		seen[u.ID], seen[u.Email] = true, true
		if !s.ExpiresAt.Equal(testkit.Start.Add(30 * testkit.Day)) {
			t.Errorf("the session ends at %v", s.ExpiresAt)
		}
		id, err := k.Verify(t.Context(), s.Token)
		if err != nil || id.UserID != u.ID || id.Kind != deskauth.KindGuest ||
			id.ProjectID != testkit.ProjectA || id.Claims != nil {
			t.Errorf("Verify = %+v, %v", id, err)
		}
		e := k.Events.TakeLast()
		if e.Type != deskauth.EventGuestCreated || e.UserID != u.ID || e.ProjectID != testkit.ProjectA {
			t.Errorf("event %+v", e)
		}
		acc, err := k.Store.UserByID(t.Context(), u.ID)
		u.Email = "" // which is shown and not stored
		if err != nil || acc.PasswordHash != "" || fmt.Sprintf("%+v", acc.User) != fmt.Sprintf("%+v", u) {
			t.Errorf("stored %+v, %v", acc, err)
		}
	}
	if k.Store.Len() != 20 {
		t.Errorf("%d accounts, want 20", k.Store.Len())
	}
}

// checkGuest checks what a guest of project A without a name is called and has.
func checkGuest(t *testing.T, u deskauth.User) {
	t.Helper()
	name, host, _ := strings.Cut(u.Email, "@")
	mailbox, err := uuid.Parse(name)
	if err != nil || mailbox.Version() != 8 || mailbox.String() != name || host != "tiledesk.com" {
		t.Errorf("the address is %q, want a UUIDv8 at tiledesk.com", u.Email)
	}
	if want := "guest#" + name[:4]; u.FirstName != want || u.LastName != "" {
		t.Errorf("the guest is called %q %q, want %q", u.FirstName, u.LastName, want)
	}
	id, err := uuid.Parse(u.ID)
	if err != nil || id.Version() != 7 || strings.HasPrefix(u.ID, name[:8]) {
		t.Errorf("the ID is %q", u.ID)
	}
	if u.Kind != deskauth.KindGuest || u.ProjectID != testkit.ProjectA || u.EmailVerified ||
		u.Attributes != nil || !u.CreatedAt.Equal(testkit.Start) {
		t.Errorf("the guest is %+v", u)
	}
}

func TestGuestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 257)
	for _, tt := range []struct {
		first, last string
		fields      string
	}{
		{"Andrea", "Leo", ""},
		{"Andrea", "", ""},
		{" ", " ", ""},
		{"\u6625\u5b50", "\U0001f600", ""},
		{long[:256], long[:256], ""},
		{long, long, "FirstName LastName"},
		{"An\ndrea", "", "FirstName"},
		{"", "Leo\x00", "LastName"},
		{"Andr\xe9", "", "FirstName"},
	} {
		k := testkit.New(t, deskauth.Config{})
		s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
			ProjectID: testkit.ProjectA, FirstName: tt.first, LastName: tt.last,
		})
		if tt.fields != "" {
			testkit.WantFields(t, tt.fields, err, strings.Fields(tt.fields)...)
			if k.Store.Len() != 0 || s.Token != "" {
				t.Errorf("%.10q %.10q: an account is made", tt.first, tt.last)
			}
			continue
		}
		if err != nil || s.User.FirstName != tt.first || s.User.LastName != tt.last {
			t.Errorf("%.10q %.10q: %q %q, %v", tt.first, tt.last, s.User.FirstName, s.User.LastName, err)
		}
	}
	// Two guests may have one name.
	k := testkit.New(t, deskauth.Config{})
	in := deskauth.AnonymousInput{ProjectID: testkit.ProjectA, FirstName: "guest#a0fe"}
	for range 2 {
		if _, err := k.SigninAnonymously(t.Context(), in); err != nil {
			t.Error(err)
		}
	}
}

func TestGuestNeedsAProjectThatExists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		project string
		fields  string // or else ErrProjectNotFound
	}{
		{"", "ProjectID"},
		{strings.Repeat("p", 129), "ProjectID"},
		{"a\nb", "ProjectID"},
		{"a\x00", "ProjectID"},
		{"\xff", "ProjectID"},
		{"unknown", ""},
		{strings.Repeat("p", 128), ""},
		{strings.ToUpper(testkit.ProjectA), ""},
		{testkit.ProjectA + " ", ""},
		{" " + testkit.ProjectA, ""},
		{testkit.ProjectA + "/", ""},
		{"../" + testkit.ProjectA, ""},
		{"%35" + testkit.ProjectA[1:], ""},
		{testkit.ProjectA + "," + testkit.ProjectB, ""},
		{"*", ""},
		{"'; drop table", ""},
		{"__proto__", ""},
		{"\uff15" + testkit.ProjectA[1:], ""},
	} {
		k := testkit.New(t, deskauth.Config{})
		s, err := k.TryGuest(t, tt.project)
		e := k.Events.TakeLast()
		if tt.fields != "" {
			testkit.WantFields(t, fmt.Sprintf("project %.20q", tt.project), err, tt.fields)
		} else if !errors.Is(err, deskauth.ErrProjectNotFound) || e.Reason != "unknown project" {
			t.Errorf("project %.20q: %v, event %+v; want ErrProjectNotFound", tt.project, err, e)
		}
		if k.Store.Len() != 0 || s.Token != "" || e.Type != deskauth.EventRefused {
			t.Errorf("project %.20q: %d accounts, token %q, event %+v", tt.project, k.Store.Len(), s.Token, e)
		}
	}
	testkit.New(t, deskauth.Config{}).MustGuest(t, testkit.NoTokens) // guests, and no custom tokens
}

func TestGuestCannotSignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustGuest(t, testkit.ProjectA).User
	for _, password := range []string{u.Email, u.ID, u.FirstName, " ", "undefined", "null", "superadmin"} {
		s, err := k.TrySignin(t, u.Email, password)
		if !errors.Is(err, deskauth.ErrInvalidCredentials) || s.Token != "" {
			t.Errorf("password %q: %v, want ErrInvalidCredentials", password, err)
		}
	}
}

// An address that is made up for guests is no one's own, in any spelling, and whether or
// not there is such a guest.
func TestGuestAddressIsReserved(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustGuest(t, testkit.ProjectA).User
	for _, address := range []string{
		u.Email, strings.ToUpper(u.Email), "00000000-0000-4000-8000-000000000000@tiledesk.com",
		"00000000-0000-8000-8000-000000000000@Tiledesk.com",
	} {
		in := testkit.Andrea()
		in.Email = address
		_, err := k.Signup(t.Context(), in)
		testkit.WantFields(t, address, err, "Email")
	}
	for _, address := range []string{
		"00000000-0000-4000-8000-000000000000@example.com", "00000000@tiledesk.com",
		"0000000000004000800000000000000a@tiledesk.com",
	} {
		in := testkit.Andrea()
		in.Email = address
		if _, err := k.Signup(t.Context(), in); err != nil {
			t.Errorf("%s: %v, want an account", address, err)
		}
	}
}
