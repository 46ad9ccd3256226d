package deskauth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

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
		k.RefusedEverywhere(t, testkit.Forge(testkit.HS256, testkit.PayloadA(`"123"`), testkit.SecretB), "bad signature")
		k.RefusedEverywhere(t, testkit.ForgeA(testkit.CustomPayload(testkit.ProjectB, `"123"`)), "bad signature")
		k.RefusedEverywhere(t, testkit.ForgeA(testkit.PayloadA(`"123"`, `"nbf":9e9`)), "bad claims")
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
