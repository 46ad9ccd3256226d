package deskauth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// lookedUp are those in the store before a call.
type lookedUp struct {
	agent          deskauth.User
	session, guest string // tokens
	mail           func(kind deskauth.MailKind) deskauth.Mail
}

// What a refused attempt costs: no hash, and the look-ups that come before it is counted.
// The comment of Limits and docs/limits.md say which.
func TestLookUpsBeforeALimit(t *testing.T) {
	t.Parallel()
	external := func(t *testing.T, k *testkit.Kit, _ lookedUp) error { return tryExternal(t, k, here, 1) }
	guest := func(t *testing.T, k *testkit.Kit, _ lookedUp) error { return tryGuest(t, k, here, 1) }
	for _, tt := range []struct {
		name, key string // of the attempt that is refused; the key begins so
		lookUps   int64
		do        func(t *testing.T, k *testkit.Kit, p lookedUp) error
	}{
		{"Signin", "signin", 0, func(t *testing.T, k *testkit.Kit, _ lookedUp) error { return tryGuess(t, k, here, 1) }},
		{"Signup", "signup from", 0, func(t *testing.T, k *testkit.Kit, _ lookedUp) error {
			return trySignup(t, k, here, 1)
		}},
		{"CheckCode", "signins from", 0, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			m := p.mail(deskauth.MailPasswordReset)
			_, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code, Client: here})
			return err
		}},
		{"ResetPassword", "code of", 0, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			_, err := k.Use(t.Context(), deskauth.MailPasswordReset, p.mail(deskauth.MailPasswordReset).Code, here)
			return err
		}},
		{"RequestPasswordReset", "mails from", 0, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			return k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: p.agent.Email, Client: here})
		}},
		{"RequestEmailVerification", "mails from", 1, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			in := deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(p.session), Client: here}
			return k.RequestEmailVerification(t.Context(), in)
		}},
		{"RequestEmailChange", "mails asked by", 1, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			return k.RequestEmailChange(t.Context(), deskauth.RequestEmailChangeInput{
				Token: deskauth.NewSecret(p.session), Email: "new@f22.it",
			})
		}},
		{"ChangePassword", "signin", 1, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			_, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
				Token: deskauth.NewSecret(p.session), Current: deskauth.NewSecret(testkit.AndreasPassword),
				New: deskauth.NewSecret("battery staple"), Client: here,
			})
			return err
		}},
		{"UpgradeGuest", "signup from", 1, func(t *testing.T, k *testkit.Kit, p lookedUp) error {
			in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(p.guest), SignupInput: testkit.Andrea()}
			in.Email, in.Client = "new@f22.it", here
			_, err := k.UpgradeGuest(t.Context(), in)
			return err
		}},
		{"a guest of the client", "guest from", 0, guest},
		{"a guest of the project", "guests of", 0, guest}, // asks for the project's keys
		{"an external user", "externals of", 1, external},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := &testkit.CountingStore{UserStore: memstore.New()}
			spy := new(spyLimiter)
			k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{Limiter: spy})
			agent := k.MustAgent(t, "andrea@f22.it")
			reset := k.MustMail(t, deskauth.MailPasswordReset, agent)
			p := lookedUp{
				agent: agent, session: k.MustIssue(t, agent.ID).Token, guest: k.MustGuest(t, testkit.ProjectA).Token,
				mail: func(deskauth.MailKind) deskauth.Mail { return reset },
			}
			before := store.Calls()
			spy.take = func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
				for i, a := range attempts {
					if strings.HasPrefix(a.Key, tt.key) {
						return i, time.Minute, nil
					}
				}
				return -1, 0, nil
			}
			if err := tt.do(t, k.Kit, p); !errors.Is(err, deskauth.ErrTooManyAttempts) {
				t.Fatalf("%v, want ErrTooManyAttempts", err)
			}
			if n := store.Calls() - before; n != tt.lookUps {
				t.Errorf("the store has %d calls, want %d", n, tt.lookUps)
			}
		})
	}
}
