package deskauth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// A Mailer sends mail to the owners of accounts. The module smtpmail has one for SMTP
// servers. It must be safe for concurrent use.
//
// Send returns at once: it hands the mail on, to a queue for instance, because the person
// who asked waits for it, and how long it takes would tell whether an address has an
// account. An error is logged, is an [EventMailFailed], and changes no answer, so it must
// name no address and no code. Its context has the deadline of Config.CallTimeout and ends
// when Send returns.
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
	ExpiresAt time.Time // of Code

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
