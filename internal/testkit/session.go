package testkit

import (
	"errors"
	"fmt"
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

// AgentToken is a token of an agent who signed in at [Start], good for an hour.
func AgentToken(id string) string {
	return ForgeSession(fmt.Sprintf(`{"_id":%q,"sub":"user","iat":%d,"exp":%d,"sid":"1","epoch":0,`+
		`"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`, id, Start.Unix(), Start.Unix()+3600))
}

// EndlessGuest is a guest's token as a Tiledesk server signs it.
func EndlessGuest(guest deskauth.User) string {
	return ForgeSession(`{"_id":"` + guest.ID + `","sub":"guest","iat":1600000000,` +
		`"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`)
}

// Stored returns an account as it is in the store.
func (k *Kit) Stored(t testing.TB, id string) deskauth.Account {
	t.Helper()
	acc, err := k.Store.UserByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

// A NotAgent is a token that names no session of an agent, and what a method says that is
// for agents alone.
type NotAgent struct {
	Name, Token string
	Want        error
	Reason      deskauth.Reason
}

// NotAgents returns one of each sort, and the session of an agent that is good.
func (k *Kit) NotAgents(t testing.TB) (cases []NotAgent, agent deskauth.Session) {
	t.Helper()
	agent = k.MustSession(t, deskauth.KindUser)
	signedOut := k.MustIssue(t, agent.User.ID).Token
	if err := k.Signout(t.Context(), signedOut); err != nil {
		t.Fatal(err)
	}
	off := Put(t, k.Store, "off@f22.it", WeakHash)
	disabled := k.MustIssue(t, off.ID).Token
	Change(t, k.Store, off.ID, Disable)
	gone := Put(t, k.Store, "gone@f22.it", WeakHash)
	deleted := k.MustIssue(t, gone.ID).Token
	if err := k.Store.DeleteUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	forged := Forge(HS256, PartOf(t, agent.Token, 1), ForeignSecret)
	guest, external := k.MustGuest(t, ProjectA).Token, k.MustCustom(t, TokenA(`"1"`)).Token
	invalid, usersOnly := deskauth.ErrInvalidToken, deskauth.ErrUsersOnly
	return []NotAgent{
		{"no token", "", invalid, deskauth.ReasonMalformedToken},
		{"a forged token", forged, invalid, deskauth.ReasonBadSignature},
		{"a custom token", TokenA(`"1"`), invalid, deskauth.ReasonBadSignature},
		{"a session that signed out", signedOut, invalid, deskauth.ReasonSessionRevoked},
		{"a disabled account", disabled, invalid, deskauth.ReasonAccountDisabled},
		{"a deleted account", deleted, invalid, deskauth.ReasonAccountGone},
		{"a guest", guest, usersOnly, deskauth.ReasonUsersOnly},
		{"an external user", external, usersOnly, deskauth.ReasonUsersOnly},
	}, agent
}

// MustChange changes the password of an agent who has a session.
func MustChange(t testing.TB, k *Kit, token, current, next string) deskauth.Session {
	t.Helper()
	s, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
		Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(current), New: deskauth.NewSecret(next),
	})
	if err != nil {
		t.Fatalf("ChangePassword: %v", err)
	}
	return s
}
