package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A reset gives a new password, ends every session and verifies the address.
func TestS31_ResetPassword(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	testkit.Change(t, k.Store, agent.ID, func(a *deskauth.Account) {
		a.EmailVerified, a.Attributes = true, []byte(`{"team":"blue"}`)
	})
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	m := k.MustMail(t, deskauth.MailPasswordReset, agent)
	if m.To != "andrea@f22.it" || m.User.ID != agent.ID || m.User.FirstName != "Andrea" {
		t.Errorf("the mail is to %q about %+v", m.To, m.User)
	}
	k.Events.Take()
	u, err := k.Use(t.Context(), m.Kind, m.Code, testkit.Here)
	if err != nil || u.ID != agent.ID || !u.EmailVerified || string(u.Attributes) != `{"team":"blue"}` {
		t.Fatalf("ResetPassword = %+v, %v", u, err)
	}
	testkit.WantTypes(t, k.Events.TakeTypes(), deskauth.EventMailSent, deskauth.EventPasswordReset)
	if notice := k.Mail.TakeOne(t, deskauth.MailPasswordChanged); notice.To != "andrea@f22.it" || notice.CodeText() != "" {
		t.Errorf("the notice is to %q, with the code %q", notice.To, notice.CodeText())
	}
	k.IsOver(t, "a session of before", session)
	if _, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("the old password: %v", err)
	}
	k.MustSignin(t, "andrea@f22.it", "chosen by a code")
}

// Somebody signs up with an address that is not theirs, and leaves a password, a session,
// codes and attributes behind. The owner of the mailbox resets the password, and nothing of
// all that works any more.
func TestS53_TheOwnerOfTheMailboxIsRidOfASquatter(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	squatter := k.MustAgent(t, "victim@f22.it")
	session := k.MustSignin(t, "victim@f22.it", testkit.AndreasPassword).Token
	_, err := k.UpdateProfile(t.Context(), deskauth.UpdateProfileInput{
		Token: deskauth.NewSecret(session), Attributes: []byte(`{"redirect":"https://evil.example"}`),
	})
	testkit.Must(t, err)
	var left []deskauth.Mail // codes that the squatter may have got hold of
	for _, kind := range testkit.CodeKinds {
		left = append(left, k.MustMail(t, kind, squatter))
	}
	m := k.MustMail(t, deskauth.MailPasswordReset, squatter)
	k.Events.Take()
	u, err := k.Use(t.Context(), m.Kind, m.Code, "")
	if err != nil || u.ID != squatter.ID || len(u.Attributes) != 0 || !u.EmailVerified {
		t.Fatalf("ResetPassword = %+v, %v; want the same ID, verified, without attributes", u, err)
	}
	testkit.WantTypes(t, k.Events.TakeTypes(),
		deskauth.EventEmailProven, deskauth.EventMailSent, deskauth.EventPasswordReset)
	k.IsOver(t, "the squatter's session", session)
	if _, err := k.TrySignin(t, "victim@f22.it", testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("the squatter's password: %v", err)
	}
	for _, code := range left {
		u, err := k.Use(t.Context(), code.Kind, code.Code, "")
		k.WantBadCode(t, "a code of before for "+string(code.Kind), u, err, deskauth.ReasonSpentCode)
	}
	if acc := k.Stored(t, u.ID); acc.Attributes != nil || acc.Email != "victim@f22.it" {
		t.Errorf("the account is %+v", acc.User)
	}
}

// Whoever asks is told the same, whether or not there is somebody to mail.
func TestS32_WhoAsksLearnsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(t *testing.T, k testkit.MailKit) (email string)
		reason  deskauth.Reason
	}{
		"nobody": {func(*testing.T, testkit.MailKit) string { return "nobody@f22.it" }, deskauth.ReasonUnknownAddress},
		"disabled": {func(t *testing.T, k testkit.MailKit) string {
			testkit.Must(t, k.SetDisabled(t.Context(), k.MustAgent(t, "andrea@f22.it").ID, true))
			return "andrea@f22.it"
		}, deskauth.ReasonAccountDisabled},
		"the made-up address of a guest": {func(t *testing.T, k testkit.MailKit) string {
			return k.MustGuest(t, testkit.ProjectA).User.Email
		}, deskauth.ReasonUnknownAddress},
		"the address of an external user": {func(t *testing.T, k testkit.MailKit) string {
			k.MustCustom(t, testkit.TokenA(`"123"`, `"email":"external@f22.it"`))
			return "external@f22.it"
		}, deskauth.ReasonUnknownAddress},
		"an external user who was given an address by SQL": {func(t *testing.T, k testkit.MailKit) string {
			testkit.Put(t, k.Store, "external@f22.it", "", func(a *deskauth.Account) {
				a.Kind, a.ExternalID, a.ProjectID = deskauth.KindExternal, "123", testkit.ProjectA
			})
			return "external@f22.it"
		}, deskauth.ReasonUsersOnly},
		"the address's mails are used up": {func(t *testing.T, k testkit.MailKit) string {
			agent := k.MustAgent(t, "andrea@f22.it")
			for range 5 {
				testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: agent.Email}))
			}
			k.Mail.Take()
			return agent.Email
		}, deskauth.ReasonRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.NewMail(t, deskauth.Config{})
			email := c.prepare(t, k)
			k.Events.Take()
			if err := k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: email, Client: testkit.Here}); err != nil {
				t.Errorf("got the error %v, want none", err)
			}
			if mails := k.Mail.Take(); len(mails) != 0 {
				t.Errorf("got the mails %v, want none", mails)
			}
			e := k.Events.TakeLast()
			if e.Type != deskauth.EventMailWithheld || e.Reason != c.reason || e.Mail != deskauth.MailPasswordReset {
				t.Errorf("event %+v, want mail withheld because of %q", e, c.reason)
			}
		})
	}
}

// An imported account without a password gets one by a reset.
func TestResetPasswordOfAnImport(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	acc := testkit.Put(t, k.Store, "imported@f22.it", "")
	m := k.MustMail(t, deskauth.MailPasswordReset, acc.User)
	_, err := k.Use(t.Context(), m.Kind, m.Code, "")
	testkit.Must(t, err)
	k.MustSignin(t, "imported@f22.it", "chosen by a code")
}

func TestRequestPasswordResetFindsEverySpelling(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	k.MustAgent(t, "andrea@f22.it")
	testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "Andrea@F22.it", Locale: "pt-BR"}))
	if m := k.Mail.TakeOne(t, deskauth.MailPasswordReset); m.To != "andrea@f22.it" || m.Locale != "pt-BR" {
		t.Errorf("the mail is to %q in %q", m.To, m.Locale)
	}
	for _, email := range []string{"", "andrea", "a@b\r\nBcc: c@d.it", strings.Repeat("a", 300) + "@f22.it"} {
		err := k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: email})
		testkit.WantFields(t, email, err, "Email")
	}
}

// The new password is one as at sign-up, and what is refused uses no code up.
func TestResetPasswordRules(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{PasswordCheck: func(_ context.Context, password string) error {
		if password == "correct horse 2" {
			return fmt.Errorf("%w: it is in a list", deskauth.ErrPasswordRefused)
		}
		return nil
	}})
	m := k.MustMail(t, deskauth.MailPasswordReset, k.MustAgent(t, "andrea@f22.it"))
	for _, password := range []string{"", "short", strings.Repeat("x", 4097), "correct horse 2"} {
		_, err := k.ResetPassword(t.Context(), deskauth.ResetPasswordInput{
			Code: m.Code, Password: deskauth.NewSecret(password),
		})
		testkit.WantFields(t, password, err, "Password")
	}
	if _, err := k.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
		t.Errorf("the code after that: %v", err)
	}
}

// A bad code costs no hash, and asks the host about no password.
func TestS51_ABadCodeCostsNoHash(t *testing.T) {
	t.Parallel()
	asked := 0
	k := testkit.NewMail(t, deskauth.Config{
		Argon2:        deskauth.Argon2Params{Memory: 16 << 10, Time: 1, Parallelism: 1},
		PasswordCheck: func(context.Context, string) error { asked++; return nil },
	})
	used := testkit.Allocated(func() {
		for range 3 {
			u, err := k.Use(t.Context(), deskauth.MailPasswordReset, deskauth.NewSecret("x"), "")
			k.WantBadCode(t, "x", u, err, deskauth.ReasonMalformedCode)
		}
	})
	if asked != 0 || used > 8<<20 {
		t.Errorf("three bad codes: the host was asked %d times, and %d bytes were allocated", asked, used)
	}
}

func TestMailNeedsAMailer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	token := deskauth.NewSecret(k.MustIssue(t, k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword).ID).Token)
	for name, err := range map[string]error{
		"reset": k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "andrea@f22.it"}),
		"verification": k.RequestEmailVerification(t.Context(),
			deskauth.RequestEmailVerificationInput{Token: token}),
		"change": k.RequestEmailChange(t.Context(),
			deskauth.RequestEmailChangeInput{Token: token, Email: "new@f22.it"}),
	} {
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(fmt.Sprint(err), "Config.Mailer") {
			t.Errorf("%s: %v, want ErrUnsupported that names Config.Mailer", name, err)
		}
	}
	_, err := deskauth.New(k.Store, testkit.Secrets(), deskauth.Config{RequireVerifiedEmail: true})
	if err == nil || !strings.Contains(err.Error(), "Config.RequireVerifiedEmail needs Config.Mailer") {
		t.Errorf("New with RequireVerifiedEmail alone: %v", err)
	}
}

// The codes of one account do not wait for one another.
func TestTwoResetsUnderWay(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	first := k.MustMail(t, deskauth.MailPasswordReset, agent)
	k.Clock.Advance(time.Minute)
	second := k.MustMail(t, deskauth.MailPasswordReset, agent)
	if first.CodeText() == second.CodeText() {
		t.Error("two codes are the same")
	}
	_, err := k.Use(t.Context(), first.Kind, first.Code, "")
	testkit.Must(t, err)
	u, err := k.Use(t.Context(), second.Kind, second.Code, "")
	k.WantBadCode(t, "the second code, after the first", u, err, deskauth.ReasonSpentCode)
}
