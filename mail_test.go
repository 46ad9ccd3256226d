package deskauth_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
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

// Whatever a code does, and however it is refused, no log line, event or error has it, or
// the address that it went to.
func TestS22_NoPathSaysACode(t *testing.T) {
	t.Parallel()
	log := new(testkit.Logbook)
	var said strings.Builder
	k := testkit.NewMail(t, deskauth.Config{
		Limits: testkit.NoLimits(), Logger: log.Logger(), RequireVerifiedEmail: true,
		OnEvent: func(_ context.Context, e deskauth.Event) { fmt.Fprintf(&said, "%+v\n", e) },
	})
	agent := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
	mails := k.Mail.Take()
	_, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
	fmt.Fprintln(&said, err)
	for _, kind := range []deskauth.MailKind{ // a reset verifies the address, too
		deskauth.MailEmailVerification, deskauth.MailPasswordReset, deskauth.MailEmailChange,
	} {
		m := k.MustMail(t, kind, k.Stored(t, agent.ID).User)
		mails = append(mails, m)
		altered := deskauth.NewSecret(m.CodeText() + "A")
		for _, code := range []deskauth.Secret{altered, m.Code, m.Code} {
			for _, purpose := range testkit.CodeKinds {
				_, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: purpose, Code: code})
				fmt.Fprintln(&said, err)
			}
			_, err := k.Use(t.Context(), kind, code, "")
			fmt.Fprintln(&said, err)
		}
	}
	k.Mail.Fail(testkit.ErrDown)
	testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "new.andrea@f22.it"}))
	testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "nobody@f22.it"}))
	said.WriteString(log.TakeText())
	for _, m := range mails {
		if strings.Contains(said.String(), m.CodeText()[10:40]) {
			t.Errorf("the code of %s is in\n%s", m, said.String())
		}
	}
	if strings.Contains(said.String(), "f22.it") {
		t.Errorf("an address is in\n%s", said.String())
	}
	for _, want := range []string{
		"mail_sent", "mail_withheld", "mail_failed", "spent code", "password_reset", "code_checked",
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in\n%s", want, said.String())
		}
	}
}

// What a host changes with UpdateAccount is the host's to tell.
func TestUpdateAccountMailsNobody(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(*deskauth.Account){
		"the address":     func(a *deskauth.Account) { a.Email = "new@f22.it" },
		"the hash":        func(a *deskauth.Account) { a.PasswordHash = testkit.WeakHash },
		"both":            func(a *deskauth.Account) { a.Email, a.PasswordHash = "new@f22.it", testkit.WeakHash },
		"what is proven":  func(a *deskauth.Account) { a.EmailVerified = !a.EmailVerified },
		"that it is open": func(a *deskauth.Account) { a.Disabled = true },
	} {
		for _, verified := range []bool{false, true} {
			k := testkit.NewMail(t, deskauth.Config{})
			agent := k.MustAgent(t, "andrea@f22.it")
			testkit.Change(t, k.Store, agent.ID, func(a *deskauth.Account) { a.EmailVerified = verified })
			_, err := k.UpdateAccount(t.Context(), agent.ID, func(a *deskauth.Account) error {
				update(a)
				return nil
			})
			testkit.Must(t, err)
			if mails := k.Mail.Take(); len(mails) != 0 {
				t.Errorf("%s, verified before: %v: got the mails %v", name, verified, mails)
			}
		}
	}
}

type mailerFunc func(deskauth.Mail) error

func (f mailerFunc) Send(_ context.Context, m deskauth.Mail) error { return f(m) }

type contextMailer func(context.Context, deskauth.Mail) error

func (f contextMailer) Send(ctx context.Context, m deskauth.Mail) error { return f(ctx, m) }

// A failingMails limiter fails for mails to an address, while there is an error.
type failingMails struct {
	deskauth.Limiter
	with *error
}

func (l failingMails) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	for _, a := range attempts {
		if *l.with != nil && strings.Contains(a.Key, "mail to ") {
			return -1, 0, *l.with
		}
	}
	return l.Limiter.Take(ctx, attempts...)
}

func askChange(token, email string) deskauth.RequestEmailChangeInput {
	return deskauth.RequestEmailChangeInput{Token: deskauth.NewSecret(token), Email: email}
}
