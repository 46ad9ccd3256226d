package deskauthtest

import (
	"context"
	"slices"
	"sync"

	"github.com/deskauth/deskauth"
)

// A Mailbox is a [deskauth.Mailer] that keeps all mail, whoever it is to. The zero value is
// empty. It is safe for concurrent use.
type Mailbox struct {
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

// To returns the mails to an address in its canonical form, the first one first.
func (b *Mailbox) To(address string) []deskauth.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.mails), func(m deskauth.Mail) bool { return m.To != address })
}

// All returns all mails, the first one first.
func (b *Mailbox) All() []deskauth.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// LastMail returns the newest mail to an address in its canonical form. Its CodeText is
// what the link in it would end with. The test ends if there is no mail.
func (k *Kit) LastMail(address string) deskauth.Mail {
	k.t.Helper()
	mails := k.Mailbox.To(address)
	if len(mails) == 0 {
		k.t.Fatalf("deskauthtest: there is no mail to %s; there are %v. "+
			"Events says why a mail was withheld", address, k.Mailbox.All())
	}
	return mails[len(mails)-1]
}
