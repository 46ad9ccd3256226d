package deskauth_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// While either of the two is disabled, nothing is linked, also not what was linked before.
func TestS34_DisabledLinksNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	external := k.MustCustom(t, testkit.TokenA(`"123"`)).User.ID
	testkit.Change(t, k.Store, external, testkit.Disable)
	k.Events.Take()
	if s, err := k.Link(t, testkit.TokenA(`"123"`), guest.Token); err != deskauth.ErrAccountDisabled || s.Token != "" {
		t.Errorf("a disabled external user: %v, want ErrAccountDisabled", err)
	}
	if types := k.Events.TakeTypes(); !slices.Equal(types, []deskauth.EventType{deskauth.EventRefused}) {
		t.Errorf("a disabled external user: events %v, want one, refused", types)
	}
	k.GoesOn(t, "the guest", guest.Token)

	k.MustLink(t, testkit.TokenA(`"124"`), guest.Token)
	testkit.Change(t, k.Store, guest.User.ID, testkit.Disable)
	k.Events.Take()
	k.MustLink(t, testkit.TokenA(`"124"`), guest.Token)
	if e := k.Events.Take(); e[0].Type != deskauth.EventGuestNotLinked || e[0].Reason != deskauth.ReasonAccountDisabled {
		t.Errorf("a disabled guest that was linked: events %+v", e)
	}
}

// What comes between the look at the guest and the write wins.
func TestS33_WhatComesBetweenALinkWins(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(k *testkit.Kit, guest deskauth.Session) error
		reason deskauth.Reason // none if it is linked
	}{
		"an upgrade": {func(k *testkit.Kit, g deskauth.Session) error {
			_, err := k.Upgrade(t, g.Token, "first@f22.it")
			return err
		}, deskauth.ReasonSessionRevoked},
		"a link to another": {func(k *testkit.Kit, g deskauth.Session) error {
			_, err := k.Link(t, testkit.TokenA(`"124"`), g.Token)
			return err
		}, deskauth.ReasonGuestLinked},
		"the same link": {func(k *testkit.Kit, g deskauth.Session) error {
			_, err := k.Link(t, testkit.TokenA(`"123"`), g.Token)
			return err
		}, ""},
		"the deletion": {func(k *testkit.Kit, g deskauth.Session) error {
			return k.DeleteUser(t.Context(), g.User.ID)
		}, deskauth.ReasonAccountGone},
		"a sign-out": {func(k *testkit.Kit, g deskauth.Session) error {
			return k.Signout(t.Context(), g.Token)
		}, deskauth.ReasonSessionRevoked},
	} {
		k := testkit.New(t, deskauth.Config{})
		guest := k.MustGuest(t, testkit.ProjectA)
		k.MustCustom(t, testkit.TokenA(`"123"`))
		store := &testkit.CountingStore{UserStore: k.Store}
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.BeforeUpdate = nil
			if err := c.do(k, guest); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		}
		slow := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
		slow.MustLink(t, testkit.TokenA(`"123"`), guest.Token)
		e := slow.Events.Take()[0]
		if linked := e.Type == deskauth.EventGuestLinked; e.Reason != c.reason || linked != (c.reason == "") {
			t.Errorf("%s: event %+v, want the reason %q", name, e, c.reason)
		}
	}
}

// A session token that is resumed links nothing, and says so.
func TestResumedSessionLinksNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		k := testkit.New(t, deskauth.Config{})
		guest, s := k.MustGuest(t, testkit.ProjectA), k.MustSession(t, kind)
		k.Events.Take()
		if back := k.MustLink(t, s.Token, guest.Token); back.Token != s.Token {
			t.Errorf("%s: another token", kind)
		}
		events := k.Events.Take()
		want := []deskauth.EventType{deskauth.EventGuestNotLinked, deskauth.EventSessionRestored}
		if !slices.Equal(testkit.Types(events), want) || events[0].Reason != deskauth.ReasonInvalidInput {
			t.Errorf("%s: events %+v, want %v", kind, events, want)
		}
		k.GoesOn(t, "the guest", guest.Token)
	}
}

// A custom token that serves as a session links, too.
func TestLinkWithEchoedToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	guest, token := k.MustGuest(t, testkit.ProjectA), testkit.TokenA(`"123"`)
	s := k.MustLink(t, token, guest.Token)
	if heir, err := k.LinkedTo(t.Context(), guest.User.ID); heir != s.User.ID || s.Token != token || err != nil {
		t.Errorf("LinkedTo says %q, %v; want %q", heir, err, s.User.ID)
	}
	k.IsOver(t, "the guest's token", guest.Token)
}

// What the link finds out about the guest's token is not said of the custom token.
func TestLinkWithOldKey(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	secrets.Session = append(secrets.Session, testkit.Key("old", testkit.ForeignSecret))
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	k.MustCustom(t, testkit.TokenA(`"123"`))
	k.Events.Take()
	byOldKey := testkit.Forge(testkit.HS256, testkit.PartOf(t, guest.Token, 1), testkit.ForeignSecret)
	if _, err := k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{
		Token:  deskauth.NewSecret(testkit.TokenA(`"123"`)),
		Client: "192.0.2.7", GuestToken: deskauth.NewSecret(byOldKey),
	}); err != nil {
		t.Fatal(err)
	}
	e := k.Events.Take()
	for _, e := range e {
		if e.Client != "192.0.2.7" || e.Operation != deskauth.OperationCustomToken {
			t.Errorf("event %+v, want the client and the operation in it", e)
		}
	}
	want := []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventGuestLinked, deskauth.EventSignedIn}
	if !slices.Equal(testkit.Types(e), want) || e[0].UserID != guest.User.ID || e[0].KeyID != "old" ||
		e[1].KeyID != "old" || e[2].KeyID != "" {
		t.Errorf("events %+v, want %v", e, want)
	}
}

// A guest's token of another type, or in another spelling of its name, is none.
func TestS09_GuestTokenClaim(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := k.MustGuest(t, testkit.ProjectA)
	for claim, detail := range map[string]string{
		`"guest_token":["` + guest.Token + `"]`: `"guest_token" is not a text and was left out`,
		`"guest_token":7`:                       `"guest_token" is not a text and was left out`,
		`"guest_token":null`:                    "",
		`"guest_token":""`:                      "",
		`"Guest_Token":"` + guest.Token + `"`:   `"Guest_Token" was left out: it counts in lower case only`,
		`"guestToken":"` + guest.Token + `"`:    `"guestToken" was left out: the claim is guest_token`,
		`"GUESTTOKEN":"` + guest.Token + `"`:    `"GUESTTOKEN" was left out: the claim is guest_token`,
	} {
		k.Events.Take()
		s := k.MustCustom(t, testkit.TokenA(`"123"`, claim))
		if e := k.Events.TakeLast(); e.Type != deskauth.EventSignedIn || e.Detail != detail {
			t.Errorf("%s: event %+v, want the detail %q", claim, e, detail)
		}
		if got := testkit.PartOf(t, s.Token, 1); s.User.Attributes != nil || strings.Contains(got, "attributes") {
			t.Errorf("%s: the profile has %s, the token %s", claim, s.User.Attributes, got)
		}
		k.GoesOn(t, claim+", the guest", guest.Token)
	}
}

// The log names both accounts. A forged token is loud.
func TestLinkInTheLog(t *testing.T) {
	t.Parallel()
	log := new(testkit.Logbook)
	k := testkit.New(t, deskauth.Config{Logger: log.Logger()})
	guest := k.MustGuest(t, testkit.ProjectA)
	id := k.MustCustom(t, testkit.TokenA(`"123"`)).User.ID
	forged := testkit.Forge(testkit.HS256, testkit.PartOf(t, guest.Token, 1), testkit.ForeignSecret)
	for _, c := range []struct{ token, level, want string }{
		{forged, "WARN", `"deskauth: guest_not_linked","operation":"custom_token","reason":"bad signature"`},
		{guest.Token, "INFO", `"deskauth: guest_linked"`},
	} {
		log.TakeText()
		k.MustLink(t, testkit.TokenA(`"123"`), c.token)
		line, _, _ := strings.Cut(log.TakeText(), "\n")
		from := ""
		if c.token == guest.Token {
			from = `"from":"` + guest.User.ID + `",`
		}
		for _, want := range []string{`"level":"` + c.level + `"`, c.want, from + `"to":"` + id + `"`} {
			if !strings.Contains(line, want) {
				t.Errorf("the log has %s, want %s", line, want)
			}
		}
	}
}

// LinkedTo names the guest that is gone, and takes no State that it cannot read for none.
func TestLinkedToSaysWhatItCannotTell(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	if heir, err := k.LinkedTo(t.Context(), "gone"); heir != "" || err != deskauth.ErrUserNotFound {
		t.Errorf("a guest that is gone: %q, %v; want ErrUserNotFound", heir, err)
	}
	if e := k.Events.TakeLast(); e.UserID != "gone" || e.Reason != deskauth.ReasonAccountGone ||
		e.Operation != deskauth.OperationLinkedTo {
		t.Errorf("a guest that is gone: event %+v", e)
	}
	guest := k.MustGuest(t, testkit.ProjectA)
	testkit.Change(t, k.Store, guest.User.ID, func(a *deskauth.Account) { a.State = "{" })
	k.Events.Take()
	heir, err := k.LinkedTo(t.Context(), guest.User.ID)
	testkit.WantFailure(t, heir, err)
	if e := k.Events.Take(); len(e) != 1 || e[0].Type != deskauth.EventFailed {
		t.Errorf("a State that cannot be read: events %+v", e)
	}
	if s, err := k.Link(t, testkit.TokenA(`"123"`), guest.Token); err == nil || s.Token != "" {
		t.Errorf("a link of it: %v, want a failure", err)
	}
}

// A session token that is refused tells nothing of the guest's token beside it.
func TestS33_ARefusedSessionTokenLinksNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest, gone := k.MustGuest(t, testkit.ProjectA), k.MustGuest(t, testkit.ProjectA)
	testkit.Must(t, k.DeleteUser(t.Context(), gone.User.ID))
	k.Events.Take()
	if _, err := k.Link(t, gone.Token, guest.Token); err != deskauth.ErrInvalidToken {
		t.Errorf("the token of a guest who is gone: %v", err)
	}
	testkit.WantTypes(t, k.Events.TakeTypes(), deskauth.EventRefused)
}
