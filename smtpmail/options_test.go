package smtpmail_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	long, secret := strings.Repeat("x", 201), deskauth.NewSecret("secret")
	for name, tt := range map[string]struct {
		edit func(*smtpmail.Options)
		want []string
	}{
		"no server":            {func(o *smtpmail.Options) { o.Server = "" }, []string{`Options.Server is ""`, "HOST:PORT"}},
		"no port":              {func(o *smtpmail.Options) { o.Server = "smtp.example.com" }, []string{"HOST:PORT"}},
		"no host":              {func(o *smtpmail.Options) { o.Server = ":587" }, []string{"HOST:PORT"}},
		"port 0":               {func(o *smtpmail.Options) { o.Server = "a:0" }, []string{"HOST:PORT"}},
		"port too high":        {func(o *smtpmail.Options) { o.Server = "a:65536" }, []string{"HOST:PORT"}},
		"port of letters":      {func(o *smtpmail.Options) { o.Server = "a:smtp" }, []string{"HOST:PORT"}},
		"URL":                  {func(o *smtpmail.Options) { o.Server = "smtp://u:secret@a:587" }, []string{"…@a:587"}},
		"blank":                {func(o *smtpmail.Options) { o.Server = "a b:587" }, []string{"HOST:PORT"}},
		"line break":           {func(o *smtpmail.Options) { o.Server = "a\r\nb:587" }, []string{"HOST:PORT"}},
		"no sender":            {func(o *smtpmail.Options) { o.From = "" }, []string{`Options.From is ""`}},
		"sender of a name":     {func(o *smtpmail.Options) { o.From = "Example" }, []string{"Options.From is"}},
		"sender outside ASCII": {func(o *smtpmail.Options) { o.From = "a@bücher.example" }, []string{"plain ASCII"}},
		"sender at a number":   {func(o *smtpmail.Options) { o.From = "a@[127.0.0.1]" }, []string{"Options.From is"}},
		"long product":         {func(o *smtpmail.Options) { o.Product = long }, []string{"200 bytes"}},
		"username alone": {
			func(o *smtpmail.Options) { o.Username = "desk" }, []string{"Options.Username", "go together"},
		},
		"password alone": {func(o *smtpmail.Options) { o.Password = secret }, []string{"go together"}},
		"queue":          {func(o *smtpmail.Options) { o.Queue = -1 }, []string{"Options.Queue is -1; 1 to 100000"}},
		"long queue":     {func(o *smtpmail.Options) { o.Queue = 100_001 }, []string{"Options.Queue"}},
		"connections":    {func(o *smtpmail.Options) { o.Connections = 101 }, []string{"Connections is 101; 1 to 100"}},
		"tries":          {func(o *smtpmail.Options) { o.Tries = 21 }, []string{"Options.Tries is 21; 1 to 20"}},
		"TLS":            {func(o *smtpmail.Options) { o.TLS = 3 }, []string{"Options.TLS is 3"}},
		"pause":          {func(o *smtpmail.Options) { o.Pause = 1 }, []string{"Options.Pause is 1ns; 1ms to 1h0m0s"}},
		"long pause":     {func(o *smtpmail.Options) { o.Pause = time.Hour + 1 }, []string{"Options.Pause"}},
		"timeout":        {func(o *smtpmail.Options) { o.Timeout = -1 }, []string{"Options.Timeout is -1ns"}},
		"long timeout":   {func(o *smtpmail.Options) { o.Timeout = time.Hour }, []string{"10ms to 10m0s"}},
	} {
		o := optionsFor("127.0.0.1:25")
		tt.edit(&o)
		wantError(t, name, o, append(tt.want, "smtpmail: ")...)
	}
}

// The three required settings are enough. A Mailer that was never used is closed at once.
func TestDefaults(t *testing.T) {
	t.Parallel()
	m := newMailer(t, smtpmail.Options{
		Server: "smtp.example.com:587", From: "noreply@desk.example", BaseURL: "https://desk.example",
	})
	if err := mustClose(t, m); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestSendSaysWhatIsWrongWithAMail(t *testing.T) {
	t.Parallel()
	m := newMailer(t, optionsFor("127.0.0.1:25"))
	for name, tt := range map[string]struct {
		edit func(*deskauth.Mail)
		want string
	}{
		"unknown kind": {func(m *deskauth.Mail) { m.Kind = "invitation" }, `no text for mails of the kind "invitation"`},
		"no kind":      {func(m *deskauth.Mail) { m.Kind = "" }, "no text"},
		"no address":   {func(m *deskauth.Mail) { m.To = "" }, "the address of a mail (password_reset) is out of form"},
		"no code":      {func(m *deskauth.Mail) { m.Code = deskauth.Secret{} }, "a mail (password_reset) has no code"},
		"no end":       {func(m *deskauth.Mail) { m.ExpiresAt = time.Time{} }, "until when its code is good"},
	} {
		mail := mailOf(deskauth.MailPasswordReset)
		tt.edit(&mail)
		err := m.Send(t.Context(), mail)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Send: %v, want %q", name, err, tt.want)
		}
		wantNothingPrivate(t, "the error", fmt.Sprint(err))
	}
}

// Neither the settings nor the Mailer with its letters say a secret when they are printed.
func TestS22_NothingPrintsThePasswordOrAMail(t *testing.T) {
	t.Parallel()
	box := listen(t, &inbox{rcpt: func(to string) error { return quoting(450, to) }}, nil)
	log := newLogbook()
	o := optionsFor(box.address)
	o.Username, o.Password, o.Logger, o.Pause = "desk", deskauth.NewSecret(password), log.logger(), 10*time.Minute
	m := newMailer(t, o)
	mustSend(t, m, mailOf(deskauth.MailPasswordReset))
	log.await(t, "tried again later") // and pauses in the Mailer
	logger := slog.New(slog.NewTextHandler(log, nil))
	for _, v := range []any{o, &o, m} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			wantNothingPrivate(t, fmt.Sprintf("%s of %T", verb, v), fmt.Sprintf(verb, v))
		}
		logger.Info("printed", "it", v)
	}
	wantNothingPrivate(t, "the log", log.String())
}
