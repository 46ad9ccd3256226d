package deskauthtest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
)

func TestCustomToken(t *testing.T) {
	t.Parallel()
	for _, cfg := range []deskauth.Config{
		{CustomTokenMaxAge: time.Minute},
		{Issuer: "https://desk.example.com"},
		{Issuer: "https://desk.example.com", CustomTokenAudience: "https://shop.example.com"},
	} {
		kit := deskauthtest.NewWith(t, cfg)
		come := func(token string) (deskauth.Session, error) {
			return kit.Auth.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)})
		}
		good := kit.CustomToken("shop", "123", map[string]any{"firstname": "Ada", "plan": "gold", "exp": nil})
		session, err := come(good)
		if err != nil || session.User.FirstName != "Ada" || session.User.ExternalID != "123" ||
			string(session.User.Attributes) != `{"plan":"gold"}` {
			t.Errorf("%+v: got %+v, %v; want Ada with a plan", cfg.Issuer, session.User, err)
		}
		for what, token := range map[string]string{
			"expired":       kit.CustomToken("shop", "123", map[string]any{"exp": kit.Clock.Now().Unix() - 3600}),
			"no ID":         kit.CustomToken("shop", "123", map[string]any{"_id": nil}),
			"another issue": kit.CustomToken("shop", "123", map[string]any{"aud": "https://example.com/projects/shop"}),
			"an other's":    kit.CustomToken("blog", "123", map[string]any{"aud": session.User.ProjectID}),
		} {
			if _, err := come(token); !errors.Is(err, deskauth.ErrInvalidToken) {
				t.Errorf("%s: %v, want ErrInvalidToken", what, err)
			}
		}
		kit.Clock.Advance(2 * time.Hour)
		if _, err := come(kit.CustomToken("shop", "123", nil)); err != nil {
			t.Errorf("two hours later: %v", err)
		}
	}
}
