package smtpmail_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
	"github.com/emersion/go-smtp"
)

const password = "Canary_Password-42"

// How mail goes out: encrypted wherever it could leave the machine, or not at all.
func TestS52_MailIsEncrypted(t *testing.T) {
	t.Parallel()
	certificate, pool := certify(t)
	_, otherPool := certify(t)
	for _, tt := range []struct {
		name       string
		offersTLS  bool // STARTTLS
		implicit   bool
		host, port string // what the Mailer is told; the connection leads to the server
		mode       smtpmail.TLSMode
		distrusts  bool
		want       string // the reason in the log, or nothing for a mail that arrives
		clear      bool
	}{
		{name: "STARTTLS", offersTLS: true, host: "mail.test", port: "587"},
		{name: "STARTTLS on a loopback address", offersTLS: true, host: "127.0.0.1"},
		{name: "none on a loopback address", host: "127.0.0.1", clear: true},
		{name: "none on localhost", host: "localhost", clear: true},
		{name: "none on a loopback address, but demanded", host: "127.0.0.1", mode: smtpmail.TLSStart, want: "STARTTLS"},
		{name: "none elsewhere", host: "mail.test", port: "25", want: "the server offers no STARTTLS"},
		{name: "none elsewhere, in a name like ours", host: "localhost.mail.test", port: "25", want: "STARTTLS"},
		{name: "another's certificate", offersTLS: true, host: "other.test", port: "587", want: "x509"},
		{name: "another's certificate on localhost", offersTLS: true, host: "localhost", want: "x509"},
		{name: "a certificate of nobody", offersTLS: true, distrusts: true, host: "mail.test", port: "587", want: "x509"},
		{name: "implicit", implicit: true, host: "mail.test", port: "465"},
		{name: "implicit on another port", implicit: true, host: "mail.test", port: "26", mode: smtpmail.TLSImplicit},
		{name: "implicit, another's certificate", implicit: true, host: "other.test", port: "465", want: "x509"},
		{name: "none where it is implicit", host: "127.0.0.1", mode: smtpmail.TLSImplicit, want: "speak TLS"},
		{name: "none on port 465", host: "mail.test", port: "465", want: "speak TLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			logins := make(chan string, 100)
			box := listen(t, &inbox{login: func(username, password string) error {
				logins <- username + " " + password
				return nil
			}}, func(s *smtp.Server) {
				if tt.offersTLS || tt.implicit {
					s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
				}
				if tt.implicit {
					s.Network = "tls"
				}
			})
			_, port, _ := net.SplitHostPort(box.address)
			if tt.port != "" {
				port = tt.port
			}
			log := newLogbook()
			o := optionsFor(net.JoinHostPort(tt.host, port))
			o.Logger, o.TLS, o.Tries = log.logger(), tt.mode, 1
			o.Username, o.Password = "desk", deskauth.NewSecret(password)
			o.TLSConfig = &tls.Config{RootCAs: pool}
			if tt.distrusts {
				o.TLSConfig.RootCAs = otherPool
			}
			mustSend(t, newMailer(t, smtpmail.WithDial(o, through(box.address))), mailOf(deskauth.MailPasswordReset))
			if tt.want != "" {
				log.await(t, notSent, tt.want, "step=tls")
				if len(box.mails)+len(logins) > 0 {
					t.Errorf("%d mails and %d passwords went out all the same", len(box.mails), len(logins))
				}
				wantNothingPrivate(t, "the log", log.String())
				return
			}
			got := box.next(t)
			if got.encrypted == tt.clear {
				t.Errorf("the mail is encrypted: %v, want %v", got.encrypted, !tt.clear)
			}
			if got.username != "desk" || got.password != password {
				t.Errorf("signed in as %q with %q", got.username, got.password)
			}
		})
	}
}

// A handshake that fails is reported as one. What a function of the host's says is not
// logged: it may be an address.
func TestFailedHandshake(t *testing.T) {
	t.Parallel()
	certificate, pool := certify(t)
	for name, tt := range map[string]struct {
		answer func(conn net.Conn) // to the ClientHello
		config *tls.Config
		want   []string
	}{
		"an old version": {
			func(conn net.Conn) {
				conn.Read(make([]byte, 1)) // or the answer is taken for a part of what came before TLS
				conn.Write(oldServerHello())
			},
			&tls.Config{RootCAs: pool},
			[]string{"step=tls", "the TLS handshake failed: tls: server selected unsupported protocol version 301"},
		},
		"the host's own check": {
			encrypted(certificate, ""),
			&tls.Config{RootCAs: pool, VerifyConnection: func(tls.ConnectionState) error {
				return errors.New(readersAddress + " " + readersCode)
			}},
			[]string{"step=tls", "the TLS handshake failed: a function in Options.TLSConfig returned an error"},
		},
		"a good handshake, and then no SMTP": {
			encrypted(certificate, "HTTP/1.1 400 <"+readersAddress+">\r\n"),
			&tls.Config{RootCAs: pool},
			[]string{"the server answers what is not SMTP"},
		},
	} {
		for mode, begin := range map[smtpmail.TLSMode]func(net.Conn){
			smtpmail.TLSImplicit: func(net.Conn) {},
			smtpmail.TLSStart:    startTLS,
		} {
			t.Run(fmt.Sprintf("%s, mode %d", name, mode), func(t *testing.T) {
				t.Parallel()
				address := script(t, func(conn net.Conn) {
					begin(conn)
					tt.answer(conn)
					io.Copy(io.Discard, conn)
				})
				log := newLogbook()
				o := optionsFor(address)
				o.Logger, o.Tries, o.TLS, o.TLSConfig = log.logger(), 1, mode, tt.config
				mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
				log.await(t, append(tt.want, notSent)...)
				wantNothingPrivate(t, "the log", log.String())
			})
		}
	}
}

// startTLS is a server up to the start of TLS.
func startTLS(conn net.Conn) {
	io.WriteString(conn, "220 mail.test\r\n")
	lines := bufio.NewScanner(conn)
	lines.Scan()
	io.WriteString(conn, "250-mail.test\r\n250 STARTTLS\r\n")
	lines.Scan()
	io.WriteString(conn, "220 go on\r\n")
}

// encrypted is a server that says one thing over TLS.
func encrypted(certificate tls.Certificate, text string) func(net.Conn) {
	return func(conn net.Conn) {
		inner := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
		io.WriteString(inner, text)
		inner.Handshake()
	}
}

// oldServerHello returns the first record of a server that speaks TLS 1.0 alone (RFC 2246
// §7.4.1.3).
func oldServerHello() []byte {
	hello := slices.Concat(
		[]byte{2, 0, 0, 38}, // ServerHello, its length
		[]byte{3, 1},        // the version
		make([]byte, 32),    // random
		[]byte{0},           // no session
		[]byte{0, 0x2f, 0},  // TLS_RSA_WITH_AES_128_CBC_SHA, no compression
	)
	return append([]byte{22, 3, 1, 0, byte(len(hello))}, hello...)
}

// New does not change what the host keeps.
func TestTLSConfigIsCopied(t *testing.T) {
	t.Parallel()
	config := &tls.Config{}
	o := optionsFor("mail.test:587")
	o.TLSConfig = config
	newMailer(t, o)
	if config.ServerName != "" {
		t.Errorf("New has set ServerName of the host's own configuration to %q", config.ServerName)
	}
}

// What comes in the clear before TLS has started may be from somebody in between.
func TestS52_NothingSaidBeforeTLSCounts(t *testing.T) {
	t.Parallel()
	certificate, pool := certify(t)
	server := script(t, func(conn net.Conn) {
		io.WriteString(conn, "220 mail.test\r\n")
		lines := bufio.NewScanner(conn)
		lines.Scan()
		io.WriteString(conn, "250-mail.test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
		lines.Scan()
		io.WriteString(conn, "220 go on\r\n250-mail.test\r\n250 AUTH PLAIN\r\n")
		inner := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
		bufio.NewScanner(inner).Scan()
		io.WriteString(inner, "250 mail.test\r\n")
		io.Copy(io.Discard, inner)
	})
	log := newLogbook()
	o := optionsFor(server)
	o.Logger, o.Tries, o.TLSConfig = log.logger(), 1, &tls.Config{RootCAs: pool}
	o.Username, o.Password = "desk", deskauth.NewSecret(password)
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
	log.await(t, notSent, "step=sign-in", "neither PLAIN nor LOGIN")
}

func TestSignInFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		login func(username, password string) error
		want  []string
	}{
		"not offered": {nil, []string{"level=WARN", "neither PLAIN nor LOGIN"}},
		"wrong password": {func(username, password string) error {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: username + " " + password}
		}, []string{notSent, "reply=535", "status=5.7.8", `giving_up="for good"`}},
		"not now": {func(username, password string) error {
			return &smtp.SMTPError{Code: 454, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: username + " " + password}
		}, []string{"level=WARN", "reply=454", "status=4.7.0"}},
		"another error": {func(string, string) error { return errors.New(password) }, []string{"reply=454"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := listen(t, &inbox{login: tt.login}, nil)
			log := newLogbook()
			o := optionsFor(box.address)
			o.Logger, o.Tries = log.logger(), 2
			o.Username, o.Password = "andrea@f22.it", deskauth.NewSecret(password)
			m := newMailer(t, o)
			mustSend(t, m, mailOf(deskauth.MailPasswordReset))
			log.await(t, append(tt.want, "step=sign-in")...)
			mustClose(t, m)
			if len(box.mails) > 0 {
				t.Error("the mail went out all the same")
			}
			wantNothingPrivate(t, "the log", log.String())
		})
	}
}

// A server that knows LOGIN alone.
func TestSignInWithLOGIN(t *testing.T) {
	t.Parallel()
	said := make(chan string, 10)
	address := script(t, func(conn net.Conn) { loginOnly(conn, said) })
	o := optionsFor(address)
	o.Username, o.Password = "desk", deskauth.NewSecret(password)
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
	for _, want := range []string{
		"AUTH LOGIN", "ZGVzaw==", "Q2FuYXJ5X1Bhc3N3b3JkLTQy", "MAIL FROM:<noreply@desk.example>",
	} {
		if got := <-said; strings.TrimSpace(got) != want {
			t.Fatalf("the client said %q, want %q", got, want)
		}
	}
}
