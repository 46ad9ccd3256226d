package smtpmail_test

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// Addresses with which a header, a second reader or a command could be smuggled in.
var hostileAddresses = []string{
	"", "@", "a@", "@b.it", "andrea", "a@b@c.it",
	"a@b.it\r\nBcc: eve@evil.example", "a@b.it\nBcc: eve@evil.example", "a@b.it\r", "\na@b.it",
	"a@b.it\r\nRCPT TO:<eve@evil.example>", "a@b.it> NOTIFY=SUCCESS", "a@b.it,eve@evil.example",
	"a@b.it eve@evil.example", "a@b.it; eve@evil.example", "<a@b.it>", "Andrea <a@b.it>", `"a b"@b.it`,
	"a@[127.0.0.1]", "a(comment)@b.it", "a\x00@b.it", "a\t@b.it", "a@b.it\u2028", "ä@b.it", "a@bücher.it",
	strings.Repeat("a", 250) + "@b.it",
}

func TestS52_AddressesInjectNothing(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	m := newMailer(t, optionsFor(box.address))
	for _, address := range hostileAddresses {
		mail := mailOf(deskauth.MailPasswordReset)
		mail.To = address
		err := m.Send(t.Context(), mail)
		if err == nil {
			t.Errorf("a mail to %q is taken", address)
			continue
		}
		for _, part := range []string{"eve", "b.it", "a@", readersCode} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("the error about %q has %q: %v", address, part, err)
			}
		}
	}
	// What is allowed in an address is, and arrives as it is.
	odd := "!#$%&'*+-/=?^_`{|}~@f22.it"
	mustSend(t, m, mailTo(odd))
	got := box.next(t)
	if !slices.Equal(got.to, []string{odd}) {
		t.Errorf("the mail goes to %q, want %q", got.to, odd)
	}
	if to, err := got.read(t).header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != odd {
		t.Errorf("To is %v (%v), want %q", to, err, odd)
	}
	if err := mustClose(t, m); err != nil || len(box.mails) > 0 {
		t.Errorf("Close: %v; %d more mails have come", err, len(box.mails))
	}
}

// What the account, the request and the clock say reaches no header. A name that was stored
// by other means than a sign-up may have line breaks.
func TestS52_NothingOfTheMailReachesAHeader(t *testing.T) {
	t.Parallel()
	inject := "x\r\nBcc: eve@evil.example\r\n\r\nBuy\u2028now\u202e"
	m := mailOf(deskauth.MailPasswordReset)
	m.User.FirstName, m.User.LastName, m.User.ID, m.Locale = inject, inject, inject, inject
	m.User.Attributes = []byte(inject)
	m.Code = deskauth.NewSecret(inject)
	got, raw := deliver(t, m, func(o *smtpmail.Options) {
		o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{"": {
			deskauth.MailPasswordReset: {Subject: "Hello {{.Name}}\n", Text: "{{.Name}} {{.Link}}"},
		}}
		o.Links = map[deskauth.MailKind]string{deskauth.MailPasswordReset: "/{id}/{code}"}
	})
	if !slices.Equal(raw.to, []string{readersAddress}) || got.header.Get("Bcc") != "" {
		t.Errorf("it goes to %q, with Bcc %q", raw.to, got.header.Get("Bcc"))
	}
	if want := "Hello"; got.subject != want {
		t.Errorf("the subject is %q, want %q", got.subject, want)
	}
	if strings.ContainsAny(strings.TrimSuffix(got.text, "\r\n"), "\r\n") {
		t.Errorf("the text has more than one line: %q", got.text)
	}
	header, _, _ := bytes.Cut(raw.content, []byte("\r\n\r\n"))
	if bytes.Contains(header, []byte("\r\nBcc")) {
		t.Errorf("the header is\n%s", header)
	}
}

// Nor do settings, which may come from a file or a database.
func TestS52_SettingsInjectNothing(t *testing.T) {
	t.Parallel()
	for _, from := range []string{
		"a@b.example\r\nBcc: eve@evil.example", "X\n <a@b.example>", "X\r\n Bcc: eve@evil.example <a@b.example>",
		"=?utf-8?q?a=0Ab?= <a@b.example>", "X\u202e <a@b.example>", "a@b.example, eve@evil.example", `"a b"@b.example`,
	} {
		o := optionsFor("127.0.0.1:25")
		o.From, o.Product = from, "Desk"
		wantError(t, from, o, "smtpmail: Options.From is ")
	}
	for _, product := range []string{"X\r\nBcc: eve@evil.example", "X\nY", "X\u202e", "X\u2028Y", "X\x00", "\xff"} {
		o := optionsFor("127.0.0.1:25")
		o.Product = product
		wantError(t, product, o, "smtpmail: Options.Product is ")
	}
	for _, subject := range []string{"a\nBcc: eve@evil.example", "a\rb", `{{"a\r\nb"}}`, "a\u2028b"} {
		o := optionsFor("127.0.0.1:25")
		o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{"": {
			deskauth.MailPasswordChanged: {Subject: subject, Text: "b"},
		}}
		wantError(t, subject, o, "password_changed: its Subject is not one line of text")
	}
}

// What is in the texts is escaped for where it stands.
func TestS52_TextsAreEscaped(t *testing.T) {
	t.Parallel()
	script := `<script>alert("1")</script><a href='https://evil.example'>&amp;`
	m := mailOf(deskauth.MailPasswordReset)
	m.Locale = script
	got, _ := deliver(t, m, func(o *smtpmail.Options) { o.Product = "<b>Tisch</b> & Söhne" })
	for _, part := range []string{"<script", "<a href='", "evil.example'", "<b>", " & "} {
		if strings.Contains(got.html, part) {
			t.Errorf("%q is in the HTML:\n%s", part, got.html)
		}
	}
	read := html.UnescapeString(got.html)
	if !strings.Contains(read, "<b>Tisch</b> & Söhne") || !strings.Contains(got.text, "<b>Tisch</b> & Söhne") {
		t.Errorf("the reader does not see the product as it is:\n%s%s", got.html, got.text)
	}
}

// A text that is no name is not said, whoever proved the mailbox: somebody else may have
// chosen it before.
func TestS53_OnlyNamesAreGreeted(t *testing.T) {
	t.Parallel()
	for name, greeted := range map[string]bool{
		"Andrea": true, "Anne-Marie": true, "J. R.": true, "Ó Séaghdha": true, "D'Artagnan": true, "美穂": true,
		"evil.example": false, "https://evil.example": false, "www evil com/x": false, "call 0900 123": false,
		"a@b.example": false, "<b>Ada</b>": false, "Ada: your account": false, "Ada,": false, "Ada!": false,
		strings.Repeat("x", 40): true, strings.Repeat("x", 41): false, "": false, " ": false,
	} {
		m := mailOf(deskauth.MailPasswordReset)
		m.User.FirstName = name
		got, _ := deliver(t, m, nil)
		if said := strings.Contains(got.text, "Hello "+name+","); said != greeted {
			t.Errorf("%q is greeted: %t, want %t:\n%s", name, said, greeted, got.text)
		}
		if !greeted && strings.TrimSpace(name) != "" && strings.Contains(got.text+got.html, name) {
			t.Errorf("%q is in the mail:\n%s", name, got.text)
		}
	}
}

// In a template of the host's too.
func TestS52_TemplatesEscape(t *testing.T) {
	t.Parallel()
	m := mailOf(deskauth.MailPasswordReset)
	got, _ := deliver(t, m, func(o *smtpmail.Options) {
		o.Product = `"><img src=x onerror=alert(1)>`
		o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{"": {
			deskauth.MailPasswordReset: {
				Subject: "s", Text: "{{.Link}}", HTML: `<p title="{{.Product}}">{{.Product}} {{.Link}}</p>`,
			},
		}}
	})
	if strings.Contains(got.html, "<img") || strings.Count(got.html, `"`) != 2 {
		t.Errorf("the HTML is %s", got.html)
	}
}
