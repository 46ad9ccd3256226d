package testkit

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// Upgrade makes an agent of a guest: Andrea, with an address.
func (k *Kit) Upgrade(t testing.TB, guestToken, email string) (deskauth.User, error) {
	t.Helper()
	in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(guestToken), SignupInput: Andrea()}
	in.Email = email
	return k.UpgradeGuest(t.Context(), in)
}

// Link signs in with a custom token, and brings the token of a guest.
func (k *Kit) Link(t testing.TB, token, guestToken string) (deskauth.Session, error) {
	t.Helper()
	return k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{
		Token: deskauth.NewSecret(token), GuestToken: deskauth.NewSecret(guestToken),
	})
}

// MustLink is [Kit.Link] for a test that wants no error.
func (k *Kit) MustLink(t testing.TB, token, guestToken string) deskauth.Session {
	t.Helper()
	s, err := k.Link(t, token, guestToken)
	if err != nil {
		t.Fatalf("SigninWithCustomToken with a guest's token: %v", err)
	}
	return s
}

// A NotGuest is a token that is no session of a guest of project A, and why.
type NotGuest struct {
	Name, Token string
	ID          string // of the guest whose token it is, as far as that is proven
	Reason      deskauth.Reason
}

// NotGuests returns one of each sort. The guests and accounts behind them are in the store.
func (k *Kit) NotGuests(t testing.TB) []NotGuest {
	t.Helper()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	guests := map[string]deskauth.Session{}
	for _, name := range []string{"out", "all out", "off", "gone", "upgraded", "linked", "good"} {
		guests[name] = k.MustGuest(t, ProjectA)
	}
	id := func(name string) string { return guests[name].User.ID }
	must(nil, k.Signout(t.Context(), guests["out"].Token))
	must(nil, k.SignoutEverywhere(t.Context(), id("all out")))
	must(nil, k.SetDisabled(t.Context(), id("off"), true))
	off := k.MustGuest(t, ProjectA) // by SQL: its token is good in all else
	Change(t, k.Store, off.User.ID, Disable)
	must(nil, k.DeleteUser(t.Context(), id("gone")))
	must(k.Upgrade(t, guests["upgraded"].Token, "upgraded@f22.it"))
	must(k.Link(t, TokenA(`"another"`), guests["linked"].Token))
	good := PartOf(t, guests["good"].Token, 1)
	forged := Forge(HS256, good, ForeignSecret)
	expired := ForgeSession(strings.Replace(good, `"exp":`, `"exp":1,"was":`, 1))
	issuer := ForgeSession(strings.ReplaceAll(good, Issuer, "https://example.com"))
	project := ForgeSession(strings.Replace(good, ProjectA, ProjectB, 1))
	return []NotGuest{
		{"no token", "nonsense", "", deskauth.ReasonMalformedToken},
		{"a forged token", forged, "", deskauth.ReasonBadSignature},
		{"a custom token", TokenA(`"1"`), "", deskauth.ReasonBadSignature},
		{"another issuer's token", issuer, "", deskauth.ReasonBadClaims},
		{"an expired token", expired, id("good"), deskauth.ReasonExpired},
		{"a guest of A for B", project, id("good"), deskauth.ReasonBadClaims},
		{"a session that signed out", guests["out"].Token, id("out"), deskauth.ReasonSessionRevoked},
		{"a guest signed out everywhere", guests["all out"].Token, id("all out"), deskauth.ReasonSessionRevoked},
		{"a disabled guest", guests["off"].Token, id("off"), deskauth.ReasonAccountDisabled},
		{"a guest disabled by hand", off.Token, off.User.ID, deskauth.ReasonAccountDisabled},
		{"a guest that is gone", guests["gone"].Token, id("gone"), deskauth.ReasonAccountGone},
		{"a guest that was upgraded", guests["upgraded"].Token, id("upgraded"), deskauth.ReasonSessionRevoked},
		{"a guest that was linked", guests["linked"].Token, id("linked"), deskauth.ReasonGuestLinked},
		{"an agent", k.MustSession(t, deskauth.KindUser).Token, "", deskauth.ReasonGuestsOnly},
		{"an external user", k.MustCustom(t, TokenA(`"1"`)).Token, "", deskauth.ReasonGuestsOnly},
	}
}
