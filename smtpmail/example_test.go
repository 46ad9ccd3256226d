package smtpmail_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	netmail "net/mail"
	"os"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/smtpmail"
	"github.com/emersion/go-smtp"
)

// A service sends its mail, and at its end what is in the queue.
func Example() {
	mailer, err := smtpmail.New(smtpmail.Options{
		Server:   "smtp.example.com:587",
		Username: "desk",
		Password: deskauth.NewSecret(os.Getenv("SMTP_PASSWORD")),
		From:     "Example Desk <noreply@example.com>",
		BaseURL:  "https://desk.example.com/dashboard",
	})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
	}, deskauth.Config{Mailer: mailer})
	if err != nil {
		log.Fatal(err)
	}
	_ = auth // mount it, serve until a signal comes, and shut the HTTP server down

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := mailer.Close(ctx); err != nil {
		log.Print(err)
	}
}

// Texts of your own, in German, for one kind of mail.
func ExampleOptions() {
	server, received := exampleServer()
	mailer, err := smtpmail.New(smtpmail.Options{
		Server:  server,
		From:    "Beispiel <noreply@example.com>",
		BaseURL: "https://desk.example.com/dashboard",
		Templates: map[string]map[deskauth.MailKind]smtpmail.Template{
			"de": {
				deskauth.MailPasswordReset: {
					Subject: "Neues Passwort",
					Text: `Guten Tag{{with .Name}} {{.}}{{end}},

ein neues Passwort können Sie bis {{.Expires.Format "02.01.2006, 15:04"}} Uhr (UTC) wählen:
{{.Link}}
`,
				},
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	err = mailer.Send(context.Background(), deskauth.Mail{
		Kind: deskauth.MailPasswordReset, To: "andrea@example.com", Locale: "de-AT",
		Code: deskauth.NewSecret("the-code"), ExpiresAt: time.Date(2099, time.March, 4, 12, 30, 0, 0, time.UTC),
	})
	if err != nil {
		log.Fatal(err)
	}
	mail, err := netmail.ReadMessage(bytes.NewReader(<-received))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(mail.Header.Get("To"), mail.Header.Get("Subject"))
	fmt.Println("for machines:", mail.Header.Get("Auto-Submitted"))
	fmt.Println(mailer.Close(context.Background()))
	// Output:
	// <andrea@example.com> Neues Passwort
	// for machines: auto-generated
	// <nil>
}

// exampleServer starts a server that takes mail.
func exampleServer() (address string, received chan []byte) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	received = make(chan []byte, 1)
	go smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return exampleSession{received}, nil
	})).Serve(listener)
	return listener.Addr().String(), received
}

type exampleSession struct{ received chan<- []byte }

func (exampleSession) Reset()                               {}
func (exampleSession) Logout() error                        { return nil }
func (exampleSession) Mail(string, *smtp.MailOptions) error { return nil }
func (exampleSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s exampleSession) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	s.received <- mail
	return err
}
