package deskauth_test

import (
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Codes are counted by account and client where both are known: callers without a name, and
// codes that cannot be read, have no such count in common. Good codes use up nothing of it.
func TestS51_CodesAreCountedByAccountAndClient(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SigninsPerAccountAndClient = deskauth.Rate{Attempts: 2, Per: time.Hour}
	for name, c := range map[string]struct {
		client string
		code   string // empty for a good one
		tries  int
		want   error
	}{
		"no client":    {"", "forged", 10, deskauth.ErrInvalidCode},
		"unreadable":   {testkit.Here, "unreadable", 10, deskauth.ErrInvalidCode},
		"good":         {testkit.Here, "", 10, nil},
		"both (known)": {testkit.Here, "forged", 2, deskauth.ErrInvalidCode},
	} {
		k := testkit.NewMail(t, deskauth.Config{Limits: limits})
		agent := k.MustAgent(t, "andrea@f22.it")
		for n := range c.tries {
			m := k.MustMail(t, deskauth.MailPasswordReset, agent)
			code := m.CodeText()
			switch c.code {
			case "forged":
				code = code[:len(code)-8] + "AAAAAAAA"
			case "unreadable":
				code = "not a code"
			}
			if _, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(code), c.client); err != c.want {
				t.Fatalf("%s, try %d: %v, want %v", name, n+1, err, c.want)
			}
		}
		m := k.MustMail(t, deskauth.MailPasswordReset, agent)
		_, err := k.Use(t.Context(), m.Kind, m.Code, c.client)
		if name == "both (known)" {
			testkit.WantLimited(t, name, err, 30*time.Minute)
		} else if err != nil {
			t.Errorf("%s: then a good code: %v", name, err)
		}
	}
}

// An agent who asks to change to addresses of others uses up none of their mails: neither
// those to prove an address, nor those for a new password.
func TestS52_ChangesUseUpNoOtherMails(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
	k := testkit.NewMail(t, deskauth.Config{Limits: limits})
	thief := k.MustSession(t, deskauth.KindUser).Token
	const address = "ada@f22.it"
	testkit.Must(t, k.RequestEmailChange(t.Context(), deskauth.RequestEmailChangeInput{
		Token: deskauth.NewSecret(thief), Email: address,
	}))
	k.Mail.Take()
	ada := k.MustSignup(t, address, testkit.AndreasPassword)
	k.Mail.TakeOne(t, deskauth.MailEmailVerification)
	testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: ada.Email}))
	k.Mail.TakeOne(t, deskauth.MailPasswordReset)
	thief = k.MustIssue(t, k.MustAgent(t, "thief@f22.it").ID).Token
	testkit.Must(t, k.RequestEmailChange(t.Context(), deskauth.RequestEmailChangeInput{
		Token: deskauth.NewSecret(thief), Email: address,
	}))
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("got the mails %v, want none: the change to this address was asked for before", mails)
	}
}
