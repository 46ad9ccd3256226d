package deskauth_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// claimOf is the claim of a guest's token.
func claimOf(token string) string { return `"guest_token":"` + token + `"` }

// A custom token links the guest whose token comes with it, in either way.
func TestLink(t *testing.T) {
	t.Parallel()
	for name, bring := range map[string]func(t *testing.T, k *testkit.Kit, guest, other string) (deskauth.Session, error){
		"as an input": func(t *testing.T, k *testkit.Kit, guest, _ string) (deskauth.Session, error) {
			return k.Link(t, testkit.TokenA(`"123"`), guest)
		},
		"as an input behind a scheme": func(t *testing.T, k *testkit.Kit, guest, _ string) (deskauth.Session, error) {
			return k.Link(t, testkit.TokenA(`"123"`), "JWT "+guest)
		},
		"as a claim": func(t *testing.T, k *testkit.Kit, guest, _ string) (deskauth.Session, error) {
			return k.TryCustom(t, testkit.TokenA(`"123"`, claimOf(guest)))
		},
		"as a claim behind a scheme": func(t *testing.T, k *testkit.Kit, guest, _ string) (deskauth.Session, error) {
			return k.TryCustom(t, testkit.TokenA(`"123"`, claimOf("Bearer "+guest)))
		},
		"as both: the input counts": func(t *testing.T, k *testkit.Kit, guest, other string) (deskauth.Session, error) {
			return k.Link(t, testkit.TokenA(`"123"`, claimOf(other)), guest)
		},
	} {
		k := testkit.New(t, deskauth.Config{})
		guest, other := k.MustGuest(t, testkit.ProjectA), k.MustGuest(t, testkit.ProjectA)
		second := k.MustIssue(t, guest.User.ID)
		k.Clock.Advance(2 * testkit.Day)
		k.Events.Take()
		s, err := bring(t, k, guest.Token, other.Token)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		isLinked(t, k, guest, s)
		k.IsOver(t, name+", the guest's second token", second.Token)
		k.GoesOn(t, name+", another guest", other.Token)
		k.GoesOn(t, name+", the external user", s.Token)
		if heir, err := k.LinkedTo(t.Context(), other.User.ID); heir != "" || err != nil {
			t.Errorf("%s: another guest is linked to %q, %v", name, heir, err)
		}
		stored := k.Stored(t, s.User.ID)
		for _, text := range []string{testkit.PartOf(t, s.Token, 1), string(stored.Attributes), stored.State} {
			if strings.Contains(text, "guest_token") || strings.Contains(text, guest.Token) {
				t.Errorf("%s: the guest's token stays in %s", name, text)
			}
		}
	}
}

// isLinked checks the events of a first sign-in that has linked a guest, and what is left.
func isLinked(t *testing.T, k *testkit.Kit, guest, s deskauth.Session) {
	t.Helper()
	events := k.Events.Take()
	want := []deskauth.EventType{deskauth.EventExternalCreated, deskauth.EventGuestLinked, deskauth.EventSignedIn}
	if types := testkit.Types(events); !slices.Equal(types, want) {
		t.Fatalf("events %v, want %v", types, want)
	}
	if e := events[1]; e.From != guest.User.ID || e.To != s.User.ID || e.UserID != s.User.ID || e.ExternalID != "123" ||
		e.Kind != deskauth.KindExternal || e.ProjectID != testkit.ProjectA || e.Reason != "" ||
		e.Operation != deskauth.OperationCustomToken {
		t.Errorf("event %+v", e)
	}
	if e := events[2]; e.From+e.To != "" || e.UserID != s.User.ID {
		t.Errorf("event %+v, want it to be about the sign-in", e)
	}
	heir, err := k.LinkedTo(t.Context(), guest.User.ID)
	if err != nil || heir != s.User.ID {
		t.Errorf("LinkedTo says %q, %v; want %q", heir, err, s.User.ID)
	}
	acc := k.Stored(t, guest.User.ID)
	if acc.Kind != deskauth.KindGuest || acc.SessionEpoch != 1 || !acc.LastActiveAt.Equal(k.Clock.Now()) {
		t.Errorf("the guest is stored with %+v", acc)
	}
	k.IsOver(t, "the guest's token", guest.Token)
	if e := k.Events.TakeLast(); e.Reason != deskauth.ReasonGuestLinked {
		t.Errorf("the guest's token is refused with %+v", e)
	}
}

// A host that may not have heard of a link hears of it again, and nothing is written.
func TestLinkIsToldAgain(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	first := k.MustLink(t, testkit.TokenA(`"123"`), guest.Token)
	stored := k.Stored(t, guest.User.ID)
	k.Clock.Advance(2 * testkit.Day)
	k.Events.Take()
	s := k.MustCustom(t, testkit.TokenA(`"123"`, claimOf(guest.Token)))
	events := k.Events.Take()
	want := []deskauth.EventType{deskauth.EventGuestLinked, deskauth.EventSignedIn}
	if types := testkit.Types(events); !slices.Equal(types, want) || events[0].From != guest.User.ID ||
		events[0].To != first.User.ID || s.User.ID != first.User.ID {
		t.Errorf("events %+v, want %v", events, want)
	}
	if got := k.Stored(t, guest.User.ID); !reflect.DeepEqual(got, stored) {
		t.Errorf("the guest is stored with %+v, want it as it was: %+v", got, stored)
	}
}

// A token that is no session of a guest of the project links nothing, and keeps nobody out.
func TestS33_TokensThatLinkNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	tokens := k.NotGuests(t)
	ofB := k.MustGuest(t, testkit.ProjectB)
	tokens = append(tokens, testkit.NotGuest{
		Name: "a guest of another project", Token: ofB.Token, ID: ofB.User.ID, Reason: deskauth.ReasonOtherProject,
	})
	k.MustCustom(t, testkit.TokenA(`"123"`))
	for _, c := range tokens {
		for _, claimed := range []bool{false, true} {
			var before deskauth.Account
			if c.ID != "" && c.Reason != deskauth.ReasonAccountGone {
				before = k.Stored(t, c.ID)
			}
			k.Events.Take()
			bring := func() (deskauth.Session, error) { return k.Link(t, testkit.TokenA(`"123"`), c.Token) }
			if claimed {
				bring = func() (deskauth.Session, error) { return k.TryCustom(t, testkit.TokenA(`"123"`, claimOf(c.Token))) }
			}
			s, err := bring()
			if err != nil || s.User.ExternalID != "123" {
				t.Errorf("%s: signed in %q, %v; want 123", c.Name, s.User.ExternalID, err)
			}
			events := k.Events.Take()
			want := []deskauth.EventType{deskauth.EventGuestNotLinked, deskauth.EventSignedIn}
			if !slices.Equal(testkit.Types(events), want) || events[0].Reason != c.Reason || events[0].From != c.ID ||
				events[0].To != s.User.ID || events[1].Reason != "" || events[1].Detail != "" {
				t.Errorf("%s: events %+v; want %v, %q", c.Name, events, want, c.Reason)
			}
			if before.ID != "" && !reflect.DeepEqual(k.Stored(t, c.ID), before) {
				t.Errorf("%s: the guest is stored with %+v, want it as it was", c.Name, k.Stored(t, c.ID))
			}
		}
	}
	k.GoesOn(t, "a guest of another project", ofB.Token)
}

// Nothing revives a guest that was linked.
func TestS33_LinkedGuestHasEnded(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	s := k.MustLink(t, testkit.TokenA(`"123"`), guest.Token)
	issue := func() error {
		_, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: guest.User.ID})
		return err
	}
	if err := issue(); err != deskauth.ErrUserNotFound || k.Events.TakeLast().Reason != deskauth.ReasonGuestLinked {
		t.Errorf("IssueSession: %v, want ErrUserNotFound", err)
	}
	if _, err := k.Upgrade(t, guest.Token, "new@f22.it"); err != deskauth.ErrInvalidToken {
		t.Errorf("UpgradeGuest: %v, want ErrInvalidToken", err)
	}
	if _, err := k.UpdateAccount(t.Context(), guest.User.ID, func(a *deskauth.Account) error {
		a.Kind, a.Email = deskauth.KindUser, "new@f22.it"
		return nil
	}); err == nil || !strings.Contains(err.Error(), "was linked") {
		t.Errorf("UpdateAccount makes it a user: %v", err)
	}
	for _, disabled := range []bool{true, false} {
		if err := k.SetDisabled(t.Context(), guest.User.ID, disabled); err != nil {
			t.Fatal(err)
		}
	}
	// A token of the epoch that the account has now.
	fresh := testkit.ForgeSession(strings.Replace(testkit.PartOf(t, guest.Token, 1), `"epoch":0`, `"epoch":3`, 1))
	if epoch := k.Stored(t, guest.User.ID).SessionEpoch; epoch != 3 {
		t.Fatalf("the epoch is %d, want 3", epoch)
	}
	for _, token := range []string{guest.Token, fresh} {
		k.IsOver(t, "the guest's token", token)
	}
	if err := issue(); err != deskauth.ErrUserNotFound {
		t.Errorf("IssueSession once it is enabled: %v, want ErrUserNotFound", err)
	}
	if err := k.Signout(t.Context(), guest.Token); err != nil {
		t.Errorf("Signout of what is over: %v", err)
	}
	if heir, err := k.LinkedTo(t.Context(), guest.User.ID); heir != s.User.ID || err != nil {
		t.Errorf("LinkedTo says %q, %v; want %q", heir, err, s.User.ID)
	}
	if err := k.DeleteUser(t.Context(), guest.User.ID); err != nil {
		t.Fatal(err)
	}
	if heir, err := k.LinkedTo(t.Context(), guest.User.ID); heir != "" || !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("LinkedTo of one that is gone says %q, %v", heir, err)
	}
}
