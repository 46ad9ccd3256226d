package smtpmail_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// textOf is a template that can be told from others.
func textOf(name string) smtpmail.Template {
	return smtpmail.Template{Subject: name, Text: name + " {{.Link}}"}
}

func TestTemplatesByLanguage(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{}, nil)
	o := optionsFor(box.address)
	o.Connections = 1 // in the order in which they are sent
	o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{
		"":           {deskauth.MailPasswordReset: textOf("all")},
		"de":         {deskauth.MailPasswordReset: textOf("de"), deskauth.MailPasswordChanged: textOf("de notice")},
		"pt":         {deskauth.MailPasswordReset: textOf("pt")},
		"PT-br":      {deskauth.MailPasswordReset: textOf("pt-BR")},
		"zh-Hant":    {deskauth.MailPasswordReset: textOf("zh-Hant")},
		"zh-Hant-TW": {},
	}
	m := newMailer(t, o)
	for _, tt := range []struct {
		kind         deskauth.MailKind
		locale, want string
	}{
		{deskauth.MailPasswordReset, "", "all"},
		{deskauth.MailPasswordReset, "fr", "all"},
		{deskauth.MailPasswordReset, "de", "de"},
		{deskauth.MailPasswordReset, "DE-at", "de"},
		{deskauth.MailPasswordReset, "den", "all"},
		{deskauth.MailPasswordReset, "pt", "pt"},
		{deskauth.MailPasswordReset, "pt-BR", "pt-BR"},
		{deskauth.MailPasswordReset, "pt-PT", "pt"},
		{deskauth.MailPasswordReset, "zh-Hant-TW-x-private", "zh-Hant"},
		{deskauth.MailPasswordReset, "zh-Hans", "all"},
		{deskauth.MailPasswordReset, "-", "all"},
		{deskauth.MailPasswordReset, "../de", "all"},
		{deskauth.MailPasswordChanged, "de-CH", "de notice"},
		{deskauth.MailPasswordChanged, "pt-BR", "Your password for Example Desk was changed"},
		{deskauth.MailEmailVerification, "de", "Confirm your e-mail address for Example Desk"},
	} {
		mail := mailOf(tt.kind)
		mail.Locale = tt.locale
		mustSend(t, m, mail)
		if got := box.next(t).read(t); got.subject != tt.want {
			t.Errorf("a mail (%s) in %q has the text %q, want %q", tt.kind, tt.locale, got.subject, tt.want)
		}
	}
}

// Without HTML, a mail is plain text and nothing else.
func TestPlainTextOnly(t *testing.T) {
	t.Parallel()
	got, _ := deliver(t, mailOf(deskauth.MailPasswordReset), func(o *smtpmail.Options) {
		o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{"": {
			deskauth.MailPasswordReset: textOf("Grüße"),
		}}
	})
	want := "Grüße https://desk.example/dashboard/#/resetpassword/" + readersCode + "\r\n"
	if got.contentTypes[0] != "text/plain" || got.text != want {
		t.Errorf("the mail is %q: %q, want text/plain: %q", got.contentTypes, got.text, want)
	}
}

func TestNewSaysWhatIsWrongWithATemplate(t *testing.T) {
	t.Parallel()
	good := textOf("good")
	for name, tt := range map[string]struct {
		locale   string
		kind     deskauth.MailKind
		template smtpmail.Template
		want     []string
	}{
		"no subject": {"de", deskauth.MailPasswordReset, smtpmail.Template{Text: "{{.Link}}"},
			[]string{`["de"]: password_reset: it needs Subject and Text`}},
		"no text": {"de", deskauth.MailPasswordReset, smtpmail.Template{Subject: "s", HTML: "{{.Link}}"},
			[]string{"it needs Subject and Text"}},
		"subject that does not parse": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "{{", Text: good.Text}, []string{`[""]: password_reset`, "Subject:1"}},
		"text that does not parse": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "s", Text: "{{.Link"}, []string{"Text:1"}},
		"HTML that does not parse": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "s", Text: good.Text, HTML: "{{end}}"}, []string{"HTML:1"}},
		"HTML that cannot be escaped": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "s", Text: good.Text, HTML: `<a href="{{.Link}}>`}, []string{"HTML"}},
		"a field that there is not": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "s", Text: "{{.Link}} {{.User}}"}, []string{"Text:1", "User"}},
		"an address": {"", deskauth.MailPasswordReset,
			smtpmail.Template{Subject: "s", Text: "{{.Link}} {{.To}}"}, []string{"To"}},
		"fails with a name": {"", deskauth.MailPasswordChanged,
			smtpmail.Template{Subject: "s", Text: `{{with .Name}}{{index . 100}}{{end}}`}, []string{"out of range"}},
		"fails without a name": {"", deskauth.MailPasswordChanged,
			smtpmail.Template{Subject: "s", Text: `{{index .Name 0}}`}, []string{"out of range"}},
		"text without link": {"", deskauth.MailEmailChange,
			smtpmail.Template{Subject: "s", Text: "t"}, []string{"email_change: its Text has no {{.Link}}"}},
		"HTML without link": {"", deskauth.MailEmailChange,
			smtpmail.Template{Subject: "s", Text: good.Text, HTML: "<p>t</p>"}, []string{"HTML has no {{.Link}}"}},
		"link in the subject": {"", deskauth.MailEmailChange,
			smtpmail.Template{Subject: "{{.Link}}", Text: good.Text}, []string{"Subject has the {{.Link}}"}},
		"subject of blanks": {"", deskauth.MailPasswordChanged,
			smtpmail.Template{Subject: " {{.Name}} ", Text: "t"}, []string{"its Subject is not one line of text"}},
		"no language": {"Deutsch bitte", deskauth.MailPasswordChanged, good,
			[]string{`the language "Deutsch bitte"`}},
		"language of another form": {"pt_BR", deskauth.MailPasswordChanged, good, []string{`the language "pt_BR"`}},
		"language with an end":     {"de-", deskauth.MailPasswordChanged, good, []string{`the language "de-"`}},
		"unknown kind":             {"de", "invitation", good, []string{`["de"]: there is no kind of mail "invitation"`}},
	} {
		o := optionsFor("127.0.0.1:25")
		o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{tt.locale: {tt.kind: tt.template}}
		wantError(t, name, o, append(tt.want, "smtpmail: Options.Templates")...)
	}
	o := optionsFor("127.0.0.1:25")
	o.Templates = map[string]map[deskauth.MailKind]smtpmail.Template{"de-AT": {}, "DE-at": {}}
	wantError(t, "twice", o, `the language "de-at" twice`)
}
