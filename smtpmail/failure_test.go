package smtpmail_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/emersion/go-smtp"
)

// quoting is a reply that says of whom it speaks, as many servers do.
func quoting(code int, to string) *smtp.SMTPError {
	return &smtp.SMTPError{
		Code:         code,
		EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1},
		Message:      "<" + to + "> " + readersCode + "\n<" + to + "> 5.7.7 again",
	}
}

// A reader that the server refuses is refused once, and stops nobody.
func TestRefusedReaderStopsNobody(t *testing.T) {
	t.Parallel()
	refused := new(atomic.Int32)
	box := listen(t, &inbox{rcpt: func(to string) error {
		if to == readersAddress {
			refused.Add(1)
			return quoting(550, to)
		}
		return nil
	}}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Logger, o.Connections = log.logger(), 1
	m := newMailer(t, o)
	mustSend(t, m, mailOf(deskauth.MailPasswordReset), mailTo("other@f22.it"))
	if got := box.next(t); got.to[0] != "other@f22.it" {
		t.Errorf("the mail went to %q", got.to)
	}
	line := log.await(t, notSent, "kind=password_reset", "account=account-1", "step=recipient", "reply=550",
		"status=5.1.1", "try=1", `giving_up="for good"`, `reason="the server refuses it"`)
	wantNothingPrivate(t, "the line", line)
	if err := mustClose(t, m); err != nil {
		t.Errorf("Close: %v, for a mail that was given up before", err)
	}
	if n := refused.Load(); n != 1 {
		t.Errorf("the server was asked %d times, want once", n)
	}
}

// What the server refuses for now is tried again, by the same name and date.
func TestRefusedForNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	asked := new(atomic.Int32)
	box := listen(t, &inbox{data: func(*smtp.Conn) error {
		if asked.Add(1) < 3 {
			return quoting(451, readersAddress)
		}
		return nil
	}}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Logger = log.logger()
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
	got := box.next(t).read(t)
	id := strings.Trim(got.header.Get("Message-Id"), "<>")
	for i, pause := range []string{"pause=1ms", "pause=3ms"} {
		log.await(t, "level=WARN", "tried again later", pause, fmt.Sprintf("try=%d", i+1), `step="end of content"`,
			"reply=451", "status=4.1.1", "message_id="+id)
	}
	log.await(t, "level=DEBUG", "a mail was sent", "try=3", "message_id="+id)
	wantNothingPrivate(t, "the log", log.String())
}

// A mail is given up after the last try, and not before.
func TestNoTriesAreLeft(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{rcpt: func(to string) error { return quoting(450, to) }}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Logger, o.Tries = log.logger(), 3
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordChanged))
	log.await(t, notSent, "try=3", "reply=450", `giving_up="no tries are left"`)
	if n := box.opened.Load(); n < 3 || strings.Count(log.String(), "level=") != 3 {
		t.Errorf("%d sessions, and the log is\n%s", n, log)
	}
}

// The server takes the mail and breaks off: it must not be sent a second time.
func TestTakenMailIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, farewell := range map[string]string{
		"closes":       "",
		"refuses QUIT": "500 <" + readersAddress + ">\r\n",
		"says nothing": "221",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taken := make(chan string, 100)
			address := script(t, func(conn net.Conn) {
				talk(conn, taken)
				io.WriteString(conn, farewell)
			})
			log := newLogbook()
			o := optionsFor(address)
			o.Logger = log.logger()
			m := newMailer(t, o)
			mustSend(t, m, mailOf(deskauth.MailPasswordReset))
			log.await(t, "a mail was sent", "try=1")
			if err := mustClose(t, m); err != nil || len(taken) != 1 {
				t.Errorf("the server has %d mails, want 1; Close: %v", len(taken), err)
			}
		})
	}
}

// talk is a server for one mail, up to the QUIT of the client.
func talk(conn net.Conn, taken chan<- string) {
	lines := bufio.NewScanner(conn)
	fmt.Fprintf(conn, "220 mail.test\r\n")
	for lines.Scan() {
		switch verb, _, _ := strings.Cut(lines.Text(), " "); verb {
		case "DATA":
			fmt.Fprintf(conn, "354 go on\r\n")
			for lines.Scan() && lines.Text() != "." {
			}
			fmt.Fprintf(conn, "250 taken\r\n")
			taken <- lines.Text()
		case "QUIT":
			return
		default:
			fmt.Fprintf(conn, "250 fine\r\n")
		}
	}
}

// Connections break at every step. The next try is on another one.
func TestConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		first func(conn net.Conn)
		want  []string
	}{
		"at once":      {func(net.Conn) {}, []string{"step=greeting"}},
		"in a reply":   {says("220-mail\r\n"), []string{"step=greeting", "closed the connection"}},
		"after EHLO":   {says("220 mail.test\r\n", "EHLO"), []string{"step=hello"}},
		"after MAIL":   {says("220 mail.test\r\n", "EHLO", "MAIL"), []string{"step=sender"}},
		"after RCPT":   {says("220 mail.test\r\n", "EHLO", "MAIL", "RCPT"), []string{"step=recipient"}},
		"after DATA":   {says("220 mail.test\r\n", "EHLO", "MAIL", "RCPT", "DATA"), []string{"step=data"}},
		"in the mail":  {says("220 mail.test\r\n", "EHLO", "MAIL", "RCPT", "DATA", "To: "), []string{"step=", "content"}},
		"not SMTP":     {says("HTTP/1.1 400 <" + readersAddress + ">\r\n"), []string{"step=greeting", "not SMTP"}},
		"not now":      {says("421 4.3.2 wait\r\n"), []string{"step=greeting", "reply=421", "status=4.3.2"}},
		"more than ok": {says("220 mail.test\r\n", "EHLO", "=299 x\r\n"), []string{"step=sender", "reply=299"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tried, taken := new(atomic.Int32), make(chan string, 10)
			address := script(t, func(conn net.Conn) {
				if tried.Add(1) == 1 {
					tt.first(conn)
					return
				}
				talk(conn, taken)
			})
			log := newLogbook()
			o := optionsFor(address)
			o.Logger = log.logger()
			mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
			log.await(t, append(tt.want, "level=WARN", "try=1", "reason=")...)
			log.await(t, "a mail was sent", "try=2")
			wantNothingPrivate(t, "the log", log.String())
		})
	}
}

// says is a server that greets, answers each line that the client begins with one of the
// texts by a 250, or by what stands behind =, and breaks off after the last one.
func says(greeting string, texts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		io.WriteString(conn, greeting)
		lines := bufio.NewScanner(conn)
		for i, text := range texts {
			reply, own := strings.CutPrefix(text, "=")
			for lines.Scan() && !own && !strings.HasPrefix(lines.Text(), text) {
			}
			switch {
			case own:
				io.WriteString(conn, reply)
				lines.Scan()
			case i == len(texts)-1:
				return
			case text == "DATA":
				io.WriteString(conn, "354 go on\r\n")
			default:
				io.WriteString(conn, "250 fine\r\n")
			}
		}
	}
}

// Servers quote addresses, and may quote anything that they were told. Of a reply the log
// has the numbers, at whatever step and level.
func TestS22_NoReplyIsLogged(t *testing.T) {
	t.Parallel()
	private := "<" + readersAddress + "> " + readersCode + "\r\n"
	steps := []string{"", "EHLO", "MAIL", "RCPT", "DATA"}
	for i := range len(steps) + 1 {
		for name, tt := range map[string]struct{ reply, want string }{
			"for good":       {"550 5.1.1 " + private, "reply=550"},
			"for now":        {"450 4.2.1 " + private, "reply=450"},
			"several lines":  {"451-" + private + "451-4.3.0 " + private + "451 " + private, "reply=451"},
			"not a reply":    {private, "reason="},
			"a bad number":   {"9x9 " + private, "reason="},
			"a bad status":   {"550 5.1.f22.it" + private, "reply=550"},
			"another number": {"299 " + private, "reason="},
		} {
			t.Run(fmt.Sprintf("%s after %q", name, steps[:i]), func(t *testing.T) {
				t.Parallel()
				greeting, texts := tt.reply, []string(nil)
				if i > 0 {
					greeting, texts = "220 mail.test\r\n", append(slices.Clone(steps[1:i]), "="+tt.reply)
				}
				log := newLogbook()
				o := optionsFor(script(t, says(greeting, texts...)))
				o.Logger, o.Tries = log.logger(), 2
				m := newMailer(t, o)
				mustSend(t, m, mailOf(deskauth.MailPasswordReset))
				log.await(t, tt.want)
				err := mustClose(t, m)
				wantNothingPrivate(t, "the log and the error", log.String()+fmt.Sprint(err))
			})
		}
	}
}

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	log := newLogbook()
	o := optionsFor(address)
	o.Logger, o.Tries = log.logger(), 2
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
	log.await(t, "level=WARN", "step=connect", "refused")
	log.await(t, notSent, "try=2", "step=connect", "refused", address)
}

// A server that never answers costs its mail the tries, and the caller of Send nothing.
func TestServerNeverAnswers(t *testing.T) {
	t.Parallel()
	for name, greeting := range map[string]string{"no greeting": "", "no reply": "220 mail.test\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := script(t, func(conn net.Conn) {
				io.WriteString(conn, greeting)
				io.Copy(io.Discard, conn) // until the client hangs up
			})
			log := newLogbook()
			o := optionsFor(address)
			o.Logger, o.Tries, o.Timeout = log.logger(), 2, 50*time.Millisecond
			mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
			log.await(t, notSent, "try=2", `reason="the server took longer than 50ms"`)
		})
	}
}
