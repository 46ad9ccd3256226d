package deskauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestEchoCustomToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	const profile = `"firstname":"Andrea","email":"a@b.it"`
	exp := testkit.Start.Add(time.Hour)
	iat := testkit.Start.Add(-time.Minute)
	for name, c := range map[string]struct {
		token           string
		expires, signed time.Time
		id              string
	}{
		"as Tiledesk's samples sign": {testkit.TokenA(`"123"`, profile), time.Time{}, time.Time{}, ""},
		"with exp": {
			testkit.TokenA(`"124"`, profile, fmt.Sprintf(`"exp":%d`, exp.Unix())), exp, time.Time{}, "",
		},
		"with iat and jti": {
			testkit.TokenA(`"125"`, profile, fmt.Sprintf(`"iat":%d,"jti":"j1"`, iat.Unix())), time.Time{}, iat, "j1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := k.Verify(t.Context(), c.token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("Verify before the first sign-in: %v, want ErrInvalidToken", err)
			}
			s := k.MustCustom(t, "JWT "+c.token)
			if s.Token != c.token || !s.ExpiresAt.Equal(c.expires) {
				t.Errorf("the answer ends %v; want the caller's token, and %v", s.ExpiresAt, c.expires)
			}
			want := deskauth.Identity{
				UserID:     s.User.ID,
				Kind:       deskauth.KindExternal,
				ProjectID:  testkit.ProjectA,
				ExternalID: s.User.ExternalID,
				FirstName:  "Andrea",
				ExpiresAt:  c.expires,
				AuthTime:   c.signed,
				IssuedAt:   c.signed,
				TokenID:    c.id,
				Claims:     json.RawMessage(`{"email":"a@b.it"}`),
			}
			id, err := k.Verify(t.Context(), "Bearer "+s.Token)
			if err != nil || !reflect.DeepEqual(id, want) {
				t.Errorf("Verify = %+v, %v; want %+v", id, err, want)
			}
			id, err = k.VerifyStateless(t.Context(), s.Token)
			if err != nil || !reflect.DeepEqual(id, want) {
				t.Errorf("VerifyStateless = %+v, %v; want %+v", id, err, want)
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
		otherSecret := testkit.Forge(testkit.HS256, testkit.PayloadA(`"123"`), testkit.SecretB)
		k.RefusedEverywhere(t, otherSecret, "bad signature")
		otherProject := testkit.ForgeA(testkit.CustomPayload(testkit.ProjectB, `"123"`))
		k.RefusedEverywhere(t, otherProject, "bad signature")
		k.RefusedEverywhere(t, testkit.TokenA(`"123"`, `"nbf":9e9`), "bad claims")
	})
	t.Run("the account counts", func(t *testing.T) { echoedAccountCounts(t, k) })
}

func echoedAccountCounts(t *testing.T, k *testkit.Kit) {
	s := k.MustCustom(t, testkit.TokenA(`"125"`))
	testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.SessionEpoch = 1 })
	if _, err := k.Verify(t.Context(), s.Token); err != nil {
		t.Errorf("Verify after the epoch was raised: %v; a custom token has none", err)
	}
	testkit.Change(t, k.Store, s.User.ID, testkit.Disable)
	if _, err := k.Verify(t.Context(), s.Token); err != deskauth.ErrInvalidToken {
		t.Errorf("Verify of a disabled account: %v, want ErrInvalidToken", err)
	}
}

// Both return ErrTokenExpired for a token that is good in all but its age.
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

// A refusal names the kind and the project as soon as the audience says them.
func TestCustomTokenRefusalsNameTheProject(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for name, token := range map[string]string{
		"bad signature": testkit.Forge(testkit.HS256, testkit.PayloadA(`"123"`), testkit.SecretB),
		"expired":       testkit.TokenA(`"123"`, `"exp":1`),
		"bad claims":    testkit.TokenA(`""`),
	} {
		if _, err := k.TryCustom(t, token); err != deskauth.ErrInvalidToken {
			t.Errorf("%s: %v", name, err)
		}
		e := k.Events.TakeLast()
		if e.Kind != deskauth.KindExternal || e.ProjectID != testkit.ProjectA || string(e.Reason) != name {
			t.Errorf("%s: the event is %+v", name, e)
		}
	}
}
