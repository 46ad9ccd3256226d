package deskauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A Tiledesk server's session tokens have no exp, epoch or auth_time.
func TestAcceptNoExpiry(t *testing.T) {
	t.Parallel()
	lax := testkit.New(t, deskauth.Config{AcceptNoExpiry: true})
	strict := testkit.NewOn(t, lax.Store, testkit.Secrets(), deskauth.Config{})
	strict.Store = lax.Store
	agent, guest := lax.MustSignup(t, "andrea@f22.it", "a long password"), lax.MustGuest(t, testkit.ProjectA).User
	const rest = `,"iat":1600000000,"aud":"https://tiledesk.com","iss":"https://tiledesk.com","jti":"5d5aa1c6-8ae5-4e53-8d4a-5fb2aa6a0ac2"`
	tokens := map[string]string{
		agent.ID: testkit.Forge(testkit.HS256, `{"_id":"`+agent.ID+`","email":"andrea@f22.it","firstname":"Andrea","lastname":"Leo","emailverified":true`+rest+`,"sub":"user"}`, testkit.SessionSecret),
		guest.ID: testkit.Forge(testkit.HS256, `{"_id":"`+guest.ID+`","email":"`+guest.Email+`","firstname":"guest#1","emailverified":false`+rest+`,"sub":"guest"}`, testkit.SessionSecret),
	}
	for id, token := range tokens {
		nobodyEnters(t, strict, token, "bad claims")
		lax.Clock.Set(testkit.Start.Add(20 * 365 * 24 * time.Hour))
		who, err := lax.Verify(t.Context(), token)
		if err != nil || who.UserID != id || !who.ExpiresAt.IsZero() || !who.AuthTime.Equal(time.Unix(1600000000, 0)) {
			t.Errorf("Verify = %+v, %v; want %s without an end", who, err, id)
		}
		if s := lax.MustCustom(t, token); s.Token != token || !s.ExpiresAt.IsZero() || s.User.ID != id {
			t.Errorf("coming back: ends %v, user %s; want the same token", s.ExpiresAt, s.User.ID)
		}
		lax.Clock.Set(testkit.Start)
		testkit.Change(t, lax.Store, id, func(a *deskauth.Account) { a.SessionEpoch = 1 })
		if _, err := lax.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("Verify after the epoch was raised: %v, want ErrInvalidToken", err)
		}
	}
	if id, err := lax.VerifyStateless(t.Context(), strings.Replace(tokens[agent.ID], ".", ".x", 1)); err == nil {
		t.Errorf("a changed token is taken: %+v", id)
	}
	s := lax.MustGuest(t, testkit.ProjectA)
	lax.Clock.Set(s.ExpiresAt.Add(time.Minute))
	if _, err := lax.Verify(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("a token that has an exp: %v, want ErrTokenExpired", err)
	}
	nobodyEnters(t, lax, testkit.Forge(testkit.HS256, `{"_id":"`+agent.ID+`","sub":"user","aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`, testkit.SessionSecret), "bad claims")
}

func TestEchoCustomToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	exp := testkit.Start.Add(time.Hour)
	for name, c := range map[string]struct {
		token   string
		expires time.Time
	}{
		"as Tiledesk's samples sign": {testkit.TokenA(`"123"`, `"firstname":"Andrea","email":"a@b.it"`), time.Time{}},
		"with exp":                   {testkit.TokenA(`"124"`, fmt.Sprintf(`"firstname":"Andrea","email":"a@b.it","exp":%d`, exp.Unix())), exp},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := k.Verify(t.Context(), c.token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("Verify before the first sign-in: %v, want ErrInvalidToken", err)
			}
			s := k.MustCustom(t, "JWT "+c.token)
			if s.Token != c.token || !s.ExpiresAt.Equal(c.expires) {
				t.Errorf("the answer ends %v; want the caller's token, and %v", s.ExpiresAt, c.expires)
			}
			for door, verify := range map[string]func() (deskauth.Identity, error){
				"Verify":          func() (deskauth.Identity, error) { return k.Verify(t.Context(), "Bearer "+s.Token) },
				"VerifyStateless": func() (deskauth.Identity, error) { return k.VerifyStateless(t.Context(), s.Token) },
			} {
				id, err := verify()
				if err != nil || id.UserID != s.User.ID || id.Kind != deskauth.KindExternal || id.ProjectID != testkit.ProjectA || id.ExternalID != s.User.ExternalID ||
					id.FirstName != "Andrea" || id.Email != "" || string(id.Claims) != `{"email":"a@b.it"}` || !id.ExpiresAt.Equal(c.expires) || !id.IssuedAt.IsZero() {
					t.Errorf("%s = %+v, %v", door, id, err)
				}
			}
		})
	}
	t.Run("sessions of our own are taken too", func(t *testing.T) {
		guest := k.MustGuest(t, testkit.ProjectA)
		if id, err := k.Verify(t.Context(), guest.Token); err != nil || id.UserID != guest.User.ID {
			t.Errorf("Verify of a guest's token = %+v, %v", id, err)
		}
	})
	t.Run("forged ones are not", func(t *testing.T) {
		nobodyEnters(t, k, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.SecretB), "bad signature")
		nobodyEnters(t, k, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectB, `"123"`), testkit.SecretA), "bad signature")
		nobodyEnters(t, k, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"123"`, `"nbf":9e9`), testkit.SecretA), "bad claims")
	})
	t.Run("the account counts", func(t *testing.T) {
		s := k.MustCustom(t, testkit.TokenA(`"125"`))
		testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.SessionEpoch = 1 })
		if _, err := k.Verify(t.Context(), s.Token); err != nil {
			t.Errorf("Verify after the epoch was raised: %v; a custom token has none", err)
		}
		testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.Disabled = true })
		if _, err := k.Verify(t.Context(), s.Token); err != deskauth.ErrInvalidToken {
			t.Errorf("Verify of a disabled account: %v, want ErrInvalidToken", err)
		}
	})
}

// ErrTokenExpired is what both return for a token that is good in all but its age.
func TestEchoCustomTokenExpires(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	s := k.MustCustom(t, testkit.TokenA(`"123"`, fmt.Sprintf(`"exp":%d`, testkit.Start.Add(time.Hour).Unix())))
	k.Clock.Set(testkit.Start.Add(2 * time.Hour))
	if _, err := k.Verify(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("Verify: %v, want ErrTokenExpired", err)
	}
	if _, err := k.VerifyStateless(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("VerifyStateless: %v, want ErrTokenExpired", err)
	}
	k.RefusedCustom(t, s.Token, "expired")
}

func TestEchoCustomTokenIsOff(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	token := testkit.TokenA(`"123"`, `"iat":1767323045,"exp":1767409445,"iss":"https://tiledesk.com"`)
	if s := k.MustCustom(t, token); s.Token == token {
		t.Error("the answer is the caller's token")
	}
	for name, verify := range map[string]func() (deskauth.Identity, error){
		"Verify":          func() (deskauth.Identity, error) { return k.Verify(t.Context(), token) },
		"VerifyStateless": func() (deskauth.Identity, error) { return k.VerifyStateless(t.Context(), token) },
	} {
		if id, err := verify(); err != deskauth.ErrInvalidToken {
			t.Errorf("%s = %+v, %v; want ErrInvalidToken", name, id, err)
		}
	}
}
