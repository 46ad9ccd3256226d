package deskauth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A mailFault keeps back a mail to an address that has had one.
type mailFault struct {
	name   string
	breaks func(h *mailHost)
	limit  int                // how many mails the address may have
	want   deskauth.EventType // with the error ErrDown, if the mail failed
	codes  bool               // the fault is of mails with a code alone
}

// A mailHost is what a mailFault breaks.
type mailHost struct {
	box            *testkit.Mailbox
	keys, attempts error
}

var mailFaults = []mailFault{
	{"none", func(*mailHost) {}, 2, deskauth.EventMailSent, false},
	{"the limit is used up", func(*mailHost) {}, 1, deskauth.EventMailWithheld, false},
	{"the Mailer fails", func(h *mailHost) { h.box.Fail(testkit.ErrDown) }, 2, deskauth.EventMailFailed, false},
	{"the Limiter fails", func(h *mailHost) { h.attempts = testkit.ErrDown }, 2, deskauth.EventMailFailed, false},
	{"no key for the code", func(h *mailHost) { h.keys = testkit.ErrDown }, 2, deskauth.EventMailFailed, true},
}

// Beside a call that is about something else, a mail has an event of its own. It says which
// mail it is and what kept it back. The call ends as if the mail had gone out.
func TestEventsOfMailsBesideACall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mail    deskauth.MailKind
		call    func(t *testing.T, k testkit.MailKit, id string) error
		answer  error
		outcome deskauth.Event
	}{
		"a sign-in": {
			deskauth.MailEmailVerification,
			func(t *testing.T, k testkit.MailKit, _ string) error {
				_, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
				return err
			},
			deskauth.ErrEmailUnverified,
			deskauth.Event{Type: deskauth.EventRefused, Reason: deskauth.ReasonEmailUnverified},
		},
		"a new password": {
			deskauth.MailPasswordChanged,
			func(t *testing.T, k testkit.MailKit, id string) error {
				return k.SetPassword(t.Context(), id, "set by the host")
			},
			nil, deskauth.Event{Type: deskauth.EventPasswordSet},
		},
	} {
		for _, f := range mailFaults {
			if f.codes && c.mail == deskauth.MailPasswordChanged {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				k, agent := f.settle(t)
				if err := c.call(t, k, agent.ID); err != c.answer {
					t.Errorf("got the error %v, want %v", err, c.answer)
				}
				events := k.Events.Take()
				if len(events) != 2 {
					t.Fatalf("events %+v, want that of the mail and the outcome", events)
				}
				f.checkEvent(t, events[0], c.mail, agent.ID)
				e := events[1]
				if e.Type != c.outcome.Type || e.Reason != c.outcome.Reason || e.Mail != "" || e.Limit != "" || e.Err != nil {
					t.Errorf("outcome %+v, want %s %s and nothing of the mail", e, c.outcome.Type, c.outcome.Reason)
				}
				if mails := k.Mail.Take(); (len(mails) == 1) != (f.want == deskauth.EventMailSent) {
					t.Errorf("got the mails %v", mails)
				}
			})
		}
	}
}

// settle returns a kit with the fault, and an agent whose address is not verified.
func (f mailFault) settle(t *testing.T) (testkit.MailKit, deskauth.User) {
	t.Helper()
	limits := testkit.NoLimits()
	limits.MailsPerAddress = deskauth.Rate{Attempts: f.limit, Per: time.Hour}
	h := new(mailHost)
	keys := &testkit.Provider{Session: func() ([]deskauth.Key, error) { return testkit.Secrets().Session, h.keys }}
	k := testkit.NewWithMail(t, memstore.New(), keys, deskauth.Config{
		Limits: limits, RequireVerifiedEmail: true,
		Limiter: failingMails{deskauth.NewMemoryLimiter(new(testkit.Clock).Now), &h.attempts},
	})
	agent := k.MustAgent(t, "andrea@f22.it") // a mail
	k.Events.Take()
	h.box = k.Mail
	f.breaks(h)
	return k, agent
}

func (f mailFault) checkEvent(t *testing.T, e deskauth.Event, mail deskauth.MailKind, userID string) {
	t.Helper()
	if e.Type != f.want || e.Mail != mail || e.UserID != userID || e.Ends {
		t.Errorf("event %+v, want %s of the mail %s for %s", e, f.want, mail, userID)
	}
	var reason deskauth.Reason
	var limit string
	if f.want == deskauth.EventMailWithheld {
		reason, limit = deskauth.ReasonRateLimited, "MailsPerAddress"
	}
	if e.Reason != reason || e.Limit != limit {
		t.Errorf("event %+v, want the reason %q and the limit %q", e, reason, limit)
	}
	if failed := errors.Is(e.Err, testkit.ErrDown); failed != (f.want == deskauth.EventMailFailed) {
		t.Errorf("event with the error %v", e.Err)
	}
}
