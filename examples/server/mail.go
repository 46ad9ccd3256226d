package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// A mailer sends mail until it is closed.
type mailer interface {
	deskauth.Mailer
	Close(ctx context.Context) error
}

// openMailer returns the mailer that the options ask for, and where mail goes, for people.
// Links in mails that are printed lead to the page, unless the options say otherwise.
func openMailer(o options, page string, logger *slog.Logger) (m mailer, where string, err error) {
	m = printer{cmp.Or(o.dashboardURL, page), logger}
	switch {
	case o.opensDemo():
		return &outbox{mailer: m}, "the log and the page, codes and all", nil
	case o.smtp == "":
		return m, "the log, codes and all; set -smtp to send it", nil
	}
	m, err = smtpmail.New(smtpmail.Options{
		Server: o.smtp, From: o.mailFrom, BaseURL: o.dashboardURL, Logger: logger,
	})
	return m, "the mail server at " + o.smtp, err
}

// whereMailIs says where to look for a mail.
func (o options) whereMailIs() string {
	if o.smtp == "" {
		return "which the log has"
	}
	return "which is in the mailbox"
}

// checkMail checks the options of mail as far as the mailer does not.
func (o options) checkMail() error {
	if o.smtp != "" && o.dashboardURL == "" {
		return errors.New("-smtp needs -dashboard-url, the address that links in mails begin with")
	}
	u, err := url.Parse(cmp.Or(o.dashboardURL, "http://localhost"))
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
	if !web || u.User != nil || strings.ContainsAny(o.dashboardURL, "?#") {
		return errors.New("-dashboard-url is not an address like https://desk.example.com/dashboard")
	}
	if o.smtp == "" && o.mailFrom != "" {
		return errors.New("-mail-from is for -smtp, which is not set")
	}
	if o.smtp != "" && o.mailFrom == "" {
		return errors.New("-smtp needs -mail-from, the address that mails come from")
	}
	if _, err := netmail.ParseAddress(cmp.Or(o.mailFrom, "a@example.com")); err != nil {
		return errors.New("-mail-from is not an e-mail address")
	}
	return nil
}

// A printer is a mailer that prints into the log. It is for trying things out: whoever
// reads the log can do what the codes are for.
type printer struct {
	base   string // of links
	logger *slog.Logger
}

func (p printer) Send(ctx context.Context, m deskauth.Mail) error {
	attrs := []any{"kind", m.Kind, "to", m.To}
	if link := linkOf(m); link != "" {
		attrs = append(attrs, "user", m.User.ID, "code", m.CodeText(), "link", strings.TrimRight(p.base, "/")+link)
	}
	p.logger.InfoContext(ctx, "mail", attrs...)
	return nil
}

// linkOf returns what the link of a mail ends with, as smtpmail's does, or nothing for a
// notice.
func linkOf(m deskauth.Mail) string {
	code := m.CodeText()
	if code == "" {
		return ""
	}
	return strings.NewReplacer("{code}", code, "{id}", url.PathEscape(m.User.ID)).Replace(smtpmail.DefaultLinks()[m.Kind])
}

func (printer) Close(context.Context) error { return nil }

// closeMailer sends what is in the queue, as far as there is time.
func closeMailer(m mailer) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailTimeout)
	defer cancel()
	if err := m.Close(ctx); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}
