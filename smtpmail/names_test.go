package smtpmail_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/smtpmail"
)

// A stranger who signs up with somebody's address must not write to that mailbox, neither
// by a name nor by anything else of the account.
func TestS53_UnprovenAddressesGetNothingOfTheAccountsMaker(t *testing.T) {
	t.Parallel()
	// Under which names the owner of a mailbox may be greeted, by the kind of mail.
	greeted := map[deskauth.MailKind]bool{
		deskauth.MailPasswordReset: true,
		// These go to an address that is not proven, or that is the account's no more, or
		// right after the proof.
		deskauth.MailEmailVerification: false,
		deskauth.MailEmailChange:       false,
		deskauth.MailEmailChanged:      false,
		deskauth.MailPasswordChanged:   false,
	}
	for _, tt := range []struct {
		name   string
		edit   func(*deskauth.Mail)
		proven bool
	}{
		{"verified", func(*deskauth.Mail) {}, true},
		{"unverified", func(m *deskauth.Mail) { m.User.EmailVerified = false }, false},
		{"to another address than the account's", func(m *deskauth.Mail) { m.User.Email = "eve@evil.example" }, false},
	} {
		for kind, may := range greeted {
			t.Run(tt.name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				m := mailOf(kind)
				m.User.ID = "Canary-ID" // in the link of a verification only
				m.User.FirstName, m.User.LastName = "Canary-First", "Canary-Last"
				m.User.ProjectID, m.User.ExternalID = "Canary-Project", "Canary-External"
				m.User.Attributes = []byte(`{"a":"Canary-Attribute"}`)
				m.Locale = "Canary-Locale"
				tt.edit(&m)
				for _, templates := range []map[string]map[deskauth.MailKind]smtpmail.Template{nil, everything()} {
					got, raw := deliver(t, m, func(o *smtpmail.Options) { o.Templates = templates })
					said := got.subject + got.text + got.html
					if named := strings.Contains(said, "Canary-First"); named != (may && tt.proven) {
						t.Errorf("the mail says the first name: %v, want %v:\n%s", named, may && tt.proven, said)
					}
					for _, part := range []string{"Last", "Project", "External", "Attribute", "Locale"} {
						if strings.Contains(said, "Canary-"+part) || bytes.Contains(raw.content, []byte("Canary-"+part)) {
							t.Errorf("the mail has Canary-%s:\n%s", part, said)
						}
					}
					if strings.Contains(said, "Canary-ID") && kind != deskauth.MailEmailVerification {
						t.Errorf("the mail has the account's ID:\n%s", said)
					}
				}
			})
		}
	}
}

// everything are templates that say all that there is.
func everything() map[string]map[deskauth.MailKind]smtpmail.Template {
	kinds := make(map[deskauth.MailKind]smtpmail.Template)
	for _, kind := range append(slices.Clone(kindsWithCode), notices...) {
		kinds[kind] = smtpmail.Template{
			Subject: "{{.Kind}} {{.Name}}", Text: "{{printf `%+v` .}} {{.Link}}", HTML: "{{printf `%+v` .}} {{.Link}}",
		}
	}
	return map[string]map[deskauth.MailKind]smtpmail.Template{"": kinds}
}
