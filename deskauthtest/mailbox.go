package deskauthtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
)

// A Mailbox is a [deskauth.Mailer] that keeps all mail, whoever it is to. The zero value is
// empty. It is safe for concurrent use.
type Mailbox struct {
	canonical func(address string) (string, error) // nil for deskauth.CanonicalEmail

	mu    sync.Mutex
	mails []deskauth.Mail
}

// Send implements [deskauth.Mailer].
func (b *Mailbox) Send(ctx context.Context, m deskauth.Mail) error {
	if isOurs(ctx) { // of the sign-up in Kit.User
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, m)
	return nil
}

// To returns the mails to an address, in any spelling that [Kit.User] takes, the first one
// first.
func (b *Mailbox) To(address string) []deskauth.Mail {
	if canonical, err := b.canonicalForm(address); err == nil {
		address = canonical
	}
	return slices.DeleteFunc(b.All(), func(m deskauth.Mail) bool { return m.To != address })
}

func (b *Mailbox) canonicalForm(address string) (string, error) {
	if b.canonical != nil {
		return b.canonical(address)
	}
	return deskauth.CanonicalEmail(address)
}

// All returns all mails, the first one first.
func (b *Mailbox) All() []deskauth.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// LastMail returns the newest mail to an address, in any spelling that [Kit.User] takes.
// Its CodeText is what the link in it would end with. The test ends if there is no mail.
func (k *Kit) LastMail(address string) deskauth.Mail {
	k.t.Helper()
	mails := k.Mailbox.To(address)
	if len(mails) == 0 {
		k.t.Fatalf("deskauthtest: there is no mail to %s; %s", address, k.whereMailIs())
	}
	return mails[len(mails)-1]
}

// whereMailIs says what became of the mail that a test looks for.
func (k *Kit) whereMailIs() string {
	if !k.ownMail {
		return "the Config of NewWith has a Mailer, which gets the mail in the place of Kit.Mailbox"
	}
	to := make(map[string]bool)
	for _, m := range k.Mailbox.All() {
		to[m.To] = true
	}
	if len(to) == 0 {
		return "there is none to any address. Events says why a mail was withheld"
	}
	return fmt.Sprintf("there is mail to %s. Events says why a mail was withheld",
		strings.Join(slices.Sorted(maps.Keys(to)), ", "))
}
