package deskauth_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Nothing that a custom token claims finds, changes or verifies another account.
func TestS10_ClaimsReachNoOtherAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{CustomTokenRoles: []string{"admin"}})
	const address, password = "andrea.leo@f22.it", "a long password"
	agent := k.MustSignup(t, address, password)
	guest := k.MustGuest(t, testkit.ProjectA).User
	before := map[string]deskauth.Account{}
	for _, id := range []string{agent.ID, guest.ID} {
		before[id], _ = k.Store.UserByID(t.Context(), id)
	}
	ids := []string{
		"123", agent.ID, guest.ID, address, guest.Email,
		deskauth.ExternalUserID(testkit.ProjectA, "123"), deskauth.ExternalUserID(testkit.ProjectB, "123"),
	}
	for n, id := range ids {
		for _, claims := range []string{
			`"email":"` + address + `"`,
			`"email":"` + address + `","emailverified":true,"email_verified":true,"emailVerified":true,"verified":true`,
			`"email":"` + guest.Email + `","firstname":"Mallory","lastname":"X"`,
			`"email":"` + address + `","role":"admin","roles":["admin"],"kind":"user","passwordhash":"x"`,
			`"id":"` + agent.ID + `","uid":"` + agent.ID + `","ID":"` + agent.ID + `","userId":"` + agent.ID + `"`,
			`"email":"` + guest.Email + `","role":"guest","uid":"` + guest.ID + `"`,
		} {
			staysExternal(t, k, id, claims)
		}
		if got, want := k.Store.Len(), 2+n+1; got != want {
			t.Errorf("%d accounts, want %d", got, want)
		}
	}
	for id, want := range before {
		if got, err := k.Store.UserByID(t.Context(), id); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("account %s is %+v, %v; it was %+v", id, got, err, want)
		}
		if want.Email == "" { // of the guest
			continue
		}
		if got, err := k.Store.UserByEmail(t.Context(), want.Email); err != nil || got.ID != id {
			t.Errorf("the address %s is of account %q, %v; want %s", want.Email, got.ID, err, id)
		}
	}
	if s := k.MustSignin(t, address, password); s.User.ID != agent.ID || s.User.EmailVerified {
		t.Errorf("the agent signs in to %+v", s.User)
	}
}

// staysExternal signs in with an _id and claims, and wants the account of that _id alone.
func staysExternal(t *testing.T, k *testkit.Kit, id, claims string) {
	t.Helper()
	s := k.MustCustom(t, testkit.TokenA(`"`+id+`"`, claims))
	who, err := k.Verify(t.Context(), s.Token)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	u, want := s.User, deskauth.ExternalUserID(testkit.ProjectA, id)
	if u.ID != want || who.UserID != want {
		t.Errorf("_id %q signed in %s, the token says %s; want %s", id, u.ID, who.UserID, want)
	}
	if u.Kind != deskauth.KindExternal || who.Kind != deskauth.KindExternal {
		t.Errorf("_id %q with %s: user %+v, identity %+v", id, claims, u, who)
	}
	if u.Email != "" || u.EmailVerified || who.Email != "" {
		t.Errorf("_id %q with %s: user %+v, identity %+v", id, claims, u, who)
	}
}

// An address that a token claims belongs to no account. It neither signs in nor keeps its
// owner from signing up.
func TestS10_ClaimedAddressStaysFree(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	const address = "andrea.leo@f22.it"
	token := testkit.TokenA(`"123"`, `"email":"`+address+`"`)
	external := k.MustCustom(t, token).User
	_, err := k.TrySignin(t, address, "a long password")
	if !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("Signin with a claimed address: %v", err)
	}
	if u := k.MustSignup(t, address, "a long password"); u.ID == external.ID || u.EmailVerified {
		t.Errorf("the owner's account is %+v", u)
	}
	if again := k.MustCustom(t, token).User; again.ID != external.ID || k.Store.Len() != 2 {
		t.Errorf("the external user is %s now, of %d accounts; it was %s", again.ID, k.Store.Len(), external.ID)
	}
}

func TestS10_EveryExternalIDIsAnAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	ids := []string{
		"a", "A", "á", "a\u0301", " a", "a ", "a.", "1", "01", "a/b", "a%2Fb", "ſ", "s", "ß", "ss",
		"null", "true", "[object Object]",
	}
	secrets := map[string]string{testkit.ProjectA: testkit.SecretA, testkit.ProjectB: testkit.SecretB}
	seen := map[string]string{}
	for _, id := range ids {
		for project, secret := range secrets {
			payload := testkit.CustomPayload(project, fmt.Sprintf("%q", id))
			u := k.MustCustom(t, testkit.Forge(testkit.HS256, payload, secret)).User
			who := fmt.Sprintf("%q of %s", id, project)
			if other, taken := seen[u.ID]; taken {
				t.Errorf("%s and %s are one account", who, other)
			}
			seen[u.ID] = who
			if u.ExternalID != id || u.ProjectID != project {
				t.Errorf("%s signed in %q of %s", who, u.ExternalID, u.ProjectID)
			}
		}
	}
	if n := k.Store.Len(); n != 2*len(ids) {
		t.Errorf("%d accounts, want %d", n, 2*len(ids))
	}
}

// An account that has an external user's ID and is not that user's is left alone. The call
// fails as a fault of the host's, and issues no session.
func TestS10_DerivedIDOfAnotherAccount(t *testing.T) {
	t.Parallel()
	id := deskauth.ExternalUserID(testkit.ProjectA, "123")
	for name, planted := range map[string]deskauth.User{
		"an agent": {Kind: deskauth.KindUser, Email: "andrea.leo@f22.it"},
		"an agent with its IDs": {
			Kind: deskauth.KindUser, Email: "andrea.leo@f22.it", ProjectID: testkit.ProjectA, ExternalID: "123",
		},
		"a guest with its IDs": {Kind: deskauth.KindGuest, ProjectID: testkit.ProjectA, ExternalID: "123"},
		"a guest":              {Kind: deskauth.KindGuest, ProjectID: testkit.ProjectA},
		"a user of B":          {Kind: deskauth.KindExternal, ProjectID: testkit.ProjectB, ExternalID: "123"},
		"another user":         {Kind: deskauth.KindExternal, ProjectID: testkit.ProjectA, ExternalID: "124"},
		"a user without an ID": {Kind: deskauth.KindExternal, ProjectID: testkit.ProjectA, ExternalID: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			planted.ID = id
			if err := k.Store.CreateUser(t.Context(), deskauth.Account{User: planted}); err != nil {
				t.Fatal(err)
			}
			s, err := k.TryCustom(t, testkit.TokenA(`"123"`, `"firstname":"Mallory"`))
			if err == nil || errors.Is(err, deskauth.ErrInvalidToken) || s.Token != "" {
				t.Errorf("token %q, error %v; want a failure", s.Token, err)
			}
			if got, err := k.Store.UserByID(t.Context(), id); err != nil || !reflect.DeepEqual(got.User, planted) {
				t.Errorf("the account is %+v, %v; it was %+v", got.User, err, planted)
			}
		})
	}
}
