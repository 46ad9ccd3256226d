package testkit

import (
	"context"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A Mailbox is a Mailer that keeps what it is given. It is safe for concurrent use.
type Mailbox struct {
	mu    sync.Mutex
	mails []deskauth.Mail
	fails error
}

// Send implements [deskauth.Mailer].
func (b *Mailbox) Send(_ context.Context, m deskauth.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		return b.fails
	}
	b.mails = append(b.mails, m)
	return nil
}

// Fail lets every mail fail from now on, or none with a nil error.
func (b *Mailbox) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = err
}

// Take returns the mails since the last Take.
func (b *Mailbox) Take() []deskauth.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	mails := b.mails
	b.mails = nil
	return mails
}

// TakeOne is Take for a test that knows that there is one mail, and of which kind.
func (b *Mailbox) TakeOne(t testing.TB, kind deskauth.MailKind) deskauth.Mail {
	t.Helper()
	mails := b.Take()
	if len(mails) != 1 || mails[0].Kind != kind {
		t.Fatalf("got the mails %v, want one of %s", mails, kind)
	}
	return mails[0]
}

// A MailKit is a kit whose mails the test reads.
type MailKit struct {
	*Kit
	Mail *Mailbox
}

// NewWithMail is [NewOn] with a Mailbox.
func NewWithMail(
	t testing.TB, users deskauth.UserStore, secrets deskauth.SecretProvider, cfg deskauth.Config,
) MailKit {
	t.Helper()
	box := new(Mailbox)
	cfg.Mailer = box
	return MailKit{NewOn(t, users, secrets, cfg), box}
}

// NewMail is [New] with a Mailbox.
func NewMail(t testing.TB, cfg deskauth.Config) MailKit {
	t.Helper()
	return NewWithMail(t, memstore.New(), Secrets(), cfg)
}

// MustAgent makes the account of an agent and forgets the mail of it.
func (k MailKit) MustAgent(t testing.TB, email string) deskauth.User {
	t.Helper()
	u := k.MustSignup(t, email, AndreasPassword)
	k.Mail.Take()
	return u
}

// MustMail asks for a code and returns the mail. An agent asks with a session of its own
// for all but a reset.
func (k MailKit) MustMail(t testing.TB, kind deskauth.MailKind, agent deskauth.User) deskauth.Mail {
	t.Helper()
	k.Mail.Take()
	token := deskauth.NewSecret("")
	if kind != deskauth.MailPasswordReset {
		token = deskauth.NewSecret(k.MustIssue(t, agent.ID).Token)
	}
	var err error
	switch kind {
	case deskauth.MailPasswordReset:
		err = k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: agent.Email})
	case deskauth.MailEmailVerification:
		err = k.RequestEmailVerification(t.Context(), deskauth.RequestEmailVerificationInput{Token: token})
	case deskauth.MailEmailChange:
		in := deskauth.RequestEmailChangeInput{Token: token, Email: "new." + agent.Email}
		err = k.RequestEmailChange(t.Context(), in)
	}
	if err != nil {
		t.Fatalf("asking for the mail %s: %v", kind, err)
	}
	return k.Mail.TakeOne(t, kind)
}

// CodeKinds are the mails that have a code.
var CodeKinds = []deskauth.MailKind{
	deskauth.MailPasswordReset, deskauth.MailEmailVerification, deskauth.MailEmailChange,
}

// Use brings a code to the method that it is for.
func (k *Kit) Use(
	ctx context.Context, kind deskauth.MailKind, code deskauth.Secret, client string,
) (deskauth.User, error) {
	switch kind {
	case deskauth.MailPasswordReset:
		in := deskauth.ResetPasswordInput{Code: code, Password: deskauth.NewSecret("chosen by a code"), Client: client}
		return k.ResetPassword(ctx, in)
	case deskauth.MailEmailVerification:
		return k.VerifyEmail(ctx, deskauth.VerifyEmailInput{Code: code, Client: client})
	}
	return k.ChangeEmail(ctx, deskauth.ChangeEmailInput{Code: code, Client: client})
}

// WantBadCode wants the one answer that every bad code gets, and the reason in the event.
func (k *Kit) WantBadCode(t testing.TB, what string, u deskauth.User, err error, reason deskauth.Reason) {
	t.Helper()
	if err != deskauth.ErrInvalidCode || u.ID != "" {
		t.Errorf("%s: got the user %q and the error %v, want none and ErrInvalidCode", what, u.ID, err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != reason {
		t.Errorf("%s: event %+v, want refused because of %q", what, e, reason)
	}
}
