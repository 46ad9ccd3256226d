package deskauth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func changeOf(token, email, password string) deskauth.RequestEmailChangeInput {
	return deskauth.RequestEmailChangeInput{
		Token: deskauth.NewSecret(token), Email: email, Password: deskauth.NewSecret(password),
	}
}

// A new address takes effect by the code that was sent to it, and the old one is told.
func TestS54_ChangeEmail(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	testkit.Must(t, k.RequestEmailChange(t.Context(), changeOf(session, "New@F22.it", "")))
	m := k.Mail.TakeOne(t, deskauth.MailEmailChange)
	if m.To != "new@f22.it" || m.User.ID != agent.ID {
		t.Errorf("the mail is to %q about %q", m.To, m.User.ID)
	}
	if got := k.Stored(t, agent.ID).Email; got != "andrea@f22.it" {
		t.Errorf("before the code comes, the address is %q", got)
	}
	k.GoesOn(t, "the session, before the code comes", session)
	u, err := k.ChangeEmail(t.Context(), deskauth.ChangeEmailInput{Code: m.Code, Locale: "fr"})
	if err != nil || u.ID != agent.ID || u.Email != "new@f22.it" || !u.EmailVerified {
		t.Fatalf("ChangeEmail = %+v, %v", u, err)
	}
	notice := k.Mail.TakeOne(t, deskauth.MailEmailChanged)
	if notice.To != "andrea@f22.it" || notice.User.Email != "new@f22.it" ||
		notice.CodeText() != "" || notice.Locale != "fr" {
		t.Errorf("the notice is to %q about %q, with the code %q, in %q",
			notice.To, notice.User.Email, notice.CodeText(), notice.Locale)
	}
	k.IsOver(t, "the session of before", session)
	if _, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
		t.Errorf("with the old address: %v", err)
	}
	k.MustSignin(t, "new@f22.it", testkit.AndreasPassword)
}

// A session that is not fresh needs the password, which counts as a sign-in.
func TestS54_ASessionAloneChangesNoAddress(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SigninsPerAccount = deskauth.Rate{Attempts: 3, Per: time.Hour}
	k := testkit.NewMail(t, deskauth.Config{Limits: limits})
	k.MustAgent(t, "andrea@f22.it")
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	k.Clock.Advance(10 * time.Minute)
	testkit.Must(t, k.RequestEmailChange(t.Context(), changeOf(session, "new@f22.it", "")))
	k.Mail.Take()
	k.Clock.Advance(time.Second)
	err := k.RequestEmailChange(t.Context(), changeOf(session, "new@f22.it", ""))
	if err != deskauth.ErrSigninTooOld {
		t.Errorf("without a password after ten minutes: %v, want ErrSigninTooOld", err)
	}
	testkit.Must(t, k.RequestEmailChange(t.Context(), changeOf(session, "new@f22.it", testkit.AndreasPassword)))
	k.Mail.TakeOne(t, deskauth.MailEmailChange)
	for range 3 {
		err = k.RequestEmailChange(t.Context(), changeOf(session, "new@f22.it", "battery staple"))
		if err != deskauth.ErrInvalidCredentials {
			t.Errorf("a wrong password: %v", err)
		}
	}
	err = k.RequestEmailChange(t.Context(), changeOf(session, "new@f22.it", testkit.AndreasPassword))
	testkit.WantLimited(t, "after three wrong ones", err, 20*time.Minute)
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("got the mails %v, want none", mails)
	}
}

// An address with an account gets no mail, and whoever asks does not learn of it. One that
// gets an account meanwhile is its owner's.
func TestS54_AnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	k.MustAgent(t, "taken@f22.it")
	session := k.MustIssue(t, agent.ID).Token
	for _, email := range []string{"taken@f22.it", "andrea@f22.it"} {
		testkit.Must(t, k.RequestEmailChange(t.Context(), changeOf(session, email, "")))
		if mails := k.Mail.Take(); len(mails) != 0 {
			t.Errorf("%s: got the mails %v", email, mails)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventMailWithheld || e.Reason != deskauth.ReasonAddressTaken {
			t.Errorf("%s: event %+v", email, e)
		}
	}
	testkit.Must(t, k.RequestEmailChange(t.Context(), changeOf(session, "soon@f22.it", "")))
	m := k.Mail.TakeOne(t, deskauth.MailEmailChange)
	k.MustAgent(t, "soon@f22.it")
	u, err := k.Use(t.Context(), m.Kind, m.Code, "")
	if err != deskauth.ErrUserExists || u.ID != "" {
		t.Errorf("got %q and %v, want ErrUserExists", u.ID, err)
	}
	if got := k.Stored(t, agent.ID); got.Email != "andrea@f22.it" || got.SessionEpoch != 0 {
		t.Errorf("the account is %+v", got)
	}
	k.GoesOn(t, "the session", session)
}

func TestRequestEmailChangeRefuses(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{ReservedEmails: []string{"root@f22.it"}})
	cases, agent := k.NotAgents(t)
	k.Mail.Take()
	for _, c := range cases {
		if err := k.RequestEmailChange(t.Context(), changeOf(c.Token, "new@f22.it", "")); err != c.Want {
			t.Errorf("%s: %v, want %v", c.Name, err, c.Want)
		}
	}
	for _, email := range []string{"", "x", "root@f22.it", "a@b\r\nBcc: c@d.it"} {
		err := k.RequestEmailChange(t.Context(), changeOf(agent.Token, email, ""))
		testkit.WantFields(t, email, err, "Email")
	}
	for _, password := range []string{strings.Repeat("x", 4097), "\xff"} {
		err := k.RequestEmailChange(t.Context(), changeOf(agent.Token, "x", password))
		testkit.WantFields(t, "a password out of form", err, "Email", "Password")
	}
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("got the mails %v, want none", mails)
	}
}
