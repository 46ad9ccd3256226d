package smtpmail_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// deliver sends one mail, and returns it as it arrives.
func deliver(t testing.TB, m deskauth.Mail, edit func(*smtpmail.Options)) (letter, received) {
	t.Helper()
	box := listen(t, &inbox{}, nil)
	o := optionsFor(box.address)
	if edit != nil {
		edit(&o)
	}
	mustSend(t, newMailer(t, o), m)
	got := box.next(t)
	return got.read(t), got
}

// The constants of the root are the kinds that have a text.
func TestEveryKindHasAText(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../mail.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "MailKind" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, value)
		}
		return true
	})
	slices.Sort(kinds)
	ours := smtpmail.Kinds()
	slices.Sort(ours)
	if !slices.Equal(kinds, ours) || len(kinds) < 5 {
		t.Errorf("the kinds in mail.go are %q, and those with a text %q", kinds, ours)
	}
}

func TestDefaultTexts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind          deskauth.MailKind
		subject, link string
	}{
		{deskauth.MailPasswordReset, "Choose a new password for Example Desk",
			"https://desk.example/dashboard/#/resetpassword/" + readersCode},
		{deskauth.MailEmailVerification, "Confirm your e-mail address for Example Desk",
			"https://desk.example/dashboard/#/verify/email/account-1/" + readersCode},
		{deskauth.MailEmailChange, "Confirm your new e-mail address for Example Desk",
			"https://desk.example/dashboard/#/changeemail/" + readersCode},
		{deskauth.MailPasswordChanged, "Your password for Example Desk was changed", ""},
		{deskauth.MailEmailChanged, "Your e-mail address for Example Desk was changed", ""},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			m := mailOf(tt.kind)
			if tt.link != "" {
				m.ExpiresAt = time.Date(2099, time.March, 4, 23, 30, 0, 0, time.FixedZone("CET", 3600))
			}
			got, _ := deliver(t, m, nil)
			if got.subject != tt.subject {
				t.Errorf("the subject is %q, want %q", got.subject, tt.subject)
			}
			if want := []string{"multipart/alternative", "text/plain", "text/html"}; !slices.Equal(got.contentTypes, want) {
				t.Errorf("the content types are %q, want %q", got.contentTypes, want)
			}
			for form, text := range map[string]string{"text": got.text, "HTML": html.UnescapeString(got.html)} {
				if !strings.Contains(text, tt.link) {
					t.Errorf("%s is not in the %s:\n%s", tt.link, form, text)
				}
				if until := strings.Contains(text, "until 4 March 2099, 22:30 UTC"); until != (tt.link != "") {
					t.Errorf("the %s says when the link ends: %v, want %v:\n%s", form, until, tt.link != "", text)
				}
				if !strings.Contains(text, "If you did") {
					t.Errorf("the %s does not say what to do if it was not the reader:\n%s", form, text)
				}
			}
			if strings.Contains(got.html, "{{") || strings.Contains(got.html, "src=") {
				t.Errorf("the HTML has a placeholder, or something to fetch:\n%s", got.html)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	m := mailOf(deskauth.MailPasswordReset)
	m.ExpiresAt = at.Add(time.Hour)
	got, raw := deliver(t, m, func(o *smtpmail.Options) { o.Now = func() time.Time { return at } })
	for name, want := range map[string]string{
		"From":           `"Example Desk" <noreply@desk.example>`,
		"To":             "<" + readersAddress + ">",
		"Date":           "Fri, 02 Jan 2026 03:04:05 +0000",
		"Auto-Submitted": "auto-generated",
		"Mime-Version":   "1.0",
		"User-Agent":     "",
		"X-Mailer":       "",
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	id := got.header.Get("Message-Id")
	local, ok := strings.CutSuffix(strings.TrimPrefix(id, "<"), "@desk.example>")
	if !ok || len(local) < 20 {
		t.Errorf("Message-ID is %q, want a long random text @desk.example", id)
	}
	if raw.from != "noreply@desk.example" || raw.utf8 {
		t.Errorf("the sender is %q (SMTPUTF8: %v), want noreply@desk.example without it", raw.from, raw.utf8)
	}
	for line := range bytes.Lines(raw.content) {
		if len(line) > 78+2 || bytes.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
			t.Errorf("the line is too long or not ASCII: %q", line)
		}
	}
}

// A copy, or a second reader, would let somebody else use the code.
func TestS52_NoCopyGoesToAnybody(t *testing.T) {
	t.Parallel()
	for _, kind := range append(slices.Clone(kindsWithCode), notices...) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			got, raw := deliver(t, mailOf(kind), nil)
			if !slices.Equal(raw.to, []string{readersAddress}) {
				t.Errorf("it goes to %q, want %q alone", raw.to, readersAddress)
			}
			if to, err := got.header.AddressList("To"); err != nil || len(to) != 1 {
				t.Errorf("To is %v (%v), want one address", to, err)
			}
			for _, name := range []string{"Cc", "Bcc", "Reply-To", "Return-Receipt-To", "Disposition-Notification-To"} {
				if got.header.Get(name) != "" {
					t.Errorf("%s is %q", name, got.header.Get(name))
				}
			}
		})
	}
}

// Notices go out after somebody else may have taken the account over.
func TestNoticesHaveNoCode(t *testing.T) {
	t.Parallel()
	for _, kind := range notices {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			m := mailOf(kind)
			m.Code = deskauth.NewSecret(readersCode)
			_, raw := deliver(t, m, nil)
			if bytes.Contains(raw.content, []byte("Canary_Code")) || bytes.Contains(raw.content, []byte("#/")) {
				t.Errorf("a notice has a code or a link:\n%s", raw.content)
			}
		})
	}
}

// A name in From is written so that it is one, and comes out as it went in.
func TestFromAndProduct(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, name, product, inText string }{
		{"noreply@desk.example", "", "", "desk.example"},
		{"Schöner Süd-Tisch 你好 <noreply@desk.example>", "Schöner Süd-Tisch 你好", "", "Schöner Süd-Tisch 你好"},
		{`"Leo, Andrea" <noreply@desk.example>`, "Leo, Andrea", "Tisch & Söhne", "Tisch & Söhne"},
	} {
		t.Run(tt.from, func(t *testing.T) {
			t.Parallel()
			got, raw := deliver(t, mailOf(deskauth.MailPasswordReset), func(o *smtpmail.Options) {
				o.From, o.Product = tt.from, tt.product
			})
			from, err := got.header.AddressList("From")
			if err != nil || len(from) != 1 || *from[0] != (netmail.Address{Name: tt.name, Address: "noreply@desk.example"}) {
				t.Errorf("From is %v (%v) in\n%s", from, err, raw.content)
			}
			if !strings.Contains(got.text, "your account at "+tt.inText+".") || !strings.HasSuffix(got.subject, tt.inText) {
				t.Errorf("%q is missing in %q or\n%s", tt.inText, got.subject, got.text)
			}
		})
	}
}
