package deskauth_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A locale has up to 35 ASCII letters, digits and hyphens. The Mailer gets no other, with
// a code or with a notice: a client may send anything.
func TestS52_ALocaleIsShortAndPlain(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{Limits: testkit.NoLimits()})
	k.MustAgent(t, "andrea@f22.it")
	check := func(given, want string) {
		in := deskauth.MailInput{Email: "andrea@f22.it", Locale: given}
		testkit.Must(t, k.RequestPasswordReset(t.Context(), in))
		m := k.Mail.TakeOne(t, deskauth.MailPasswordReset)
		_, err := k.ResetPassword(t.Context(), deskauth.ResetPasswordInput{
			Code: m.Code, Password: deskauth.NewSecret("chosen by a code"), Locale: given,
		})
		testkit.Must(t, err)
		notice := k.Mail.TakeOne(t, deskauth.MailPasswordChanged)
		if m.Locale != want || notice.Locale != want {
			t.Errorf("of the locale %q the code's mail has %q and the notice %q, want %q",
				given, m.Locale, notice.Locale, want)
		}
	}
	for _, good := range []string{
		"", "a", "z", "A", "Z", "0", "9", "-", "de", "pt-BR", "es-419", strings.Repeat("x", 35),
	} {
		check(good, good)
	}
	const neighbours = "`{@[/:,." // of a, z, A, Z, 0, 9 and the hyphen
	for _, odd := range strings.Split(neighbours+"_ \r\n\x00\x7f<é", "") {
		check(odd, "")
		check("de"+odd+"DE", "")
	}
	check(strings.Repeat("x", 36), "")
	check("\xff", "")
}
