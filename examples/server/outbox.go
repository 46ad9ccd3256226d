package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
)

// outboxMails is how many mails the outbox shows. Older ones are forgotten.
const outboxMails = 20

// An outbox is a mailer that shows its mails, codes and all, to whoever asks. It belongs to
// the open demo, and to nothing else.
type outbox struct {
	mailer // gets each mail too

	mu    sync.Mutex
	mails []shownMail // the newest first
	next  int         // number of the next mail
}

// A shownMail is what the page gets of a mail.
type shownMail struct {
	Number    int               `json:"number"`
	Kind      deskauth.MailKind `json:"kind"`
	To        string            `json:"to"`
	Link      string            `json:"link,omitempty"` // behind the page's own address
	SentAt    time.Time         `json:"sentAt"`
	ExpiresAt time.Time         `json:"expiresAt,omitzero"`
}

func (b *outbox) Send(ctx context.Context, m deskauth.Mail) error {
	b.mu.Lock()
	b.next++
	shown := shownMail{b.next, m.Kind, m.To, linkOf(m), time.Now(), m.ExpiresAt}
	b.mails = append([]shownMail{shown}, b.mails[:min(len(b.mails), outboxMails-1)]...)
	b.mu.Unlock()
	return b.mailer.Send(ctx, m)
}

func (b *outbox) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	mails := append([]shownMail{}, b.mails...) // an empty list is not null
	b.mu.Unlock()
	answerJSON(w, http.StatusOK, map[string]any{"mails": mails})
}
