package smtpmail_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
	"github.com/emersion/go-smtp"
)

// A panic costs its mail, and neither the process nor the other mails. Its value may be an
// address.
func TestPanicIsContained(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Connections, o.Logger = 1, log.logger()
	calls := new(atomic.Int32)
	m := newMailer(t, smtpmail.WithDial(o, func(ctx context.Context, network, address string) (net.Conn, error) {
		if calls.Add(1) == 1 {
			panic(readersAddress)
		}
		return through(address)(ctx, network, address)
	}))
	mustSend(t, m, mailOf(deskauth.MailPasswordReset), mailTo("other@f22.it"))
	log.await(t, notSent, "account=account-1", `reason="a panic"`)
	if got := box.next(t); got.to[0] != "other@f22.it" {
		t.Errorf("the mail went to %q", got.to)
	}
	wantNothingPrivate(t, "the log", log.String())
}

// A badHandler is a log whose parts panic.
type badHandler struct{ enabled, handle bool }

func (h badHandler) Enabled(context.Context, slog.Level) bool  { return !panicIf(h.enabled) }
func (h badHandler) Handle(context.Context, slog.Record) error { panicIf(h.handle); return nil }
func (h badHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h badHandler) WithGroup(string) slog.Handler             { return h }

func panicIf(bad bool) bool {
	if bad {
		panic(readersAddress)
	}
	return false
}

// Whatever of the host's panics, and however a mail ends: the process goes on, the next
// mail goes out, and Close returns.
func TestPanicsOfTheHostAreContained(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(o *smtpmail.Options){
		"nothing":         func(*smtpmail.Options) {},
		"the log":         func(o *smtpmail.Options) { o.Logger = slog.New(badHandler{handle: true}) },
		"the log's level": func(o *smtpmail.Options) { o.Logger = slog.New(badHandler{enabled: true}) },
		"all of the log":  func(o *smtpmail.Options) { o.Logger = slog.New(badHandler{true, true}) },
		"the clock":       func(o *smtpmail.Options) { o.Now = func() time.Time { panic(readersAddress) } },
		"the clock and log": func(o *smtpmail.Options) {
			o.Now = func() time.Time { panic(readersAddress) }
			o.Logger = slog.New(badHandler{handle: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries := new(atomic.Int32)
			box := listen(t, &inbox{rcpt: func(to string) error {
				switch {
				case strings.HasPrefix(to, "refused"):
					return quoting(550, to)
				case strings.HasPrefix(to, "later") && tries.Add(1) < 3:
					return quoting(450, to)
				case strings.HasPrefix(to, "never"):
					return quoting(450, to)
				}
				return nil
			}}, nil)
			o := optionsFor(box.address)
			o.Connections, o.Tries = 1, 3
			bad(&o)
			m := newMailer(t, o)
			mustSend(t, m, mailTo("refused@f22.it"), mailTo("never@f22.it"), mailTo("later@f22.it"), mailTo("sent@f22.it"))
			for _, want := range []string{"sent@f22.it", "later@f22.it"} {
				if got := box.next(t); got.to[0] != want {
					t.Errorf("the mail went to %q, want %q", got.to, want)
				}
			}
			mustClose(t, m)
			if n := len(box.mails); n != 0 {
				t.Errorf("%d mails more have come", n)
			}
		})
	}
}

// What a TLS configuration calls is the host's too.
func TestPanicInTLSConfigIsContained(t *testing.T) {
	t.Parallel()
	certificate, pool := certify(t)
	box := listen(t, &inbox{}, func(s *smtp.Server) {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	})
	calls, log := new(atomic.Int32), newLogbook()
	o := optionsFor(box.address)
	o.Connections, o.Logger = 1, log.logger()
	o.TLSConfig = &tls.Config{RootCAs: pool, VerifyConnection: func(tls.ConnectionState) error {
		panicIf(calls.Add(1) == 1)
		return nil
	}}
	m := newMailer(t, o)
	mustSend(t, m, mailOf(deskauth.MailPasswordReset), mailTo("other@f22.it"))
	log.await(t, notSent, "account=account-1", `reason="a panic"`)
	if got := box.next(t); got.to[0] != "other@f22.it" {
		t.Errorf("the mail went to %q", got.to)
	}
	wantNothingPrivate(t, "the log", log.String())
}

// A clock that panics is in the log, without what it panics with.
func TestPanickingClockIsLogged(t *testing.T) {
	t.Parallel()
	box, log := listen(t, &inbox{}, nil), newLogbook()
	o := optionsFor(box.address)
	o.Logger, o.Now = log.logger(), func() time.Time { panic(readersAddress) }
	mustSend(t, newMailer(t, o), mailOf(deskauth.MailPasswordReset))
	box.next(t)
	log.await(t, "level=ERROR", "Options.Now panics")
	wantNothingPrivate(t, "the log", log.String())
}
