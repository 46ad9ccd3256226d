package smtpmail_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

var linkWithCode = regexp.MustCompile(`https://desk\.example/dashboard/#/resetpassword/(\S+)`)

// The code in the link of the mail is the one that an Auth takes.
func TestWithAuth(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	o := optionsFor(box.address)
	o.Connections, o.Now = 1, new(testkit.Clock).Now
	kit := testkit.New(t, deskauth.Config{Mailer: newMailer(t, o)})
	kit.MustSignup(t, readersAddress, testkit.AndreasPassword)
	if got := box.next(t).read(t); got.subject != "Confirm your e-mail address for Example Desk" {
		t.Errorf("the sign-up sent %q", got.subject)
	}
	if err := kit.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "Andrea.Leo@F22.it"}); err != nil {
		t.Fatal(err)
	}
	link := linkWithCode.FindStringSubmatch(box.next(t).read(t).text)
	if link == nil {
		t.Fatal("the mail has no link")
	}
	in := deskauth.ResetPasswordInput{Code: deskauth.NewSecret(link[1]), Password: deskauth.NewSecret("another horse")}
	if _, err := kit.ResetPassword(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := box.next(t).read(t); got.subject != "Your password for Example Desk was changed" {
		t.Errorf("the reset sent %q", got.subject)
	}
	_, err := kit.TrySignin(t, readersAddress, testkit.AndreasPassword)
	if !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("the old password: %v", err)
	}
	kit.MustSignin(t, readersAddress, "another horse")
}
