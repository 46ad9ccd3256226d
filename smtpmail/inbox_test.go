package smtpmail_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// An inbox is a real SMTP server.
type inbox struct {
	address string
	mails   chan received // those that it has taken
	opened  atomic.Int32  // sessions
	rcpt    func(to string) error
	data    func(c *smtp.Conn) error // before the reply to the end of the content
	content func(c *smtp.Conn) error // before the content is read
	login   func(username, password string) error
}

// A received is what the server got.
type received struct {
	from, username, password string
	to                       []string
	utf8, encrypted          bool
	content                  []byte
}

// listen starts the server. edit may change it first.
func listen(t testing.TB, box *inbox, edit func(*smtp.Server)) *inbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box.address = listener.Addr().String()
	box.mails = make(chan received, 10_000)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		box.opened.Add(1)
		_, encrypted := c.TLSConnectionState()
		return &session{box: box, conn: c, got: received{encrypted: encrypted}}, nil
	}))
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8 = "mail.test", true, true
	server.ErrorLog = log.New(io.Discard, "", 0)
	implicit := false
	if edit != nil {
		edit(server)
		implicit = server.Network == "tls"
	}
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return box
}

type session struct {
	box  *inbox
	conn *smtp.Conn
	got  received
}

func (s *session) Logout() error { return nil }
func (s *session) Reset()        {}

func (s *session) AuthMechanisms() []string {
	if s.box.login == nil {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		s.got.username, s.got.password = username, password
		return s.box.login(username, password)
	}), nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.got.from, s.got.utf8 = from, o.UTF8
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.got.to = append(s.got.to, to)
	if s.box.rcpt != nil {
		return s.box.rcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) (err error) {
	if s.box.content != nil {
		if err := s.box.content(s.conn); err != nil {
			return err
		}
	}
	if s.got.content, err = io.ReadAll(r); err != nil {
		return err
	}
	if s.box.data != nil {
		if err := s.box.data(s.conn); err != nil && !errors.Is(err, errTaken) {
			return err
		}
	}
	s.box.mails <- s.got
	return nil
}

// errTaken is what data returns for a mail that the server takes.
var errTaken = errors.New("taken")

// next returns the next mail that comes.
func (box *inbox) next(t testing.TB) received {
	t.Helper()
	select {
	case got := <-box.mails:
		return got
	case <-time.After(patience):
		t.Fatal("no mail has come")
	}
	return received{}
}

// A letter is a mail as its reader sees it.
type letter struct {
	header       netmail.Header
	subject      string
	text, html   string
	contentTypes []string
}

// read takes a mail apart.
func (got received) read(t testing.TB) (l letter) {
	t.Helper()
	message, err := netmail.ReadMessage(bytes.NewReader(got.content))
	if err != nil {
		t.Fatalf("%v in\n%s", err, got.content)
	}
	l.header = message.Header
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(l.header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	mediaType, parameters, err := mime.ParseMediaType(l.header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	l.contentTypes = append(l.contentTypes, mediaType)
	if mediaType == "text/plain" {
		text, err := io.ReadAll(quotedprintable.NewReader(message.Body))
		if err != nil {
			t.Fatal(err)
		}
		l.text = string(text)
		return l
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := parts.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, got.content)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		mediaType, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		l.contentTypes = append(l.contentTypes, mediaType)
		if mediaType == "text/html" {
			l.html = string(text)
		} else {
			l.text = string(text)
		}
	}
}

// script is a server that does what serve says with each connection.
func script(t testing.TB, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// loginOnly is a server up to the first command after a sign-in with LOGIN.
func loginOnly(conn net.Conn, said chan<- string) {
	lines := bufio.NewScanner(conn)
	io.WriteString(conn, "220 mail.test\r\n")
	lines.Scan()
	io.WriteString(conn, "250-mail.test\r\n250 AUTH CRAM-MD5 LOGIN\r\n")
	for _, reply := range []string{"334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", "235 fine\r\n", "550 enough\r\n"} {
		lines.Scan()
		said <- lines.Text()
		io.WriteString(conn, reply)
	}
}
