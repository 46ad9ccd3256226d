package smtpmail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// A gate is a server's hook at which mails wait until it opens.
type gate struct {
	reached chan string
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan string, 1000), make(chan struct{})} }

func (g *gate) rcpt(to string) error {
	g.reached <- to
	<-g.open
	return nil
}

// await waits until a mail is at the gate.
func (g *gate) await(t testing.TB) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(patience):
		t.Fatal("no mail is at the gate")
	}
}

// What is on its way counts too, so that the memory is bounded.
func TestQueueIsFull(t *testing.T) {
	t.Parallel()
	g := newGate()
	box := listen(t, &inbox{rcpt: g.rcpt}, nil)
	o := optionsFor(box.address)
	o.Queue, o.Connections = 3, 2
	m := newMailer(t, o)
	mustSend(t, m, mailTo(address(1)), mailTo(address(2)), mailTo(address(3)))
	g.await(t)
	g.await(t)
	err := m.Send(t.Context(), mailOf(deskauth.MailPasswordReset))
	if err == nil || !strings.Contains(err.Error(), "the queue is full") {
		t.Errorf("the fourth mail: %v, want that the queue is full", err)
	}
	wantNothingPrivate(t, "the error", fmt.Sprint(err))
	close(g.open)
	for range 3 {
		box.next(t)
	}
	if err := mustClose(t, m); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// A mail that pauses takes no connection.
func TestPausingMailLetsOthersPass(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{rcpt: func(to string) error {
		if to == readersAddress {
			return quoting(450, to)
		}
		return nil
	}}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Connections, o.Pause, o.Logger = 1, time.Hour, log.logger()
	m := newMailer(t, o)
	mustSend(t, m, mailOf(deskauth.MailPasswordChanged))
	log.await(t, "tried again later", "pause=1h0m0s")
	mustSend(t, m, mailTo(address(1)))
	if got := box.next(t); got.to[0] != address(1) {
		t.Errorf("the mail went to %q, want %q", got.to, address(1))
	}
}

func TestSendAfterClose(t *testing.T) {
	t.Parallel()
	m := newMailer(t, optionsFor("127.0.0.1:25"))
	for range 2 {
		if err := mustClose(t, m); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	err := m.Send(t.Context(), mailOf(deskauth.MailPasswordReset))
	if err == nil || !strings.Contains(err.Error(), "is closed") {
		t.Errorf("Send: %v, want that the Mailer is closed", err)
	}
	wantNothingPrivate(t, "the error", fmt.Sprint(err))
}

// What the caller's context says does not matter: it ends with the caller's request.
func TestSendOfACallerThatHasGone(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	m := newMailer(t, optionsFor(box.address))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Send(ctx, mailOf(deskauth.MailPasswordReset)); err != nil {
		t.Errorf("Send: %v", err)
	}
	box.next(t)
}

func TestCloseSendsWhatWaits(t *testing.T) {
	t.Parallel()
	g := newGate()
	box := listen(t, &inbox{rcpt: g.rcpt}, nil)
	o := optionsFor(box.address)
	o.Connections, o.Queue = 2, 20
	m := newMailer(t, o)
	for i := range 10 {
		mustSend(t, m, mailTo(address(i)))
	}
	g.await(t)
	done := make(chan error)
	go func() { done <- m.Close(context.Background()) }()
	for { // until it is closed
		err := m.Send(t.Context(), mailOf(deskauth.MailPasswordReset))
		if err != nil && strings.Contains(err.Error(), "is closed") {
			break
		}
	}
	close(g.open)
	if err := <-done; err != nil {
		t.Errorf("Close: %v", err)
	}
	if n := len(box.mails); n < 10 {
		t.Errorf("%d mails have come, want the 10 that waited", n)
	}
}

// A pause ends when the Mailer is closed: the mail is tried once more, and not again.
func TestCloseEndsPauses(t *testing.T) {
	t.Parallel()
	asked := new(atomic.Int32)
	box := listen(t, &inbox{rcpt: func(to string) error {
		if asked.Add(1) > 2 && to == readersAddress {
			return nil
		}
		return quoting(450, to)
	}}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Pause, o.Logger, o.Connections = 10*time.Minute, log.logger(), 1
	m := newMailer(t, o)
	mustSend(t, m, mailOf(deskauth.MailPasswordChanged), mailTo("other@f22.it"))
	log.await(t, "tried again later", "account=account-1")
	log.await(t, "tried again later", "account of other")
	err := mustClose(t, m)
	if err == nil || !strings.Contains(err.Error(), "1 unsent mail") {
		t.Errorf("Close: %v, want that 1 mail was not sent", err)
	}
	if got := box.next(t); got.to[0] != readersAddress {
		t.Errorf("the mail went to %q", got.to)
	}
	log.await(t, notSent, "account of other", "try=2", "the Mailer is being closed")
	wantNothingPrivate(t, "the error", fmt.Sprint(err))
}

// At the end of its context Close breaks off what is on its way, and names what is left.
func TestCloseHasADeadline(t *testing.T) {
	t.Parallel()
	held := make(chan struct{}, 10)
	server := script(t, func(conn net.Conn) {
		held <- struct{}{}
		io.Copy(io.Discard, conn)
	})
	log := newLogbook()
	o := optionsFor(server)
	o.Connections, o.Timeout, o.Logger = 2, 10*time.Minute, log.logger()
	m := newMailer(t, o)
	for i := range 5 {
		mustSend(t, m, mailTo(address(i)))
	}
	<-held
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := m.Close(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "5 unsent mails") {
		t.Errorf("Close: %v, want that the time was over and 5 mails were not sent", err)
	}
	for i := range 5 {
		if want := fmt.Sprintf(`account="account of reader%d" `, i); !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in the log:\n%s", want, log)
		}
	}
	if n := strings.Count(log.String(), notSent); n != 5 {
		t.Errorf("the log names %d mails, want 5:\n%s", n, log)
	}
	log.await(t, notSent, "Close waits no longer", "step=greeting", "try=1")
	log.await(t, notSent, "Close waits no longer", "try=0")
	wantNothingPrivate(t, "the log and the error", log.String()+err.Error())
}

// A code that has expired is of no use to its reader.
func TestExpiredCodeIsDropped(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	g := newGate()
	box := listen(t, &inbox{rcpt: g.rcpt}, nil)
	log := newLogbook()
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	o := optionsFor(box.address)
	o.Connections, o.Logger = 1, log.logger()
	o.Now = func() time.Time { return start.Add(time.Duration(now.Load())) }
	m := newMailer(t, o)
	for i, life := range []time.Duration{time.Minute, time.Minute, time.Minute + 1} {
		mail := mailTo(address(i))
		mail.ExpiresAt = start.Add(life)
		mustSend(t, m, mail)
	}
	g.await(t)
	now.Store(int64(time.Minute))
	close(g.open)
	log.await(t, notSent, "account of reader1", "its code expired while it waited", "try=0")
	for _, want := range []string{address(0), address(2)} {
		if got := box.next(t); got.to[0] != want {
			t.Errorf("the mail went to %q, want %q", got.to, want)
		}
	}
}

// Nothing is tried again for which it will be too late.
func TestPauseBeyondTheEndOfTheCode(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{rcpt: func(to string) error { return quoting(450, to) }}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Pause, o.Logger = time.Hour, log.logger()
	mail := mailOf(deskauth.MailPasswordReset)
	mail.ExpiresAt = time.Now().Add(59 * time.Minute)
	mustSend(t, newMailer(t, o), mail)
	log.await(t, notSent, "try=1", "reply=450", "its code expires before the next try")
}

// Many send while another closes: each mail that was taken is sent, and none twice.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	o := optionsFor(box.address)
	o.Connections = 8
	m := newMailer(t, o)
	var taken atomic.Int32
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 25 {
				if m.Send(t.Context(), mailOf(deskauth.MailPasswordReset)) == nil {
					taken.Add(1)
				}
			}
		})
	}
	box.next(t)
	err := mustClose(t, m)
	senders.Wait()
	if n := len(box.mails) + 1; err != nil || n != int(taken.Load()) {
		t.Errorf("%d mails have come of %d that were taken; Close: %v", n, taken.Load(), err)
	}
}
