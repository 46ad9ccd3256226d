package smtpmail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/smtpmail"
)

func TestMain(m *testing.M) { os.Exit(testkit.RunWaiting(m, 8)) }

// patience is how long a test waits for what has to come.
const patience = 30 * time.Second

const (
	readersAddress = "andrea.leo@f22.it"
	readersCode    = "q7Canary_Code-0123456789"
)

// mailOf returns a mail to somebody who has proven the address.
func mailOf(kind deskauth.MailKind) deskauth.Mail {
	m := deskauth.Mail{
		Kind: kind,
		To:   readersAddress,
		User: deskauth.User{
			ID: "account-1", Kind: deskauth.KindUser, Email: readersAddress, EmailVerified: true,
			FirstName: "Andrea", LastName: "Leo",
		},
	}
	if kind != deskauth.MailPasswordChanged && kind != deskauth.MailEmailChanged {
		m.Code = deskauth.NewSecret(readersCode)
		m.ExpiresAt = time.Now().Add(time.Hour)
	}
	return m
}

// mailTo returns the reset of an account that is called like its address.
func mailTo(address string) deskauth.Mail {
	m := mailOf(deskauth.MailPasswordReset)
	m.To, m.User.Email, m.User.ID = address, address, "account of "+strings.SplitN(address, "@", 2)[0]
	return m
}

var kindsWithCode = []deskauth.MailKind{
	deskauth.MailPasswordReset, deskauth.MailEmailVerification, deskauth.MailEmailChange,
}

var notices = []deskauth.MailKind{deskauth.MailPasswordChanged, deskauth.MailEmailChanged}

// optionsFor returns what a Mailer for a server needs. A test that fails does not wait for
// retries.
func optionsFor(address string) smtpmail.Options {
	return smtpmail.Options{
		Server:  address,
		From:    "Example Desk <noreply@desk.example>",
		BaseURL: "https://desk.example/dashboard/",
		Pause:   time.Millisecond,
		Timeout: patience,
		Logger:  slog.New(slog.DiscardHandler),
	}
}

// newMailer returns a Mailer that is closed at the end of the test.
func newMailer(t testing.TB, o smtpmail.Options) *smtpmail.Mailer {
	t.Helper()
	m, err := smtpmail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		m.Close(ended)
	})
	return m
}

// mustSend calls Send, which must not fail.
func mustSend(t testing.TB, m *smtpmail.Mailer, mails ...deskauth.Mail) {
	t.Helper()
	for _, mail := range mails {
		if err := m.Send(t.Context(), mail); err != nil {
			t.Fatalf("Send(%v): %v", mail, err)
		}
	}
}

// mustClose calls Close with enough time, and returns its error.
func mustClose(t testing.TB, m *smtpmail.Mailer) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := m.Close(ctx)
	if ctx.Err() != nil {
		t.Fatalf("Close took all its time: %v", err)
	}
	return err
}

// certify returns a certificate for mail.test and 127.0.0.1, and a pool that trusts it.
func certify(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		DNSNames:              []string{"mail.test"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// through returns a dial function that leads everywhere to one address.
func through(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

// A logbook is what a Mailer logs.
type logbook struct {
	mu    sync.Mutex
	text  strings.Builder
	lines chan string
}

func newLogbook() *logbook { return &logbook{lines: make(chan string, 10_000)} }

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines <- string(p)
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// await reads lines until one has all the parts, and returns it.
func (l *logbook) await(t testing.TB, parts ...string) string {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case line := <-l.lines:
			if hasAll(line, parts) {
				return line
			}
		case <-late:
			t.Fatalf("no line has all of %q:\n%s", parts, l)
		}
	}
}

func hasAll(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}

// notSent is the beginning of the line that says so.
const notSent = `level=ERROR msg="smtpmail: a mail was not sent"`

// wantNothingPrivate fails the test if a text has an address, a code or a password.
func wantNothingPrivate(t testing.TB, what, text string) {
	t.Helper()
	for _, private := range []string{"f22.it", "andrea", "Andrea", "Canary_Code", "Canary_Password"} {
		if strings.Contains(text, private) {
			t.Errorf("S22: %q is in %s:\n%s", private, what, text)
		}
	}
}

func address(i int) string { return fmt.Sprintf("reader%d@f22.it", i) }
