package smtpmail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

var (
	errClosed = errors.New("smtpmail: the Mailer is closed, and the mail is not sent")
	errFull   = errors.New("smtpmail: the queue is full, and the mail is not sent: the server does not keep up, " +
		"or Options.Queue is too small")
)

// A Mailer sends mail through an SMTP server. It implements [deskauth.Mailer] and is safe
// for concurrent use. Make one with [New], and end it with [Mailer.Close].
type Mailer struct {
	writer
	server
	queue   int
	tries   int
	pause   time.Duration
	timeout time.Duration
	now     func() time.Time
	log     *slog.Logger

	ended   context.Context // ends when Close does not wait any longer
	end     context.CancelFunc
	ready   chan *letter  // closed with drained
	drained chan struct{} // closed when the Mailer is closed and holds nothing

	mu      sync.Mutex
	held    int // letters that are ready, on their way, or pausing
	pausing map[*letter]*time.Timer
	closed  bool
	unsent  int // since closed
}

// A letter is a mail that was taken and is neither sent nor given up. It has no more of the
// account than it needs.
type letter struct {
	deskauth.Mail
	id    string    // Message-ID, the same for each try
	date  time.Time // when it was taken
	tried int
}

// New returns a Mailer, and starts a goroutine for each of Options.Connections. It reads
// all settings and executes every template once, and says what is wrong. It does not
// connect to the server.
func New(o Options) (*Mailer, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	w, err := newWriter(o)
	if err != nil {
		return nil, err
	}
	s, err := newServer(o, w.from.Address)
	if err != nil {
		return nil, err
	}
	m := &Mailer{
		writer:  w,
		server:  s,
		queue:   o.Queue,
		tries:   o.Tries,
		pause:   o.Pause,
		timeout: o.Timeout,
		now:     o.Now,
		log:     o.Logger,
		ready:   make(chan *letter, o.Queue),
		drained: make(chan struct{}),
		pausing: make(map[*letter]*time.Timer),
	}
	m.ended, m.end = context.WithCancel(context.Background())
	for range o.Connections {
		go m.work()
	}
	return m, nil
}

// Send implements [deskauth.Mailer]: it puts the mail into the queue and returns. It fails
// if the queue is full, if the Mailer is closed, and for a mail that cannot be sent. Its
// errors name no address and no code.
func (m *Mailer) Send(_ context.Context, mail deskauth.Mail) error {
	if err := check(mail); err != nil {
		return err
	}
	u := mail.User
	mail.User = deskauth.User{ID: u.ID, Email: u.Email, EmailVerified: u.EmailVerified, FirstName: u.FirstName}
	l := &letter{Mail: mail, id: m.newID(), date: m.clock()}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return errClosed
	case m.held >= m.queue:
		return errFull
	}
	m.held++
	m.ready <- l // has room for all that is held
	return nil
}

// check refuses what cannot be sent.
func check(mail deskauth.Mail) error {
	_, needsCode := defaultLinks[mail.Kind]
	switch _, known := texts[mail.Kind]; {
	case !known:
		return fmt.Errorf("smtpmail: there is no text for mails of the kind %.100q", string(mail.Kind))
	case !isAddress(mail.To):
		return fmt.Errorf("smtpmail: the address of a mail (%s) is out of form", mail.Kind)
	case needsCode && mail.CodeText() == "":
		return fmt.Errorf("smtpmail: a mail (%s) has no code", mail.Kind)
	case needsCode && mail.ExpiresAt.IsZero():
		return fmt.Errorf("smtpmail: a mail (%s) does not say until when its code is good", mail.Kind)
	}
	return nil
}

// Close sends what is in the queue and ends the Mailer. From then on, Send fails. A mail
// that pauses after a failure is tried once more, at once.
//
// Close returns when all is sent or given up. When its context ends before that, it breaks
// off what is on its way. The error then says how many mails were not sent since Close was
// called, and the log names each. A mail that is broken off may have been sent all the
// same: the server had it, and had not said so yet.
func (m *Mailer) Close(ctx context.Context) error {
	m.shut()
	var late error
	select {
	case <-m.drained:
	case <-ctx.Done():
		late = ctx.Err()
		m.end()
		<-m.drained
	}
	m.end()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.unsent == 0:
		return nil
	case late != nil:
		return fmt.Errorf("smtpmail: closed with %s: %w", unsent(m.unsent), late)
	}
	return fmt.Errorf("smtpmail: closed with %s", unsent(m.unsent))
}

func unsent(n int) string {
	if n == 1 {
		return "1 unsent mail, which the log names"
	}
	return fmt.Sprintf("%d unsent mails, which the log names", n)
}

// Format implements [fmt.Formatter]: every verb prints the address of the server.
func (m *Mailer) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "smtpmail.Mailer(%s)", m.address) }
