package main

import (
	"bytes"
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
}

type takenMail struct {
	to, text string // of the plain text
}

func startMailServer(t *testing.T) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{listener.Addr().String(), make(chan takenMail, 100)}
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

func (*mailSession) Reset()                                      {}
func (*mailSession) Logout() error                               { return nil }
func (*mailSession) Mail(string, *smtp.MailOptions) error        { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to += to; return nil }

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

// TestAccountsLifeByMail walks the whole life of an account with a real mail server, as the
// dashboard does: each code comes out of the link of a mail. Stores that last are served by
// another process from the middle on.
func TestAccountsLifeByMail(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) kept{"memory": nil}
	for name, open := range keptStores {
		stores[name] = open
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &mailLife{mail: startMailServer(t)}
			flag := "memory"
			if open != nil {
				flag = open(t).flag
			}
			args := []string{
				"-store", flag, "-session-secret", sessionSecret, "-project", "demo=" + projectSecret,
				"-smtp", l.mail.address, "-mail-from", "Desk <desk@example.com>",
				"-dashboard-url", "https://desk.example.com/dashboard", "-require-verified-email", "-log", "json",
			}
			p := start(t, args...)
			l.signUp(t, p)
			l.askForReset(t, p)
			if open != nil {
				p.stop()
				noCodeIn(t, p, l.codes)
				p = start(t, args...)
			}
			l.reset(t, p)
			l.changeAddress(t, p)
			l.guestGoesUp(t, p)
			noCodeIn(t, p, l.codes)
		})
	}
}

// A mailLife is an account on its way, and the codes that were mailed.
type mailLife struct {
	mail  *mailServer
	codes []string
	link  string // of the last mail
	token string
}

func (l *mailLife) next(t *testing.T, to string) {
	t.Helper()
	l.link = follow(t, l.mail.next(t, to))
	l.codes = append(l.codes, l.link[strings.LastIndexByte(l.link, '/')+1:])
}

func (l *mailLife) signUp(t *testing.T, p *process) {
	t.Helper()
	p.call("POST", "/signup", ada)
	l.next(t, "ada@example.com")
	if got := p.post("/signin", adaSignin); got.status != http.StatusForbidden {
		t.Errorf("a sign-in without a verified address: %v", got)
	}
	l.next(t, "ada@example.com")
	verify := strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1)
	p.call("PUT", verify, "")
	if got := p.ask("PUT", verify, ""); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "10005") {
		t.Errorf("the link opened twice: %v", got)
	}
	l.token = p.call("POST", "/signin", adaSignin).token(t)
}

func (l *mailLife) askForReset(t *testing.T, p *process) {
	t.Helper()
	p.call("PUT", "/requestresetpsw", `{"email":"nobody@example.com"}`)
	p.call("PUT", "/requestresetpsw", `{"email":"ada@example.com"}`)
	l.next(t, "ada@example.com")
}

// reset takes the code that was mailed before, perhaps by another process.
func (l *mailLife) reset(t *testing.T, p *process) {
	t.Helper()
	code := strings.TrimPrefix(l.link, "/resetpassword/")
	p.call("GET", "/checkpswresetkey/"+code, "")
	if _, me := p.me(l.token); me.status != http.StatusOK {
		t.Errorf("the session before the reset: %v", me)
	}
	p.call("PUT", "/resetpsw/"+code, `{"password":"`+newPassword+`"}`)
	if got := p.ask("GET", "/checkpswresetkey/"+code, ""); got.status != http.StatusNotFound ||
		!strings.Contains(got.body, "Invalid password reset key") {
		t.Errorf("the link opened twice: %v", got)
	}
	if _, me := p.me(l.token); me.status != http.StatusUnauthorized {
		t.Errorf("the session after the reset: %v", me)
	}
	if text := l.mail.next(t, "ada@example.com"); strings.Contains(text, "#/") {
		t.Errorf("the notice has a link:\n%s", text)
	}
	l.token = p.call("POST", "/signin", `{"email":"ada@example.com","password":"`+newPassword+`"}`).token(t)
}

func (l *mailLife) changeAddress(t *testing.T, p *process) {
	t.Helper()
	body := `{"email":"lovelace@example.com","password":"` + newPassword + `"}`
	if got := p.own("PUT", "/changeemail", l.token, body); got.status != http.StatusOK {
		t.Fatalf("asking for a new address: %v", got)
	}
	l.next(t, "lovelace@example.com")
	p.call("PUT", l.link, "")
	if text := l.mail.next(t, "ada@example.com"); strings.Contains(text, "#/") {
		t.Errorf("the notice has a link:\n%s", text)
	}
	l.token = p.call("POST", "/signin", `{"email":"lovelace@example.com","password":"`+newPassword+`"}`).token(t)
}

func (l *mailLife) guestGoesUp(t *testing.T, p *process) {
	t.Helper()
	guest := p.call("POST", "/signinAnonymously", `{"id_project":"demo"}`).token(t)
	who, _ := p.me(guest)
	up := strings.Replace(ada, "ada@", "guest@", 1)
	p.call("POST", "/signup", up, "Authorization: "+guest)
	l.next(t, "guest@example.com")
	if id, _ := who["userID"].(string); !strings.HasPrefix(l.link, "/verify/email/"+id+"/") {
		t.Errorf("the guest %s has the link %s", id, l.link)
	}
	p.call("PUT", strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1), "")
	token := p.call("POST", "/signin", strings.Replace(adaSignin, "ada@", "guest@", 1)).token(t)
	if now, _ := p.me(token); now["userID"] != who["userID"] || now["kind"] != "user" || now["emailVerified"] != true {
		t.Errorf("the guest %v is now %v", who["userID"], now)
	}
	p.call("POST", "/signout", "", "Authorization: "+token)
	if _, me := p.me(token); me.status != http.StatusUnauthorized {
		t.Errorf("after the sign-out: %v", me)
	}
}

// noCodeIn wants no code and no address of a mail in the log of a server that sends mail.
func noCodeIn(t *testing.T, p *process, codes []string) {
	t.Helper()
	for _, code := range append(codes, "ada@example.com", "lovelace@example.com") {
		if strings.Contains(p.logs.String(), code) {
			t.Errorf("S22 %q is in the log:\n%s", code, p.logs)
		}
	}
}

// What is waiting when the server is told to stop goes out first, and what cannot go out is
// named.
func TestMailWaitsAtAStop(t *testing.T) {
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
