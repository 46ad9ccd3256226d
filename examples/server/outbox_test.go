package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// shown asks an outbox as the page does.
func shown(t *testing.T, b *outbox) []shownMail {
	t.Helper()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest("GET", "/page/outbox", nil))
	var answer struct{ Mails []shownMail }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Mails == nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the outbox is kept: Cache-Control %q", got)
	}
	return answer.Mails
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	printed := &countingMailer{}
	b := &outbox{mailer: printed}
	if got := shown(t, b); len(got) != 0 {
		t.Errorf("an empty outbox shows %v", got)
	}
	ends := time.Now().Add(time.Hour)
	send := func(kind deskauth.MailKind, to, code string) {
		m := deskauth.Mail{Kind: kind, To: to, Code: deskauth.NewSecret(code), ExpiresAt: ends}
		m.User.ID = "an ID"
		if err := b.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	send(deskauth.MailPasswordReset, "ada@example.com", "abc")
	send(deskauth.MailEmailVerification, "ada@example.com", "def")
	send(deskauth.MailPasswordChanged, "ada@example.com", "")
	for i, want := range []string{"", "/#/verify/email/an%20ID/def", "/#/resetpassword/abc"} { // the newest first
		got := shown(t, b)[i]
		if got.Link != want || got.To != "ada@example.com" || got.Number != 3-i || got.SentAt.IsZero() {
			t.Errorf("mail %d is %+v, want the link %q", i, got, want)
		}
	}
	for i := range 2 * outboxMails {
		send(deskauth.MailPasswordReset, fmt.Sprint(i), "ghi")
	}
	got := shown(t, b)
	if len(got) != outboxMails || got[0].To != fmt.Sprint(2*outboxMails-1) || !got[0].ExpiresAt.Equal(ends) {
		t.Errorf("it shows %d mails, the newest %+v; want the newest %d", len(got), got[0], outboxMails)
	}
	if printed.mails != 3+2*outboxMails {
		t.Errorf("%d mails are printed, want all", printed.mails)
	}
}

type countingMailer struct {
	printer
	mails int
}

func (m *countingMailer) Send(context.Context, deskauth.Mail) error { m.mails++; return nil }
