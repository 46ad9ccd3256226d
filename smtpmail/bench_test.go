package smtpmail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
	"github.com/emersion/go-smtp"
)

// BenchmarkSend is what a caller waits for a mail to be taken.
func BenchmarkSend(b *testing.B) {
	o := optionsFor("127.0.0.1:25")
	o.Queue = 100_000
	o = smtpmail.WithDial(o, func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, errors.New("closed")
	})
	m, mail, n := newMailer(b, o), mailOf(deskauth.MailPasswordReset), 0
	for b.Loop() {
		if n == o.Queue {
			b.StopTimer()
			m, n = newMailer(b, o), 0
			b.StartTimer()
		}
		mustSend(b, m, mail)
		n++
	}
}

// BenchmarkDeliver is a mail to a server on the same machine, with STARTTLS and a password.
func BenchmarkDeliver(b *testing.B) {
	certificate, pool := certify(b)
	box := listen(b, &inbox{login: func(string, string) error { return nil }}, func(s *smtp.Server) {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	})
	o := optionsFor(box.address)
	o.Username, o.Password, o.TLSConfig = "desk", deskauth.NewSecret(password), &tls.Config{RootCAs: pool}
	m, mail := newMailer(b, o), mailOf(deskauth.MailPasswordReset)
	for b.Loop() {
		mustSend(b, m, mail)
		box.next(b)
	}
}
