package smtpmail

import (
	"crypto/rand"
	"errors"
	netmail "net/mail"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/wneessen/go-mail"
)

// A writer makes messages of mails.
type writer struct {
	from      *netmail.Address
	domain    string // of from
	product   string
	base      string
	links     links
	templates templates
}

func newWriter(o Options) (w writer, err error) {
	if w.from, w.domain, err = o.sender(); err != nil {
		return writer{}, err
	}
	if w.product, err = o.product(w.from, w.domain); err != nil {
		return writer{}, err
	}
	if w.base, err = checkBase(o.BaseURL); err != nil {
		return writer{}, err
	}
	if w.links, err = newLinks(w.base, o.Links); err != nil {
		return writer{}, err
	}
	w.templates, err = newTemplates(o.Templates, w.sample)
	return w, err
}

// newID returns a Message-ID without its brackets.
func (w writer) newID() string { return rand.Text() + "@" + w.domain }

// write makes a message for one reader, with no copy to anybody.
func (w writer) write(l *letter) (*mail.Msg, error) {
	c, err := w.templates.pick(l.Locale, l.Kind).execute(w.data(l.Mail))
	if err != nil {
		return nil, err
	}
	if !isAddress(l.To) {
		return nil, errors.New("the address is out of form")
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(w.from)
	m.ToMailAddress(&netmail.Address{Address: l.To})
	m.Subject(c.subject)
	m.SetDateWithValue(l.date)
	m.SetMessageIDWithValue(l.id)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5
	m.SetBodyString(mail.TypeTextPlain, c.text)
	if c.html != "" {
		m.AddAlternativeString(mail.TypeTextHTML, c.html)
	}
	return m, nil
}

// data returns what the template of a mail can say.
func (w writer) data(m deskauth.Mail) Data {
	d := Data{Kind: m.Kind, Product: w.product, BaseURL: w.base, Link: w.links.link(m)}
	if d.Link != "" {
		d.Expires = m.ExpiresAt.UTC()
	}
	if mayName(m) {
		d.Name = greetable(m.User.FirstName)
	}
	return d
}

// mayName reports whether a mail may say the account's name, which its maker chose. Its
// reader has to have proven the mailbox, and before this mail: the address of a change of
// address is still to be proven, or is the account's no more. A notice of a new password
// may follow on the very proof.
func mayName(m deskauth.Mail) bool {
	return m.Kind == deskauth.MailPasswordReset && m.User.EmailVerified && m.To == m.User.Email
}

// sample returns what the template of a kind is tried with.
func (w writer) sample(kind deskauth.MailKind) Data {
	return w.data(deskauth.Mail{
		Kind:      kind,
		User:      deskauth.User{ID: "sampleID"},
		Code:      deskauth.NewSecret(sampleCode),
		ExpiresAt: time.Date(2026, time.January, 2, 15, 4, 5, 0, time.UTC),
	})
}
