package smtpmail_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
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
