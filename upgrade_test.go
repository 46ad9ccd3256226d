package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// An upgraded guest has the ID of before, and nothing says that it has the mailbox. It has
// no session: like every agent, it signs in.
func TestS33_UpgradeKeepsTheID(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	attributes := json.RawMessage(`{"page":"/pricing"}`)
	guest, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
		ProjectID: testkit.ProjectA, FirstName: "Visitor", LastName: "From afar", Attributes: attributes,
	})
	if err != nil {
		t.Fatal(err)
	}
	other := k.MustIssue(t, guest.User.ID)
	k.Clock.Advance(3 * testkit.Day)
	k.Events.Take()
	in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret("JWT " + guest.Token), SignupInput: testkit.Andrea()}
	in.Email, in.Client = "Andrea.Leo@F22.it", "192.0.2.7"
	u, err := k.UpgradeGuest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	now := testkit.Start.Add(3 * testkit.Day)
	want := deskauth.User{
		ID: guest.User.ID, Kind: deskauth.KindUser, Email: "andrea.leo@f22.it", FirstName: "Andrea", LastName: "Leo",
		Attributes: attributes, CreatedAt: testkit.Start, UpdatedAt: now,
	}
	acc := k.Stored(t, guest.User.ID)
	if !reflect.DeepEqual(u, want) || !reflect.DeepEqual(acc.User, want) {
		t.Errorf("the user\n is     %+v\n stored %+v\n want   %+v", u, acc.User, want)
	}
	if acc.Disabled || acc.SessionEpoch != 1 || acc.Version != 1 || !acc.LastActiveAt.Equal(now) ||
		!strings.HasPrefix(acc.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("stored %+v", acc)
	}
	e := k.Events.Take()
	if len(e) != 1 || e[0].Type != deskauth.EventGuestUpgraded || e[0].Operation != deskauth.OperationUpgradeGuest ||
		e[0].UserID != u.ID || e[0].Kind != deskauth.KindUser || e[0].ProjectID != testkit.ProjectA ||
		e[0].Client != "192.0.2.7" {
		t.Errorf("events %+v, want one: guest_upgraded", e)
	}
	k.IsOver(t, "the guest's token", guest.Token)
	k.IsOver(t, "the guest's other token", other.Token)
	s := k.MustSignin(t, "andrea.leo@f22.it", testkit.AndreasPassword)
	id, err := k.Verify(t.Context(), s.Token)
	if err != nil || id.UserID != guest.User.ID || id.Kind != deskauth.KindUser || id.EmailVerified || id.ProjectID != "" {
		t.Errorf("the agent who signs in is %+v, %v", id, err)
	}
	if heir, err := k.LinkedTo(t.Context(), u.ID); err != nil || heir != "" {
		t.Errorf("LinkedTo says %q, %v; want nobody", heir, err)
	}
}

// On a taken address the guest stays as it is, also if the address is taken while the
// password is hashed.
func TestS33_TakenAddressLeavesTheGuest(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		k := testkit.New(t, deskauth.Config{})
		guest, before := k.MustGuest(t, testkit.ProjectA), k.Store.Len()
		stored := k.Stored(t, guest.User.ID)
		signUp := func() { k.MustSignup(t, "andrea@f22.it", "another password") }
		store := &testkit.CountingStore{UserStore: k.Store}
		if late {
			store.BeforeUpdate = func(context.Context, deskauth.Account) error { signUp(); return nil }
		} else {
			signUp()
		}
		behind := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		u, err := behind.Upgrade(t, guest.Token, "Andrea@f22.it")
		if err != deskauth.ErrUserExists || u.ID != "" {
			t.Errorf("late %t: upgraded %q, %v; want ErrUserExists", late, u.ID, err)
		}
		if e := behind.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonAddressTaken ||
			e.UserID != guest.User.ID {
			t.Errorf("late %t: event %+v", late, e)
		}
		if got := k.Stored(t, guest.User.ID); !reflect.DeepEqual(got, stored) || k.Store.Len() != before+1 {
			t.Errorf("late %t: the guest is stored with %+v, want it as it was: %+v", late, got, stored)
		}
		k.GoesOn(t, "the guest", guest.Token)
		if _, err := k.Upgrade(t, guest.Token, "another@f22.it"); err != nil {
			t.Errorf("late %t: with another address: %v", late, err)
		}
	}
}

// A token that is no session of a guest any more makes nobody an agent, and costs no hash.
func TestS33_TokensThatUpgradeNothing(t *testing.T) {
	t.Parallel()
	asked := 0
	k := testkit.New(t, deskauth.Config{PasswordCheck: func(context.Context, string) error { asked++; return nil }})
	tokens := k.NotGuests(t)
	before, asked0 := k.Store.Len(), asked
	for _, c := range tokens {
		want := deskauth.ErrInvalidToken
		switch c.Reason {
		case deskauth.ReasonGuestsOnly:
			want = deskauth.ErrGuestsOnly
		case deskauth.ReasonExpired:
			want = deskauth.ErrTokenExpired
		}
		k.Events.Take()
		u, err := k.Upgrade(t, c.Token, "new@f22.it")
		if err != want || !reflect.DeepEqual(u, deskauth.User{}) {
			t.Errorf("%s: upgraded %+v, %v; want %v", c.Name, u, err, want)
		}
		if e := k.Events.Take(); len(e) != 1 || e[0].Type != deskauth.EventRefused || e[0].Reason != c.Reason {
			t.Errorf("%s: events %+v; want one, refused, %q", c.Name, e, c.Reason)
		}
		if _, err := k.Store.UserByEmail(t.Context(), "new@f22.it"); !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Fatalf("%s: the address is an account's: %v", c.Name, err)
		}
	}
	if k.Store.Len() != before || asked != asked0 {
		t.Errorf("%d accounts more, and %d passwords were checked", k.Store.Len()-before, asked-asked0)
	}
}

// What a sign-up refuses, an upgrade refuses: under the same limits, and the guest stays.
func TestS33_RefusedUpgradeLeavesTheGuest(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SignupsPerClient = deskauth.Rate{Attempts: 2, Per: time.Hour}
	var check error
	k := testkit.New(t, deskauth.Config{
		Limits:         limits,
		ReservedEmails: []string{"admin@f22.it"},
		PasswordCheck:  func(context.Context, string) error { return check },
	})
	guest := k.MustGuest(t, testkit.ProjectA)
	stored := k.Stored(t, guest.User.ID)
	upgrade := func(edit func(*deskauth.SignupInput)) error {
		in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(guest.Token), SignupInput: testkit.Andrea()}
		in.Client = "192.0.2.7"
		edit(&in.SignupInput)
		_, err := k.UpgradeGuest(t.Context(), in)
		return err
	}
	all := []string{"Email", "Password", "FirstName", "LastName"}
	testkit.WantFields(t, "nothing", upgrade(func(in *deskauth.SignupInput) { *in = deskauth.SignupInput{} }), all...)
	for _, email := range []string{guest.User.Email, "admin@f22.it", "a@localhost"} {
		testkit.WantFields(t, email, upgrade(func(in *deskauth.SignupInput) { in.Email = email }), "Email")
	}
	check = fmt.Errorf("%w: it is in a list", deskauth.ErrPasswordRefused)
	testkit.WantFields(t, "a listed password", upgrade(func(*deskauth.SignupInput) {}), "Password")
	check = nil
	in := testkit.Andrea()
	in.Client = "192.0.2.7"
	if _, err := k.Signup(t.Context(), in); err != nil {
		t.Errorf("a second attempt, a sign-up: %v", err)
	}
	err := upgrade(func(in *deskauth.SignupInput) { in.Email = "ada@f22.it" })
	if !errors.Is(err, deskauth.ErrTooManyAttempts) {
		t.Errorf("a third attempt: %v, want ErrTooManyAttempts", err)
	}
	if got := k.Stored(t, guest.User.ID); !reflect.DeepEqual(got, stored) {
		t.Errorf("the guest is stored with %+v, want it as it was: %+v", got, stored)
	}
	k.GoesOn(t, "the guest", guest.Token)
	if err := upgrade(func(in *deskauth.SignupInput) { in.Email, in.Client = "ada@f22.it", "" }); err != nil {
		t.Errorf("from another client: %v", err)
	}
}

// A disabled guest does not go up, and does once it is enabled.
func TestS34_DisabledGuestIsNotUpgraded(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	for _, disabled := range []bool{true, false} {
		testkit.Change(t, k.Store, guest.User.ID, func(a *deskauth.Account) { a.Disabled = disabled })
		want := map[bool]error{true: deskauth.ErrInvalidToken}[disabled]
		if u, err := k.Upgrade(t, guest.Token, "ada@f22.it"); err != want || disabled != (u.ID == "") {
			t.Errorf("disabled %t: upgraded %q, %v; want %v", disabled, u.ID, err, want)
		}
	}
}

// Like a sign-up, an upgrade mails a code to the address, which is not verified before it
// comes back.
func TestUpgradeMailsACode(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	for _, silent := range []bool{false, true} {
		guest := k.MustGuest(t, testkit.ProjectA)
		in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(guest.Token), SignupInput: testkit.Andrea()}
		in.Email, in.Locale, in.NoVerificationMail = fmt.Sprintf("%t@f22.it", silent), "it", silent
		k.Events.Take()
		if _, err := k.UpgradeGuest(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		want := []deskauth.EventType{deskauth.EventMailSent, deskauth.EventGuestUpgraded}
		if silent {
			want = want[1:]
		}
		if types := k.Events.TakeTypes(); !slices.Equal(types, want) {
			t.Errorf("silent %t: events %v, want %v", silent, types, want)
		}
		if silent {
			if mails := k.Mail.Take(); len(mails) > 0 {
				t.Errorf("mails %v, want none", mails)
			}
			continue
		}
		m := k.Mail.TakeOne(t, deskauth.MailEmailVerification)
		if m.To != in.Email || m.Locale != "it" {
			t.Errorf("mail %+v", m)
		}
		u, err := k.Use(t.Context(), m.Kind, m.Code, "")
		if err != nil || u.ID != guest.User.ID || !u.EmailVerified {
			t.Errorf("the code verifies %+v, %v; want the agent who was a guest", u, err)
		}
	}
}
