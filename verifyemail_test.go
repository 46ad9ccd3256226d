package deskauth_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestSignupMailsAVerification(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	in := testkit.Andrea()
	in.Locale = "de"
	u, err := k.Signup(t.Context(), in)
	testkit.Must(t, err)
	testkit.WantTypes(t, k.Events.TakeTypes(), deskauth.EventMailSent, deskauth.EventSignedUp)
	m := k.Mail.TakeOne(t, deskauth.MailEmailVerification)
	if m.To != in.Email || m.User.ID != u.ID || m.Locale != "de" {
		t.Errorf("the mail is to %q about %q in %q", m.To, m.User.ID, m.Locale)
	}
	session := k.MustSignin(t, in.Email, testkit.AndreasPassword)
	if session.User.EmailVerified {
		t.Error("the address is verified without its code")
	}
	k.Events.Take()
	verified, err := k.VerifyEmail(t.Context(), deskauth.VerifyEmailInput{Code: m.Code, UserID: u.ID})
	if err != nil || verified.ID != u.ID || !verified.EmailVerified {
		t.Fatalf("VerifyEmail = %+v, %v", verified, err)
	}
	testkit.WantTypes(t, k.Events.TakeTypes(), deskauth.EventEmailVerified)
	k.GoesOn(t, "the session of before", session.Token)

	in.Email, in.NoVerificationMail = "other@f22.it", true
	_, err = k.Signup(t.Context(), in)
	testkit.Must(t, err)
	in.NoVerificationMail, in.Email = false, "third@f22.it"
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("a sign-up that wants no mail: got %v", mails)
	}
	in.Locale = "x\r\nBcc: everybody@f22.it"
	_, err = k.Signup(t.Context(), in)
	testkit.Must(t, err)
	if m := k.Mail.TakeOne(t, deskauth.MailEmailVerification); m.Locale != "" {
		t.Errorf("S52 a locale that cannot be one is handed on: %q", m.Locale)
	}
}

// Whatever becomes of the mail, the account is made, and the event says what it was.
func TestSignupWithoutItsMail(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	k.Mail.Fail(testkit.ErrDown)
	u, err := k.Signup(t.Context(), testkit.Andrea())
	if err != nil || u.ID == "" {
		t.Fatalf("Signup = %+v, %v", u, err)
	}
	events := k.Events.Take()
	testkit.WantTypes(t, testkit.Types(events), deskauth.EventMailFailed, deskauth.EventSignedUp)
	if events[0].Err == nil || events[0].Mail != deskauth.MailEmailVerification || events[0].UserID != u.ID {
		t.Errorf("event %+v, want the kind, the account and the error", events[0])
	}
	if events[1].Err != nil || events[1].Mail != "" {
		t.Errorf("event %+v, want nothing of the mail in it", events[1])
	}
}

// A code that is good and another account's is told apart, and used up for nothing.
func TestVerifyEmailOfAnotherAccount(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent, other := k.MustAgent(t, "andrea@f22.it"), k.MustAgent(t, "other@f22.it")
	m := k.MustMail(t, deskauth.MailEmailVerification, agent)
	u, err := k.VerifyEmail(t.Context(), deskauth.VerifyEmailInput{Code: m.Code, UserID: other.ID})
	if err != deskauth.ErrOtherAccount || u.ID != "" {
		t.Errorf("got %q and %v, want ErrOtherAccount", u.ID, err)
	}
	for _, id := range []string{agent.ID, other.ID} {
		if k.Stored(t, id).EmailVerified {
			t.Errorf("S35 the address of %s is verified", k.Stored(t, id).Email)
		}
	}
	u, err = k.VerifyEmail(t.Context(), deskauth.VerifyEmailInput{Code: deskauth.NewSecret("x"), UserID: other.ID})
	k.WantBadCode(t, "a bad code", u, err, deskauth.ReasonMalformedCode)
	_, err = k.VerifyEmail(t.Context(), deskauth.VerifyEmailInput{Code: m.Code, UserID: agent.ID})
	testkit.Must(t, err)
}

func TestRequestEmailVerification(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	cases, agent := k.NotAgents(t)
	k.Mail.Take()
	for _, c := range cases {
		in := deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(c.Token)}
		if err := k.RequestEmailVerification(t.Context(), in); err != c.Want {
			t.Errorf("%s: %v, want %v", c.Name, err, c.Want)
		}
	}
	in := deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(agent.Token)}
	testkit.Must(t, k.RequestEmailVerification(t.Context(), in))
	m := k.Mail.TakeOne(t, deskauth.MailEmailVerification)
	_, err := k.Use(t.Context(), m.Kind, m.Code, "")
	testkit.Must(t, err)
	testkit.Must(t, k.RequestEmailVerification(t.Context(), in))
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("of an address that is verified: got the mails %v", mails)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventMailWithheld || e.Reason != deskauth.ReasonEmailVerified {
		t.Errorf("event %+v, want mail withheld", e)
	}
}

// With RequireVerifiedEmail the right password of an unverified address gets no session,
// and the mailbox a new code. A wrong password gets what it always gets, and no mail.
func TestRequireVerifiedEmail(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{RequireVerifiedEmail: true})
	for name, hash := range map[string]string{"new@f22.it": "", "rehashed@f22.it": testkit.WeakHash} {
		if hash == "" {
			k.MustAgent(t, name)
		} else {
			testkit.Put(t, k.Store, name, hash)
		}
		if _, err := k.TrySignin(t, name, "battery staple"); err != deskauth.ErrInvalidCredentials {
			t.Errorf("%s, wrong password: %v", name, err)
		}
		if mails := k.Mail.Take(); len(mails) != 0 {
			t.Errorf("%s, wrong password: got the mails %v", name, mails)
		}
		in := deskauth.SigninInput{Email: name, Password: deskauth.NewSecret(testkit.AndreasPassword), Locale: "it"}
		if u, err := k.CheckPassword(t.Context(), in); err != deskauth.ErrEmailUnverified || u.User.ID != "" {
			t.Errorf("%s, CheckPassword = %q, %v; want ErrEmailUnverified", name, u.User.ID, err)
		}
		s, err := k.Signin(t.Context(), in)
		if err != deskauth.ErrEmailUnverified || s.Token != "" {
			t.Errorf("%s, Signin: %v, want ErrEmailUnverified", name, err)
		}
		e := k.Events.TakeLast()
		if e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonEmailUnverified {
			t.Errorf("%s: event %+v", name, e)
		}
		mails := k.Mail.Take()
		if len(mails) != 2 || mails[1].Locale != "it" {
			t.Fatalf("%s: got the mails %v, want two", name, mails)
		}
		for _, m := range mails { // also that of the first one, which has replaced a weak hash
			if _, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code}); err != nil {
				t.Errorf("%s: CheckCode: %v", name, err)
			}
		}
		if _, err := k.Use(t.Context(), mails[1].Kind, mails[1].Code, ""); err != nil {
			t.Errorf("%s: the code of the sign-in: %v", name, err)
		}
		k.MustSignin(t, name, testkit.AndreasPassword)
		if mails := k.Mail.Take(); len(mails) != 0 {
			t.Errorf("%s, verified: got the mails %v", name, mails)
		}
	}
}
