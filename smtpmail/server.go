package smtpmail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"os"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// goodbye is how long a server may take for its answer to the last command.
const goodbye = 2 * time.Second

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// A server is where the mail goes.
type server struct {
	address, host string
	sender        string // the address that mails come from
	username      string
	password      deskauth.Secret
	implicit      bool // TLS from the first byte on
	lenient       bool // a loopback address may go without TLS
	config        *tls.Config
	dial          dialFunc
}

func newServer(o Options, sender string) (server, error) {
	host, port, err := o.host()
	if err != nil {
		return server{}, err
	}
	config := o.TLSConfig.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	config.ServerName = cmp.Or(config.ServerName, host)
	return server{
		address:  o.Server,
		host:     host,
		sender:   sender,
		username: o.Username,
		password: o.Password,
		implicit: o.TLS == TLSImplicit || o.TLS == TLSByPort && port == implicitPort,
		lenient:  o.TLS == TLSByPort && isLoopback(host),
		config:   config,
		dial:     o.dial,
	}, nil
}

// isLoopback reports whether a host can be no other machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// deliver hands a message to the server, on a connection of its own. It returns when the
// server has it, or a *stepError.
func (s server) deliver(ctx context.Context, to string, message *mail.Msg) error {
	conn, err := s.dial(ctx, "tcp", s.address)
	if err != nil {
		return at(stepConnect, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client, err := s.greet(ctx, conn)
	if err != nil {
		return err
	}
	err = s.hand(client, to, message)
	if _, replied := errors.AsType[*textproto.Error](err); err == nil || replied {
		conn.SetDeadline(time.Now().Add(goodbye))
		client.Quit() // what the server answers changes nothing
	}
	return err
}

// greet gets as far as the server is ready for a message.
func (s server) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if s.implicit {
		encrypted := tls.Client(conn, s.config)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return nil, at(stepTLS, err)
		}
		conn = encrypted
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, at(stepGreeting, err)
	}
	// Nothing in a message needs it, and a mail that asks for it goes to fewer servers.
	client.SkipSMTPUTF8(true)
	if err := client.Hello(ownName(conn)); err != nil {
		return nil, at(stepHello, err)
	}
	if err := s.encrypt(client, conn); err != nil {
		return nil, at(stepTLS, err)
	}
	if err := s.signIn(client); err != nil {
		return nil, at(stepSignIn, err)
	}
	return client, nil
}

// ownName is what a client calls itself: its name in the DNS if it looks like one, or its
// address (RFC 5321 §4.1.1.1).
func ownName(conn net.Conn) string {
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && isPlain(name) {
		return name
	}
	ip, _, err := net.SplitHostPort(conn.LocalAddr().String())
	switch {
	case err != nil || net.ParseIP(ip) == nil:
		return "localhost"
	case strings.Contains(ip, ":"):
		return "[IPv6:" + ip + "]"
	}
	return "[" + ip + "]"
}

// encrypt starts TLS, unless it has been started or may be left out.
func (s server) encrypt(client *smtp.Client, conn net.Conn) error {
	if s.implicit {
		return nil
	}
	if offered, _ := client.Extension("STARTTLS"); !offered {
		if s.lenient && isHere(conn.RemoteAddr()) {
			return nil
		}
		return errNoTLS
	}
	return client.StartTLS(s.config)
}

// isHere reports whether a connection does not leave the machine.
func isHere(remote net.Addr) bool {
	host, _, err := net.SplitHostPort(remote.String())
	return err == nil && isLoopback(host)
}

// signIn sends the password, if there is one. The connection is encrypted or does not leave
// the machine.
func (s server) signIn(client *smtp.Client) error {
	if s.username == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	for mechanism := range strings.FieldsSeq(offered) {
		switch strings.ToUpper(mechanism) {
		case "PLAIN":
			return client.Auth(smtp.PlainAuth("", s.username, reveal(s.password), s.host, true))
		case "LOGIN":
			return client.Auth(smtp.LoginAuth(s.username, reveal(s.password), s.host, true))
		}
	}
	return errNoSignIn
}

// hand gives the server one message for one reader.
func (s server) hand(client *smtp.Client, to string, message *mail.Msg) error {
	if err := client.Mail("<" + s.sender + ">"); err != nil {
		return at(stepSender, err)
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return at(stepRecipient, err)
	}
	data, err := client.Data()
	if err != nil {
		return at(stepData, err)
	}
	if _, err := message.WriteTo(data); err != nil {
		return at(stepContent, err) // without the end of the message: the server drops it
	}
	if err := data.Close(); err != nil {
		return at(stepEnd, err)
	}
	return nil
}
