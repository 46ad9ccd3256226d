package smtpmail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
)

// The steps of a try.
const (
	stepConnect   = "connect"
	stepGreeting  = "greeting"
	stepHello     = "hello"
	stepTLS       = "tls"
	stepSignIn    = "sign-in"
	stepSender    = "sender"
	stepRecipient = "recipient"
	stepData      = "data"
	stepContent   = "content"
	stepEnd       = "end of content" // the server may have the mail
)

const reasonClosed = "Close waits no longer"

var (
	errNoTLS    = errors.New("the server offers no STARTTLS")
	errNoSignIn = errors.New("the server offers neither PLAIN nor LOGIN to sign in with")
)

// A stepError is an error with the step at which it happened. Its text may quote addresses:
// never log it.
type stepError struct {
	step string
	err  error
}

func at(step string, err error) error { return &stepError{step, err} }

func (e *stepError) Error() string { return e.step + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// A failure is why a letter was not sent, in words that can be logged.
type failure struct {
	step   string
	reply  int    // of the server, 0 for none
	status string // the enhanced status code (RFC 3463) in the reply
	reason string
	final  bool // trying again makes no difference
}

// failureOf turns an error of deliver into a failure, and nil into nil. Servers quote
// addresses in their replies, and other errors quote replies, so it takes over nothing but
// numbers, and the texts of errors that are known to have neither.
func (m *Mailer) failureOf(ctx context.Context, err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{}
	if e, ok := errors.AsType[*stepError](err); ok {
		f.step, err = e.step, e.err
	}
	reply, replied := errors.AsType[*textproto.Error](err)
	switch {
	case replied:
		f.reply, f.status = reply.Code, status.FindString(reply.Msg)
		f.reason, f.final = "the server refuses it", reply.Code >= 500
	case m.ended.Err() != nil:
		f.reason, f.final = reasonClosed, true
	case ctx.Err() != nil:
		f.reason = fmt.Sprintf("the server took longer than %v", m.timeout)
	default:
		f.reason = harmless(f.step, err)
	}
	return f
}

var status = regexp.MustCompile(`(?m)^[245]\.\d{1,3}\.\d{1,3}\b`)

// harmless returns the text of an error that quotes nothing but the server's address and
// certificate, or that says what happened in our own words.
func harmless(step string, err error) string {
	var (
		network     *net.OpError
		certificate *tls.CertificateVerificationError
		noTLS       tls.RecordHeaderError
		noSMTP      textproto.ProtocolError
	)
	switch {
	case errors.Is(err, errNoTLS):
		return errNoTLS.Error()
	case errors.Is(err, errNoSignIn):
		return errNoSignIn.Error()
	case errors.As(err, &network):
		return network.Error()
	case errors.As(err, &certificate):
		return certificate.Error()
	case errors.As(err, &noTLS):
		return "the server does not speak TLS there"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection"
	case step == stepTLS && !errors.As(err, &noSMTP):
		return badHandshake(err)
	}
	return "the server answers what is not SMTP"
}

// badHandshake returns why TLS did not start. The texts of crypto/tls quote nothing of a
// mail. Another error comes from a function of the host's and may say anything.
func badHandshake(err error) string {
	if text := err.Error(); strings.HasPrefix(text, "tls: ") {
		return "the TLS handshake failed: " + text
	}
	return "the TLS handshake failed: a function in Options.TLSConfig returned an error"
}

func (f *failure) attributes() []any {
	attributes := []any{"reason", f.reason}
	if f.step != "" {
		attributes = append(attributes, "step", f.step)
	}
	if f.reply != 0 {
		attributes = append(attributes, "reply", f.reply)
	}
	if f.status != "" {
		attributes = append(attributes, "status", f.status)
	}
	return attributes
}

// attributes are what the log says of a letter: neither its address nor its code.
func (l *letter) attributes() []any {
	return []any{"kind", l.Kind, "account", l.User.ID, "message_id", l.id, "try", l.tried}
}
