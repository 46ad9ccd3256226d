package deskauth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// A Mailer sends mail to the owners of accounts. The module smtpmail has one for SMTP
// servers. It must be safe for concurrent use.
//
// Send returns at once: it hands the mail on, for instance to a queue. The person who asked
// waits for it, and the time it takes would tell whether an address has an account. An
// error is logged, is an [EventMailFailed], and changes no answer. So it must name no
// address and no code. The context has the deadline of Config.CallTimeout and ends when
// Send returns.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// A MailKind says what a mail is for.
type MailKind string

// The kinds of mail. Those of the first group have a code.
const (
	MailPasswordReset     MailKind = "password_reset"     // to choose a new password
	MailEmailVerification MailKind = "email_verification" // to prove that the mailbox is the account's
	MailEmailChange       MailKind = "email_change"       // to the new address, to prove that it is the account's

	MailPasswordChanged MailKind = "password_changed" // a notice: the account has a new password
	MailEmailChanged    MailKind = "email_changed"    // a notice to the address that was the account's
)

// A Mail is what a [Mailer] sends. It holds no text: that is for the Mailer to write, in
// the language of Locale. Printed or logged it shows neither its address nor its code.
type Mail struct {
	Kind MailKind
	To   string // in its canonical form
	User User   // as the account is then; of MailEmailChanged it has the new address

	// Code is what the link in the mail ends with: up to 800 characters of base64url. Use
	// [Mail.CodeText] to write it. Notices have none.
	Code      Secret
	ExpiresAt time.Time // of Code; zero in notices

	// Locale is what the input said, such as "de" or "pt-BR" (BCP 47), or empty. It was
	// checked for its form only.
	Locale string
}

// CodeText returns the code. Whoever has it can do what it is for: write it into the mail
// and nowhere else.
func (m Mail) CodeText() string { return m.Code.reveal() }

// Format implements [fmt.Formatter]: every verb prints the kind of the mail and the ID of
// the account.
func (m Mail) Format(f fmt.State, _ rune) {
	io.WriteString(f, fmt.Sprintf("Mail(%s for %s)", m.Kind, m.User.ID))
}

// LogValue implements [slog.LogValuer].
func (m Mail) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }

// MailInput is what a mail is asked for with.
type MailInput struct {
	Email string // in any spelling of the canonical address

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
	// Locale is the language of the mail, such as "de" or "pt-BR" (BCP 47): up to 35
	// letters, digits and hyphens. Anything else counts as empty, the Mailer's default.
	Locale string
}

const maxLocaleBytes = 35 // RFC 5646 §4.4.1

// locale returns the language of a mail, or nothing for what cannot be one.
func locale(given string) string {
	odd := strings.ContainsFunc(given, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
	})
	if odd || len(given) > maxLocaleBytes {
		return ""
	}
	return given
}

var errNoMailer = unsupportedf("deskauth: Config.Mailer is not set")

// A codeMail is a code that is to be mailed.
type codeMail struct {
	kind     MailKind
	to       string // the canonical address
	locale   string
	ttl      time.Duration
	withheld Reason // why there is none to send, if so
}

// mailCode makes a code and mails it, if the address has mails left. The outcome is an
// event; the caller is told the same. But for the call of the Mailer it costs the same too:
// where there is nothing to send, a code is made for an account that is not there. A mail
// that the Mailer does not take stays counted. To give it back would be one call of the
// Limiter more, a round trip perhaps, and would tell that there is an account.
func (a *Auth) mailCode(ctx context.Context, op *operation, acc Account, m codeMail) (outcome Event, err error) {
	outcome = op.event
	outcome.Type, outcome.Mail, outcome.Reason = EventMailWithheld, m.kind, m.withheld
	key, err := a.signingKey(ctx)
	if err != nil {
		return outcome, err
	}
	usedUp, err := op.takeMail(ctx, m.kind, m.to)
	if err != nil {
		return outcome, err
	}
	if usedUp != nil {
		outcome.Reason, outcome.Limit = usedUp.reason, usedUp.limit
	}
	if outcome.Reason != "" {
		acc = Account{User: User{ID: nobodysID, Email: m.to}, PasswordHash: a.decoy.String()}
	}
	email := ""
	if m.kind == MailEmailChange {
		email = m.to
	}
	text, expires, err := a.newCode(key, acc, m.kind, email, m.ttl)
	if err != nil || outcome.Reason != "" {
		return outcome, err
	}
	outcome.Type, outcome.Err = a.send(ctx, Mail{
		Kind: m.kind, To: m.to, User: a.shown(acc), Code: text, ExpiresAt: expires, Locale: locale(m.locale),
	})
	return outcome, nil
}

// nobodysID is no account's. It is as long as one.
const nobodysID = "00000000-0000-0000-0000-000000000000"

// takeMail takes one of an address's mails. It returns the refusal if there is none left,
// and an error if the host's limiter fails.
func (op *operation) takeMail(ctx context.Context, kind MailKind, email string) (usedUp *refusal, err error) {
	err = op.take(ctx, op.auth.mailLimit(kind, email))
	if refused, ok := err.(*refusal); ok {
		return refused, nil
	}
	return nil, err
}

// send hands a mail to the host's Mailer, also when the caller has hung up. It returns what
// has become of it.
func (a *Auth) send(ctx context.Context, m Mail) (outcome EventType, err error) {
	ctx = context.WithoutCancel(ctx)
	defer func() {
		if p := recover(); p != nil {
			a.logPanic(ctx, "Config.Mailer", p)
			outcome, err = EventMailFailed, fmt.Errorf("deskauth: panic: %v", p)
		}
	}()
	if err := a.cfg.Mailer.Send(ctx, m); err != nil {
		return EventMailFailed, fmt.Errorf("deskauth: mail: %w", err)
	}
	return EventMailSent, nil
}

// mailAsked is mailCode for an operation that asks for nothing else: its outcome is the
// mail's.
func (a *Auth) mailAsked(ctx context.Context, op *operation, acc Account, m codeMail) error {
	outcome, err := a.mailCode(ctx, op, acc, m)
	if err == nil {
		op.event = outcome
	}
	return err
}

// mailBeside is mailCode beside an operation that is about something else. Whatever becomes
// of the mail, the operation goes on, and a caller that has hung up loses no mail.
func (a *Auth) mailBeside(ctx context.Context, op *operation, acc Account, m codeMail) {
	if a.cfg.Mailer == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	outcome, err := a.mailCode(ctx, op, acc, m)
	if err != nil {
		outcome.Type, outcome.Err = EventMailFailed, err
	}
	op.emit(ctx, outcome)
}

// notify tells the owner of an address what was changed, also when the caller has hung up.
// Where the address was not verified, it may be a stranger's, and its mails are counted.
func (a *Auth) notify(ctx context.Context, op *operation, m Mail, verified bool) {
	if a.cfg.Mailer == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	outcome := op.event
	outcome.Mail = m.Kind
	var usedUp *refusal
	if !verified {
		usedUp, outcome.Err = op.takeMail(ctx, m.Kind, m.To)
	}
	switch {
	case outcome.Err != nil:
		outcome.Type = EventMailFailed
	case usedUp != nil:
		outcome.Type, outcome.Reason, outcome.Limit = EventMailWithheld, usedUp.reason, usedUp.limit
	default:
		m.Locale = locale(m.Locale)
		outcome.Type, outcome.Err = a.send(ctx, m)
	}
	op.emit(ctx, outcome)
}

// notifyPassword tells the owner of an account that it has a new password.
func (a *Auth) notifyPassword(ctx context.Context, op *operation, u User, locale string) {
	a.notify(ctx, op, Mail{Kind: MailPasswordChanged, To: u.Email, User: u, Locale: locale}, u.EmailVerified)
}
