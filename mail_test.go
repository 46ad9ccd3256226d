package deskauth_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// A Mailer may log what it sends.
func TestS22_MailPrintsNoAddressAndNoCode(t *testing.T) {
	t.Parallel()
	m := deskauth.Mail{
		Kind: deskauth.MailPasswordReset,
		To:   "andrea@f22.it",
		User: deskauth.User{ID: "some-id", Email: "andrea@f22.it"},
		Code: deskauth.NewSecret("a-code-that-opens"),
	}
	if m.CodeText() != "a-code-that-opens" {
		t.Errorf("CodeText() = %q", m.CodeText())
	}
	var printed bytes.Buffer
	for _, v := range []any{m, &m, []deskauth.Mail{m}, struct{ M deskauth.Mail }{m}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&printed, verb+"\n", v)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(h).Info("sent", "mail", m)
	}
	for _, secret := range []string{"f22.it", "opens", fmt.Sprintf("%x", "f22.it")} {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("%q is in\n%s", secret, printed.String())
		}
	}
	if !strings.Contains(printed.String(), "Mail(password_reset for some-id)") {
		t.Errorf("neither kind nor ID is in\n%s", printed.String())
	}
}
