package storetest

import (
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
)

// notText is what no string of an account has. A store may refuse it or keep it, and
// databases like to cut or replace it.
var notText = []string{"NUL\x00in the middle", "NUL at the end\x00", "\x00", "not UTF-8 \xff in the middle", "cut in half \xf0\x9f\x98", "\xc0\x80"}

// stringFields are the strings of an account that a caller chooses.
var stringFields = []struct {
	name string
	of   func(*deskauth.Account) *string
}{
	{"FirstName", func(a *deskauth.Account) *string { return &a.FirstName }},
	{"LastName", func(a *deskauth.Account) *string { return &a.LastName }},
	{"ProjectID", func(a *deskauth.Account) *string { return &a.ProjectID }},
	{"ExternalID", func(a *deskauth.Account) *string { return &a.ExternalID }},
	{"PasswordHash", func(a *deskauth.Account) *string { return &a.PasswordHash }},
	{"Email", func(a *deskauth.Account) *string { return &a.Email }},
	{"ID", func(a *deskauth.Account) *string { return &a.ID }},
}

// wholeOrRefused checks that a store keeps these strings to the byte or refuses them.
func (p *probe) wholeOrRefused(texts []string) {
	p.Helper()
	for i, text := range texts {
		for _, f := range stringFields {
			label := fmt.Sprintf("with %s %s", f.name, quote(text))
			a := fullAccount(fmt.Sprintf("created-%d-%s", i, f.name))
			*f.of(&a) = text
			if err := p.store.CreateUser(p.ctx, a); err == nil {
				p.holds(a)
			} else {
				p.isNoOutcome(err, "CreateUser "+label)
				p.noID(a.ID)
				p.noEmail(a.Email)
			}
			if f.name == "ID" {
				// The next text has to find the ID free, and the next field the Email.
				continue
			}
			before := otherAccount(fmt.Sprintf("updated-%d-%s", i, f.name))
			p.create(before)
			after := fullAccount(before.ID)
			*f.of(&after) = text + " updated"
			if err := p.store.UpdateUser(p.ctx, after); err == nil {
				after.Version++
				p.holds(after)
			} else {
				p.isNoOutcome(err, "UpdateUser "+label)
				p.holds(before)
				p.noEmail(after.Email)
			}
		}
	}
}

// isNoOutcome checks that an error says that the store failed, and nothing else.
func (p *probe) isNoOutcome(err error, call string) {
	p.Helper()
	if err := noOutcome(err, call); err != nil {
		p.Error(err)
	}
}

func noOutcome(err error, call string) error {
	if err == nil {
		return fmt.Errorf("%s: got no error, want one", call)
	}
	for _, s := range sentinels {
		if errors.Is(err, s) {
			return fmt.Errorf("%s: got %s, which wraps %q; want an error that wraps no outcome, because nothing is known", call, describe(err), s)
		}
	}
	return nil
}
