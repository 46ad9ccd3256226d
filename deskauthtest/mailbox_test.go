package deskauthtest_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
)

func TestMailbox(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	kit.User("ada@example.com")
	kit.User("grace@example.com")
	for _, email := range []string{"ada@example.com", "grace@example.com", "ada@example.com", "nobody@example.com"} {
		if err := kit.Auth.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	mails := kit.Mailbox.To("ada@example.com")
	if len(mails) != 2 || len(kit.Mailbox.All()) != 3 {
		t.Fatalf("there are %d mails to Ada and %d in all, want 2 and 3", len(mails), len(kit.Mailbox.All()))
	}
	last := kit.LastMail("ada@example.com")
	if last.Kind != deskauth.MailPasswordReset || last.CodeText() != mails[1].CodeText() {
		t.Errorf("the last mail is %v, want the second of a reset", last)
	}
	_, err := kit.Auth.ResetPassword(t.Context(), deskauth.ResetPasswordInput{
		Code: last.Code, Password: deskauth.NewSecret("a new password"),
	})
	if err != nil {
		t.Fatalf("ResetPassword with the code of the mail: %v", err)
	}
	if err := signin(t, kit, "ada@example.com", "a new password"); err != nil {
		t.Errorf("signin: %v", err)
	}
	if last := kit.LastMail("ada@example.com"); last.Kind != deskauth.MailPasswordChanged {
		t.Errorf("the last mail is %v, want the notice", last)
	}
}

// A sign-up that is no call of the kit's is mailed.
func TestMailOfASignup(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	_, err := kit.Auth.Signup(t.Context(), deskauth.SignupInput{
		Email: "ada@example.com", Password: deskauth.NewSecret(deskauthtest.Password), FirstName: "Ada", LastName: "L",
	})
	if err != nil {
		t.Fatal(err)
	}
	mail := kit.LastMail("ada@example.com")
	if _, err := kit.Auth.VerifyEmail(t.Context(), deskauth.VerifyEmailInput{Code: mail.Code}); err != nil {
		t.Errorf("VerifyEmail with the code of %v: %v", mail, err)
	}
}
