package deskauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// What each of the two says of a session, down to the last field.
func TestVerifyIdentity(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "a long password")
	claimed := testkit.TokenA(`"123"`, `"email":"a@b.it","x":1,"firstname":"F"`)
	agent := k.MustSignin(t, "andrea@f22.it", "a long password")
	guest, external := k.MustGuest(t, testkit.ProjectA), k.MustCustom(t, claimed)
	for _, c := range []struct {
		s    deskauth.Session
		want deskauth.Identity
	}{
		{agent, deskauth.Identity{Email: "andrea@f22.it"}},
		{guest, deskauth.Identity{Email: guest.User.Email, ProjectID: testkit.ProjectA}},
		{external, deskauth.Identity{
			ProjectID: testkit.ProjectA, ExternalID: "123", Claims: json.RawMessage(`{"email":"a@b.it","x":1}`),
		}},
	} {
		u, want := c.s.User, c.want
		want.UserID, want.Kind, want.FirstName, want.LastName = u.ID, u.Kind, u.FirstName, u.LastName
		want.IssuedAt, want.AuthTime, want.ExpiresAt = testkit.Start, testkit.Start, c.s.ExpiresAt
		for _, m := range testkit.Members(t, c.s.Token) {
			switch m.Name {
			case "jti":
				want.TokenID = m.Value[1 : len(m.Value)-1]
			case "sid":
				want.SessionID = m.Value[1 : len(m.Value)-1]
			}
		}
		k.Events.Take()
		for _, scheme := range []string{"", "JWT ", "jwt ", "Bearer ", "BEARER "} {
			got, err := k.Verify(t.Context(), scheme+c.s.Token)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: Verify with %q\n got %+v, %v\nwant %+v", u.Kind, scheme, got, err, want)
			}
			got, err = k.VerifyStateless(t.Context(), scheme+c.s.Token)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: VerifyStateless with %q\n got %+v, %v\nwant %+v", u.Kind, scheme, got, err, want)
			}
		}
		if events := k.Events.Take(); len(events) != 0 {
			t.Errorf("%s: events %+v, want none", u.Kind, events)
		}
	}
}

// Verify tells what the store says now, VerifyStateless what was true at the sign-in.
func TestVerifyIsCurrent(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", "a long password")
	agent := k.MustSignin(t, "andrea@f22.it", "a long password").Token
	testkit.Change(t, k.Store, u.ID, func(a *deskauth.Account) {
		a.Email, a.FirstName, a.LastName = "new@f22.it", "Anna", "Blu"
	})
	id, err := k.Verify(t.Context(), agent)
	if err != nil || id.Email != "new@f22.it" || id.FirstName != "Anna" || id.LastName != "Blu" {
		t.Errorf("Verify = %+v, %v; want what is stored now", id, err)
	}
	id, err = k.VerifyStateless(t.Context(), agent)
	if err != nil || id.Email != "andrea@f22.it" || id.FirstName != "Andrea" || id.LastName != "Leo" {
		t.Errorf("VerifyStateless = %+v, %v; want what is in the token", id, err)
	}
	external := k.MustCustom(t, testkit.TokenA(`"123"`, `"x":1`)).Token
	k.MustCustom(t, testkit.TokenA(`"123"`, `"x":2`))
	id, err = k.Verify(t.Context(), external)
	if err != nil || string(id.Claims) != `{"x":2}` {
		t.Errorf("Verify = claims %s, %v; want those of the latest sign-in", id.Claims, err)
	}
}

func TestVerifyAgainstTheStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit   func(*deskauth.Account)
		reason deskauth.Reason
	}{
		"disabled":      {testkit.Disable, "account disabled"},
		"epoch raised":  {testkit.RaiseEpoch, "session revoked"},
		"epoch lowered": {func(a *deskauth.Account) { a.SessionEpoch-- }, "session revoked"},
		"another kind": {func(a *deskauth.Account) {
			kinds := map[deskauth.Kind]deskauth.Kind{"guest": "userexternal", "userexternal": "user"}
			a.Kind = kinds[a.Kind]
		}, "bad claims"},
		"another project":     {func(a *deskauth.Account) { a.ProjectID = testkit.ProjectB }, "bad claims"},
		"no project":          {func(a *deskauth.Account) { a.ProjectID = "" }, "bad claims"},
		"another external ID": {func(a *deskauth.Account) { a.ExternalID = "124" }, "bad claims"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			guest, external := k.MustGuest(t, testkit.ProjectA), k.MustCustom(t, testkit.TokenA(`"123"`))
			sessions := []deskauth.Session{external, guest}
			if name == "another external ID" { // which a guest's token does not say
				sessions = sessions[:1]
			}
			for _, s := range sessions {
				testkit.Change(t, k.Store, s.User.ID, c.edit)
				id, err := k.Verify(t.Context(), s.Token)
				if err != deskauth.ErrInvalidToken || !reflect.DeepEqual(id, deskauth.Identity{}) {
					t.Errorf("%s: Verify = %+v, %v; want ErrInvalidToken", s.User.Kind, id, err)
				}
				if e := k.Events.TakeLast(); e.Reason != c.reason || e.UserID != s.User.ID {
					t.Errorf("%s: event %+v; want reason %q of %s", s.User.Kind, e, c.reason, s.User.ID)
				}
				if _, err := k.VerifyStateless(t.Context(), s.Token); err != nil {
					t.Errorf("%s: VerifyStateless: %v; it asks no store", s.User.Kind, err)
				}
			}
		})
	}
}

// A session of one account is good for no other, even where the session key is known.
func TestS07_SessionIsOfItsAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	agent, guest := k.MustSignup(t, "andrea@f22.it", "a long password"), k.MustGuest(t, testkit.ProjectA).User
	external := k.MustCustom(t, testkit.TokenA(`"123"`)).User
	const (
		times = `"iat":1767323045,"exp":1767409445,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"`
		inA   = `,"id_project":"` + testkit.ProjectA + `"`
		inB   = `,"id_project":"` + testkit.ProjectB + `"`

		asUser, asGuest, asExternal = `,"sub":"user"`, `,"sub":"guest"`, `,"sub":"userexternal"`
	)
	id := func(id string) string { return `"_id":"` + id + `"` }
	uid := func(id string) string { return `,"uid":"` + id + `"` }
	k.RefusedCustom(t, testkit.ForgeSession("{"+id(agent.ID)+asGuest+inA+","+times+"}"), "session revoked")
	for name, claims := range map[string]string{
		"a guest of A for B":            id(guest.ID) + asGuest + inB,
		"a guest as an agent":           id(guest.ID) + asUser,
		"a guest as an external user":   id(guest.ID) + asExternal + inA + uid(guest.ID),
		"an agent in a project":         id(agent.ID) + asUser + inA,
		"an external user as an agent":  id(external.ID) + asUser,
		"an external user as a guest":   id(external.ID) + asGuest + inA,
		"an external user of B":         id("123") + asExternal + inB + uid(external.ID),
		"another external user":         id("124") + asExternal + inA + uid(external.ID),
		"an agent with a uid of theirs": id("124") + asExternal + inA + uid(agent.ID),
	} {
		token := testkit.ForgeSession("{" + claims + "," + times + "}")
		if id, err := k.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("%s: Verify = %+v, %v; want ErrInvalidToken", name, id, err)
		}
		k.RefusedCustom(t, token, "bad claims")
	}
}

func TestVerifyAccountGone(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	token := k.MustGuest(t, testkit.ProjectA).Token
	later := testkit.NewOn(t, memstore.New(), testkit.Secrets(), deskauth.Config{})
	if _, err := later.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("Verify: %v, want ErrInvalidToken", err)
	}
	if e := later.Events.TakeLast(); e.Reason != "account gone" {
		t.Errorf("reason %q, want account gone", e.Reason)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Verify(ctx, token)
	if !errors.Is(err, context.Canceled) || errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("Verify with a cancelled context: %v; that says nothing of the token", err)
	}
}

// With public keys alone, another service verifies and cannot sign anybody in.
func TestVerifyOnly(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuing := testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", private)},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: nil},
	}, deskauth.Config{})
	s, err := issuing.TryGuest(t, testkit.ProjectA)
	if err != nil {
		t.Fatal(err)
	}
	verifying := testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "ES256", &private.PublicKey)},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: nil},
	}, deskauth.Config{})
	if id, err := verifying.VerifyStateless(t.Context(), s.Token); err != nil || id.UserID != s.User.ID {
		t.Errorf("VerifyStateless = %v, %v", id, err)
	}
	got, err := verifying.TryGuest(t, testkit.ProjectA)
	if err == nil || got.Token != "" {
		t.Errorf("a public key signed %q, %v", got.Token, err)
	}
}
