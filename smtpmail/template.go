package smtpmail

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"strings"
	"text/template"
	"time"

	"github.com/deskauth/deskauth"
)

// A Template is the text of a kind of mail in a language. Subject and Text are in the
// syntax of text/template, HTML in that of html/template, which escapes. They are executed
// with a [Data].
type Template struct {
	Subject string // one line
	Text    string // the mail as plain text
	HTML    string // the same as HTML; the default is to send plain text only
}

// Data is what a [Template] can say. It has no more of the account than that: an address
// whose mailbox nobody has proven may belong to somebody else, who must not read there what
// the maker of the account has chosen.
type Data struct {
	Kind    deskauth.MailKind
	Product string    // Options.Product
	BaseURL string    // Options.BaseURL
	Link    string    // with the code; empty in notices
	Expires time.Time // until when the link works, in UTC; zero in notices

	// Name is the account's first name, in a MailPasswordReset to the account's verified
	// address. In all other mails it is empty.
	Name string
}

// A parsed is a Template that is ready to be executed.
type parsed struct {
	subject, text *template.Template
	html          *htmltemplate.Template // nil for none
}

// A content is what the reader of a mail sees.
type content struct{ subject, text, html string }

func (t Template) parse() (p parsed, err error) {
	if t.Subject == "" || t.Text == "" {
		return parsed{}, errors.New("it needs Subject and Text")
	}
	if p.subject, err = template.New("Subject").Parse(t.Subject); err != nil {
		return parsed{}, err
	}
	if p.text, err = template.New("Text").Parse(t.Text); err != nil {
		return parsed{}, err
	}
	if t.HTML != "" {
		p.html, err = htmltemplate.New("HTML").Parse(t.HTML)
	}
	return p, err
}

func (p parsed) execute(d Data) (c content, err error) {
	if c.subject, err = run(p.subject, d); err != nil {
		return content{}, err
	}
	c.subject = strings.TrimSpace(c.subject)
	if !isText(c.subject) || c.subject == "" {
		return content{}, errors.New("its Subject is not one line of text")
	}
	if c.text, err = run(p.text, d); err != nil {
		return content{}, err
	}
	if p.html != nil {
		c.html, err = run(p.html, d)
	}
	return c, err
}

func run(t interface{ Execute(io.Writer, any) error }, d Data) (string, error) {
	var text strings.Builder
	err := t.Execute(&text, d)
	return text.String(), err
}

// sampleCode stands for a code when a template is tried. No escaping changes it.
const sampleCode = "sampleCode0123456789"

// try executes a template as it will be executed: with a name and without.
func (p parsed) try(d Data) error {
	for _, name := range []string{"", "Andrea"} {
		d.Name = name
		c, err := p.execute(d)
		switch {
		case err != nil:
			return err
		case d.Link != "" && !strings.Contains(c.text, sampleCode):
			return errors.New("its Text has no {{.Link}}")
		case d.Link != "" && c.html != "" && !strings.Contains(c.html, sampleCode):
			return errors.New("its HTML has no {{.Link}}")
		case strings.Contains(c.subject, sampleCode):
			return errors.New("its Subject has the {{.Link}}, which servers log and screens show: leave it out")
		}
	}
	return nil
}

// templates are by kind and, those of the host, by language in lower case.
type templates struct {
	own      map[string]map[deskauth.MailKind]parsed
	defaults map[deskauth.MailKind]parsed
}

// newTemplates parses all templates, and executes each once, so that no mail fails by its
// template. sample returns what a kind of mail is tried with.
func newTemplates(
	own map[string]map[deskauth.MailKind]Template, sample func(deskauth.MailKind) Data,
) (all templates, err error) {
	if all.defaults, err = parseKinds(texts, sample); err != nil {
		return templates{}, fmt.Errorf("smtpmail: default texts: %w", err)
	}
	all.own = make(map[string]map[deskauth.MailKind]parsed)
	for locale, kinds := range own {
		if !isLocale(locale) {
			return templates{}, fmt.Errorf("smtpmail: Options.Templates has the language %.50q; "+
				"use one such as \"de\" or \"pt-BR\", or \"\" for all others", locale)
		}
		key := strings.ToLower(locale)
		if all.own[key] != nil {
			return templates{}, fmt.Errorf("smtpmail: Options.Templates has the language %q twice", key)
		}
		if all.own[key], err = parseKinds(kinds, sample); err != nil {
			return templates{}, fmt.Errorf("smtpmail: Options.Templates[%q]: %w", locale, err)
		}
	}
	return all, nil
}

func parseKinds(
	kinds map[deskauth.MailKind]Template, sample func(deskauth.MailKind) Data,
) (map[deskauth.MailKind]parsed, error) {
	all := make(map[deskauth.MailKind]parsed)
	for kind, t := range kinds {
		if _, ok := texts[kind]; !ok {
			return nil, fmt.Errorf("there is no kind of mail %.100q", string(kind))
		}
		p, err := t.parse()
		if err == nil {
			err = p.try(sample(kind))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		all[kind] = p
	}
	return all, nil
}

// isLocale reports whether a text has the form of a language tag (BCP 47), or is empty.
func isLocale(locale string) bool {
	if locale == "" {
		return true
	}
	for subtag := range strings.SplitSeq(locale, "-") {
		if subtag == "" || len(subtag) > 8 || strings.ContainsFunc(subtag, isNoAlphanumeric) {
			return false
		}
	}
	return true
}

func isNoAlphanumeric(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
}

// pick returns the template for a language: its own, that of the language without its last
// subtag and so on (RFC 4647 §3.4), that of "", or ours.
func (t templates) pick(locale string, kind deskauth.MailKind) parsed {
	for locale = strings.ToLower(locale); ; locale = shorter(locale) {
		if p, ok := t.own[locale][kind]; ok {
			return p
		}
		if locale == "" {
			return t.defaults[kind]
		}
	}
}

func shorter(locale string) string { return locale[:max(strings.LastIndexByte(locale, '-'), 0)] }
