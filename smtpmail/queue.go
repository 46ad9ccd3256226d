package smtpmail

import (
	"context"
	"log/slog"
	"time"
)

const (
	growth   = 3 // of each pause over the one before
	maxPause = time.Hour
)

// work sends letters, one after the other, until the Mailer is closed and holds none.
func (m *Mailer) work() {
	for l := range m.ready {
		m.settle(l, m.try(l))
	}
}

// try sends a letter, or says why not.
func (m *Mailer) try(l *letter) (f *failure) {
	defer func() {
		// The process is the host's. The value of the panic may be an address.
		if recover() != nil {
			f = &failure{reason: "a panic", final: true}
		}
	}()
	switch {
	case m.ended.Err() != nil:
		return &failure{reason: reasonClosed, final: true}
	case l.expired(m.clock()):
		return &failure{reason: "its code expired while it waited", final: true}
	}
	l.tried++
	message, err := m.write(l)
	if err != nil {
		return &failure{reason: "its template or its address fails", final: true}
	}
	ctx, cancel := context.WithTimeout(m.ended, m.timeout)
	defer cancel()
	return m.failureOf(ctx, m.deliver(ctx, l.To, message))
}

// expired reports whether the code of a letter is over at a time.
func (l *letter) expired(at time.Time) bool {
	return !l.ExpiresAt.IsZero() && !at.Before(l.ExpiresAt)
}

// settle lets go of a letter that was sent or is given up. Another one pauses.
func (m *Mailer) settle(l *letter, f *failure) {
	if f == nil {
		m.report(slog.LevelDebug, "smtpmail: a mail was sent", l.attributes()...)
		m.letGo(true)
		return
	}
	pause, givingUp := m.retry(l, f)
	attributes := append(l.attributes(), f.attributes()...)
	if givingUp != "" {
		m.report(slog.LevelError, "smtpmail: a mail was not sent", append(attributes, "giving_up", givingUp)...)
		m.letGo(false)
		return
	}
	m.report(slog.LevelWarn, "smtpmail: a mail is tried again later", append(attributes, "pause", pause)...)
	m.wait(l, pause)
}

// retry returns how long a letter pauses before its next try, or why there is none.
func (m *Mailer) retry(l *letter, f *failure) (pause time.Duration, givingUp string) {
	pause = min(m.pause, maxPause)
	for range l.tried - 1 {
		pause = min(pause*growth, maxPause)
	}
	now := m.clock() // the host's code: not under the lock
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case f.final:
		return 0, "for good"
	case l.tried >= m.tries:
		return 0, "no tries are left"
	case l.expired(now.Add(pause)):
		return 0, "its code expires before the next try"
	case m.closed:
		return 0, "the Mailer is being closed"
	}
	return pause, ""
}

// report writes a line to the host's log. A handler that panics cannot be reported
// anywhere. It must end neither the process nor the letter's way.
func (m *Mailer) report(level slog.Level, message string, attributes ...any) {
	defer func() { _ = recover() }()
	m.log.Log(context.Background(), level, message, attributes...)
}

// clock returns the host's time. Where the host's clock panics, the mail still goes out, by
// the clock of the machine.
func (m *Mailer) clock() (now time.Time) {
	defer func() {
		if recover() != nil {
			now = time.Now()
			m.report(slog.LevelError, "smtpmail: Options.Now panics, and time.Now is used")
		}
	}()
	return m.now()
}

// wait puts a letter aside, and back into the queue after the pause.
func (m *Mailer) wait(l *letter, pause time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed { // since retry looked
		pause = 0
	}
	m.pausing[l] = time.AfterFunc(pause, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.resume(l)
	})
}

// resume puts a letter back into the queue, unless it is there. The caller has the lock.
func (m *Mailer) resume(l *letter) {
	timer, ok := m.pausing[l]
	if !ok {
		return
	}
	timer.Stop()
	delete(m.pausing, l)
	m.ready <- l // has room for all that is held
}

// letGo notes the end of a letter.
func (m *Mailer) letGo(sent bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held--
	if m.closed && !sent {
		m.unsent++
	}
	m.drain()
}

// shut lets nothing in any more, and ends all pauses.
func (m *Mailer) shut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.closed = true
	for l := range m.pausing {
		m.resume(l)
	}
	m.drain()
}

// drain lets the workers go when nothing is held and nothing comes. The caller has the
// lock.
func (m *Mailer) drain() {
	if m.closed && m.held == 0 {
		close(m.ready)
		close(m.drained)
	}
}
