package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A providerMailer sends mail through the HTTP API of a provider.
type providerMailer struct {
	queue chan deskauth.Mail
	post  func(to, subject, text string) error // calls the API; its error names no address
}

// Send implements [deskauth.Mailer]. It waits for nothing: how long it takes would tell who
// has an account.
func (m *providerMailer) Send(_ context.Context, mail deskauth.Mail) error {
	select {
	case m.queue <- mail:
		return nil
	default:
		return errors.New("the queue of mails is full")
	}
}

// run posts what is in the queue, until the queue is closed.
func (m *providerMailer) run() {
	for mail := range m.queue {
		if !mail.ExpiresAt.IsZero() && time.Now().After(mail.ExpiresAt) {
			continue // notices have no code that expires
		}
		subject, text := textOf(mail)
		if err := m.post(mail.To, subject, text); err != nil {
			slog.Error("a mail was not sent", "mail", mail, "error", err) // mail prints no address and no code
		}
	}
}

// textOf builds links from what the program knows, and never from a request.
func textOf(mail deskauth.Mail) (subject, text string) {
	const site = "https://desk.example.com/"
	switch mail.Kind {
	case deskauth.MailPasswordReset:
		return "Choose a new password", site + "reset/" + mail.CodeText()
	case deskauth.MailEmailVerification:
		return "Confirm your address", site + "verify/" + mail.CodeText()
	case deskauth.MailEmailChange:
		return "Confirm your new address", site + "change/" + mail.CodeText()
	case deskauth.MailPasswordChanged:
		return "Your password was changed", "If it was not you, choose a new one at " + site
	}
	return "Your address was changed", "If it was not you, write to help@desk.example.com."
}

// A Mailer of your own puts mails into a queue, from which a goroutine posts them.
func ExampleMailer() {
	ctx, mailer := context.Background(), &providerMailer{queue: make(chan deskauth.Mail, 1000)}
	auth := exampleAuthWith(mailer)
	mailer.post = func(to, subject, text string) error {
		link, code, _ := strings.Cut(text, "verify/")
		fmt.Println(to, subject, link, len(code) > 100)
		return nil
	}

	ada(ctx, auth) // a sign-up mails a verification
	close(mailer.queue)
	mailer.run() // in a program: go mailer.run()
	// Output: ada@example.com Confirm your address https://desk.example.com/ true
}

// An inbox is a Mailer that keeps what it is to send.
type inbox []deskauth.Mail

func (b *inbox) Send(_ context.Context, m deskauth.Mail) error {
	*b = append(*b, m)
	return nil
}

// read returns the oldest mail and prints what it is for.
func (b *inbox) read() deskauth.Mail {
	m := (*b)[0]
	*b = (*b)[1:]
	fmt.Println("mail to", m.To, m.Kind)
	return m
}

// exampleAuthWith is exampleAuth with a Mailer.
func exampleAuthWith(mailer deskauth.Mailer) *deskauth.Auth {
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
	}, deskauth.Config{Mailer: mailer, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	return auth
}

// A whole reset: a mail is asked for, its link opens a page, and the page sends the new
// password with the code.
func ExampleAuth_ResetPassword() {
	ctx, box := context.Background(), new(inbox)
	auth := exampleAuthWith(box)
	ada(ctx, auth)
	box.read()

	// The form for a forgotten password. The answer is the same for every address.
	err := auth.RequestPasswordReset(ctx, deskauth.MailInput{
		Email: "Ada@Example.com", Client: "192.0.2.7", Locale: "en",
	})
	if err != nil {
		log.Fatal(err)
	}
	code := box.read().Code // stands at the end of the link

	// The page that the link opens, before it asks for a new password.
	_, err = auth.CheckCode(ctx, deskauth.CheckCodeInput{
		Purpose: deskauth.MailPasswordReset, Code: code, Client: "192.0.2.7",
	})
	fmt.Println("the code is good:", err == nil)

	// The page's form. Every session ends, and a notice goes to the address.
	user, err := auth.ResetPassword(ctx, deskauth.ResetPasswordInput{
		Code: code, Password: deskauth.NewSecret("a longer and better one"), Client: "192.0.2.7",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Email, "verified:", user.EmailVerified)
	box.read()
	_, err = auth.Signin(ctx, deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("a longer and better one"), Client: "192.0.2.7",
	})
	fmt.Println("signed in:", err == nil)
	// Output:
	// mail to ada@example.com email_verification
	// mail to ada@example.com password_reset
	// the code is good: true
	// ada@example.com verified: true
	// mail to ada@example.com password_changed
	// signed in: true
}

// A sign-up mails a code by itself. Whoever has lost that mail asks for another one.
func ExampleAuth_VerifyEmail() {
	ctx, box := context.Background(), new(inbox)
	auth := exampleAuthWith(box)
	user := ada(ctx, auth)
	box.read()

	session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: user.ID})
	if err != nil {
		log.Fatal(err)
	}
	err = auth.RequestEmailVerification(ctx, deskauth.RequestEmailVerificationInput{
		Token: deskauth.NewSecret(session.Token), Client: "192.0.2.7",
	})
	if err != nil {
		log.Fatal(err)
	}
	user, err = auth.VerifyEmail(ctx, deskauth.VerifyEmailInput{Code: box.read().Code, Client: "192.0.2.7"})
	fmt.Println(user.Email, "verified:", user.EmailVerified, err)
	// Output:
	// mail to ada@example.com email_verification
	// mail to ada@example.com email_verification
	// ada@example.com verified: true <nil>
}

// The code goes to the new address, and the notice to the old one.
func ExampleAuth_ChangeEmail() {
	ctx, box := context.Background(), new(inbox)
	auth := exampleAuthWith(box)
	session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: ada(ctx, auth).ID})
	if err != nil {
		log.Fatal(err)
	}
	box.read()

	err = auth.RequestEmailChange(ctx, deskauth.RequestEmailChangeInput{
		Token: deskauth.NewSecret(session.Token), Email: "ada@new.example",
		Password: deskauth.NewSecret("correct horse battery"), Client: "192.0.2.7",
	})
	if err != nil {
		log.Fatal(err)
	}
	user, err := auth.ChangeEmail(ctx, deskauth.ChangeEmailInput{Code: box.read().Code, Client: "192.0.2.7"})
	if errors.Is(err, deskauth.ErrUserExists) {
		fmt.Println("somebody else has signed up with the address meanwhile")
	}
	fmt.Println(user.Email, "verified:", user.EmailVerified, err)
	box.read()
	_, err = auth.Verify(ctx, session.Token)
	fmt.Println("a session of before:", err)
	// Output:
	// mail to ada@example.com email_verification
	// mail to ada@new.example email_change
	// ada@new.example verified: true <nil>
	// mail to ada@example.com email_changed
	// a session of before: deskauth: invalid token
}
