package smtpmail_test

import (
	"context"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// The host of a link is the configured one, whatever the account and the request say.
func TestS29_LinksAreOfTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, base, pattern, id, code, want string }{
		{"defaults", "https://desk.example/dashboard", "", "id-1", "abc_-9",
			"https://desk.example/dashboard/#/verify/email/id-1/abc_-9"},
		{"slashes at the end", "https://desk.example/dashboard///", "", "id-1", "abc",
			"https://desk.example/dashboard/#/verify/email/id-1/abc"},
		{"no path", "http://localhost:4200", "", "id-1", "abc", "http://localhost:4200/#/verify/email/id-1/abc"},
		{"a code that is a path", "https://desk.example", "", "id-1", "../../x?y#z@evil.example",
			"https://desk.example/#/verify/email/id-1/..%2F..%2Fx%3Fy%23z%40evil.example"},
		{"an ID that is an address", "https://desk.example", "/{id}?c={code}", "//evil.example/ +&c=1", "abc",
			"https://desk.example/%2F%2Fevil.example%2F%20%2B%26c%3D1?c=abc"},
		{"an ID that is a placeholder", "https://desk.example", "/{id}/{code}", "{code}", "abc",
			"https://desk.example/%7Bcode%7D/abc"},
		{"a whole address", "https://desk.example", "https://app.example/verify?code={code}&lang=en", "id-1", "a b",
			"https://app.example/verify?code=a%20b&lang=en"},
		{"an account that says where", "https://desk.example", "/{code}", "https://evil.example", "abc",
			"https://desk.example/abc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mailOf(deskauth.MailEmailVerification)
			m.User.ID, m.Code = tt.id, deskauth.NewSecret(tt.code)
			m.User.FirstName, m.Locale = "https://evil.example/", "https://evil.example/"
			m.User.Attributes = []byte(`{"base":"https://evil.example/"}`)
			got, _ := deliver(t, m, func(o *smtpmail.Options) {
				o.BaseURL = tt.base
				if tt.pattern != "" {
					o.Links = map[deskauth.MailKind]string{deskauth.MailEmailVerification: tt.pattern}
				}
			})
			if !strings.Contains(got.text, "\n"+tt.want+"\r\n") {
				t.Errorf("the text does not have the line %s:\n%s", tt.want, got.text)
			}
			// Escaped once more, for HTML, it has to lead to the same place.
			_, rest, _ := strings.Cut(got.html, `<a href="`)
			href, _, _ := strings.Cut(rest, `"`)
			if href = html.UnescapeString(href); href != tt.want {
				t.Errorf("the HTML leads to %q, want %q", href, tt.want)
			}
			u, err := url.Parse(href)
			if err != nil || strings.Contains(u.Host, "evil") {
				t.Errorf("the link is %v (%v)", u, err)
			}
		})
	}
}

func TestNewSaysWhatIsWrongWithALink(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                              "https:// or http://",
		"desk.example":                  "https:// or http://",
		"//desk.example":                "https:// or http://",
		"javascript:alert(1)":           "https:// or http://",
		"ftp://desk.example":            "https:// or http://",
		"https://":                      "a host",
		"https://:443/":                 "a host",
		"https://desk.example/?a=b":     "a query",
		"https://desk.example/?":        "a query",
		"https://desk.example/#":        "a fragment",
		"https://u:secret@desk.example": "a user or a password",
		"https://desk.example/a b":      "has to be escaped",
		"https://desk.example/\n":       "not a URL",
		"https://desk.example/ü":        "has to be escaped",
		"https://desk.example/{code}":   "has to be escaped",
		`https://desk.example/"`:        "has to be escaped",
	} {
		o := optionsFor("127.0.0.1:25")
		o.BaseURL = base
		wantError(t, base, o, "smtpmail: Options.BaseURL is ", want)
	}
	for pattern, want := range map[string]string{
		"":                                   "needs a {code}",
		"/reset":                             "needs a {code}",
		"/reset/{Code}/{code}":               "{Code} does not",
		"/reset/{code}/{email}":              "{email} does not",
		"/reset/{code}/{":                    "{ does not",
		"reset/{code}":                       "begins neither with /",
		"@evil.example/{code}":               "begins neither with /",
		".evil.example/{code}":               "begins neither with /",
		"javascript:{code}":                  "begins neither with /",
		"https://{code}":                     "its host depends on the mail",
		"https://{id}.desk.example/{code}":   "its host depends on the mail",
		"https://u:{code}@desk.example/":     "a user or a password",
		"/reset/{code}\r\nBcc: x@y.example":  "not a URL",
		"/reset/{code} and http://x.example": "has to be escaped",
		"https:///{code}":                    "a host",
	} {
		o := optionsFor("127.0.0.1:25")
		o.Links = map[deskauth.MailKind]string{deskauth.MailPasswordReset: pattern}
		wantError(t, pattern, o, `smtpmail: Options.Links["password_reset"] is `, want)
	}
	o := optionsFor("127.0.0.1:25")
	o.Links = map[deskauth.MailKind]string{deskauth.MailPasswordChanged: "/{code}"}
	wantError(t, "a notice", o, `"password_changed"`, "has no code")
}

// wantError calls New, which must fail with an error that has these parts and no secret.
func wantError(t *testing.T, what string, o smtpmail.Options, parts ...string) {
	t.Helper()
	m, err := smtpmail.New(o)
	if err == nil {
		m.Close(context.Background())
		t.Errorf("%q: New takes it", what)
		return
	}
	if !hasAll(err.Error(), parts) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%q: the error is %q, want one with %q and without a secret", what, err, parts)
	}
}

// DefaultLinks are those of a Mailer without Options.Links, and what a caller does to them
// changes no Mailer.
func TestDefaultLinks(t *testing.T) {
	t.Parallel()
	for _, kind := range kindsWithCode {
		link := smtpmail.DefaultLinks()[kind]
		changed := smtpmail.DefaultLinks()
		changed[kind] = "/evil/{code}"
		m := mailOf(kind)
		got, _ := deliver(t, m, func(o *smtpmail.Options) { o.BaseURL = "https://desk.example" })
		want := "https://desk.example" + strings.NewReplacer("{code}", m.CodeText(), "{id}", m.User.ID).Replace(link)
		if link == "" || !strings.Contains(got.text, "\n"+want+"\r\n") {
			t.Errorf("%s: the text does not have the line %s:\n%s", kind, want, got.text)
		}
	}
	if n := len(smtpmail.DefaultLinks()); n != len(kindsWithCode) {
		t.Errorf("%d kinds have a link, want %d", n, len(kindsWithCode))
	}
}
