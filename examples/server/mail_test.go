package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	netmail "net/mail"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// A mailServer is a real SMTP server, which keeps what it takes.
type mailServer struct {
	address string
	taken   chan takenMail
	held    *gate // where mails wait, or nil
}

// A gate is where mails wait until it opens.
type gate struct{ reached, open chan struct{} }

type takenMail struct {
	to, text string // of the plain text
}

func startMailServer(t *testing.T) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{address: listener.Addr().String(), taken: make(chan takenMail, 100)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: m}, nil
	}))
	server.Domain, server.ErrorLog = "mail.example", log.New(io.Discard, "", 0)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return m
}

type mailSession struct {
	server *mailServer
	to     string
}

func (*mailSession) Reset()                               {}
func (*mailSession) Logout() error                        { return nil }
func (*mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if g := s.server.held; g != nil {
		g.reached <- struct{}{}
		<-g.open
	}
	s.to += to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := plainText(r)
	s.server.taken <- takenMail{s.to, text}
	return err
}

// plainText returns the plain text of a mail.
func plainText(r io.Reader) (string, error) {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	part, err := parts.NextRawPart() // the plain one comes first, RFC 2046 §5.1.4
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(quotedprintable.NewReader(part))
	return text.String(), err
}

// next returns the next mail, which goes to that address.
func (m *mailServer) next(t *testing.T, to string) string {
	t.Helper()
	select {
	case got := <-m.taken:
		if got.to != to {
			t.Fatalf("a mail to %q, want one to %q:\n%s", got.to, to, got.text)
		}
		return got.text
	case <-time.After(patience):
		t.Fatalf("no mail to %s", to)
		return ""
	}
}

var linkIn = regexp.MustCompile(`https://desk\.example\.com/dashboard/#(/\S+)`)

// follow returns the path in the link of a mail, behind the dashboard.
func follow(t *testing.T, text string) string {
	t.Helper()
	m := linkIn.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no link in\n%s", text)
	}
	return m[1]
}

// call makes a call that has to be answered with 200.
func (p *process) call(method, path, body string, headers ...string) answer {
	p.t.Helper()
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	got := p.ask(method, path, body, headers...)
	if got.status != http.StatusOK {
		p.t.Fatalf("%s %s: got %v, want 200\n%s", method, path, got, p.logs)
	}
	return got
}

// What is waiting when the server is told to stop goes out first, what waits for a
// connection too.
func TestMailGoesOutAtAStop(t *testing.T) {
	t.Parallel()
	const mails = 6 // more than there are connections
	mail := startMailServer(t)
	mail.held = &gate{make(chan struct{}, mails), make(chan struct{})}
	p := start(t, "-project", "demo=", "-smtp", mail.address, "-mail-from", "desk@example.com",
		"-dashboard-url", "https://desk.example.com", "-log", "json")
	for n := range mails {
		p.call("POST", "/signup", strings.Replace(ada, "ada@", fmt.Sprintf("ada%d@", n), 1))
	}
	select {
	case <-mail.held.reached:
	case <-time.After(patience):
		t.Fatalf("no mail is on its way\n%s", p.logs)
	}
	go func() { // opens the gate when the server is stopping
		for t.Context().Err() == nil && !strings.Contains(p.logs.String(), `"stopping"`) {
			time.Sleep(time.Millisecond)
		}
		close(mail.held.open)
	}()
	p.stop()
	if n := len(mail.taken); n != mails {
		t.Errorf("%d mails have come, want the %d that waited\n%s", n, mails, p.logs)
	}
}

// What cannot go out before the server has to end is named.
func TestMailThatIsLeftAtAStop(t *testing.T) {
	t.Parallel()
	refuses, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer refuses.Close()
	p := start(t, "-project", "demo=", "-smtp", refuses.Addr().String(), "-mail-from", "desk@example.com",
		"-dashboard-url", "https://desk.example.com", "-log", "json")
	p.call("POST", "/signup", ada)
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if code := exitCode(err); code != 2 || !strings.Contains(p.logs.String(), "1 unsent mail") {
			t.Errorf("the server ends with code %d, want 2 and the unsent mail:\n%s", code, p.logs)
		}
	case <-time.After(promised):
		p.cmd.Process.Kill()
		t.Errorf("the server does not end within %v\n%s", promised, p.logs)
	}
	p.ended = nil
	if strings.Contains(p.logs.String(), "ada@example.com") {
		t.Errorf("S22 an address is in the log:\n%s", p.logs)
	}
}
