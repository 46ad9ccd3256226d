package testkit

import (
	"errors"
	"testing"

	"github.com/deskauth/deskauth"
)

// Kinds are all kinds of account.
var Kinds = []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}

// MustSession signs a new account of a kind in.
func (k *Kit) MustSession(t testing.TB, kind deskauth.Kind) deskauth.Session {
	t.Helper()
	switch kind {
	case deskauth.KindUser:
		k.MustSignup(t, "andrea@f22.it", "a long password")
		return k.MustSignin(t, "andrea@f22.it", "a long password")
	case deskauth.KindGuest:
		return k.MustGuest(t, ProjectA)
	}
	return k.MustCustom(t, TokenA(`"123"`, `"firstname":"Andrea"`))
}

// MustIssue starts one more session for an account.
func (k *Kit) MustIssue(t testing.TB, userID string) deskauth.Session {
	t.Helper()
	s, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: userID})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// GoesOn fails the test unless the session of a token is good. what names it.
func (k *Kit) GoesOn(t testing.TB, what, token string) {
	t.Helper()
	if _, err := k.Verify(t.Context(), token); err != nil {
		t.Errorf("%s: %v, want it to go on", what, err)
	}
}

// IsOver fails the test unless the session of a token has ended. what names it.
func (k *Kit) IsOver(t testing.TB, what, token string) {
	t.Helper()
	if _, err := k.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("%s: Verify says %v, want ErrInvalidToken", what, err)
	}
	if s, err := k.TryCustom(t, token); !errors.Is(err, deskauth.ErrInvalidToken) || s.Token != "" {
		t.Errorf("%s: coming back says %v, want ErrInvalidToken", what, err)
	}
}

// EndlessGuest is a guest's token as a Tiledesk server signs it.
func EndlessGuest(guest deskauth.User) string {
	return ForgeSession(`{"_id":"` + guest.ID + `","sub":"guest","iat":1600000000,` +
		`"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`)
}
