package storetest

import (
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// unusable are changes to an account after which it could never sign in.
var unusable = []func(*deskauth.Account){
	func(a *deskauth.Account) { a.ID = "" },
	func(a *deskauth.Account) { a.Kind = "admin" },
	func(a *deskauth.Account) { a.Email = "Upper-" + a.Email },
	func(a *deskauth.Account) { a.Email += " " },
	func(a *deskauth.Account) { a.Email = "" },
	func(a *deskauth.Account) { a.PasswordHash = "{SSHA}c2FsdA" },
	func(a *deskauth.Account) { a.PasswordHash += "\n" },
	func(a *deskauth.Account) { a.FirstName = "\x07" },
	func(a *deskauth.Account) { a.Attributes = []byte("[]") },
}

// importsRefuseByRow puts accounts that could never sign in between others.
func importsRefuseByRow(p *probe) {
	var batch, good, bad []deskauth.Account
	for i, spoil := range unusable {
		a, b := fullAccount(fmt.Sprintf("good-%d", i)), fullAccount(fmt.Sprintf("bad-%d", i))
		spoil(&b)
		batch, good, bad = append(batch, a, b), append(good, a), append(bad, b)
	}
	result, err := p.importer().ImportUsers(p.ctx, batch, nil)
	if err != nil || result.Created != len(good) {
		p.Errorf("ImportUsers of %d accounts, of which %d could never sign in: got %d created and the error %v, want %d",
			len(batch), len(bad), result.Created, err, len(good))
	}
	p.refused(result, batch, bad)
	p.holds(good...)
	for _, b := range bad {
		p.noID(b.ID)
		p.noEmail(b.Email)
	}

	result, err = p.importer().ImportUsers(p.ctx, bad, nil)
	if err != nil || result.Created != 0 {
		p.Errorf("ImportUsers of accounts that could never sign in: got %d created and the error %v, want 0",
			result.Created, err)
	}
	p.refused(result, bad, bad)
}

// refused checks that a result names these accounts of a batch and no others.
func (p *probe) refused(result deskauth.ImportResult, batch, bad []deskauth.Account) {
	p.Helper()
	if len(result.Refused) != len(bad) {
		p.Errorf("ImportUsers: got %d refused accounts, want %d", len(result.Refused), len(bad))
		return
	}
	for i, got := range result.Refused {
		inBatch := got.Row >= 0 && got.Row < len(batch) && batch[got.Row].ID == bad[i].ID
		if !inBatch || got.ID != bad[i].ID || got.Err == nil {
			p.Errorf("ImportUsers: refused account %d is %s in row %d because of %v, want %s, its row and the reason",
				i, suite.Quote(got.ID), got.Row, got.Err, suite.Quote(bad[i].ID))
		}
	}
}

// importsAskTheCaller imports with a check that refuses by name alone.
func importsAskTheCaller(p *probe) {
	errNamed := errors.New("has the wrong name")
	asked := 0
	check := func(a deskauth.Account) error {
		asked++
		if a.FirstName == "refused" {
			return errNamed
		}
		return nil
	}
	odd, plain, refused := fullAccount("odd"), fullAccount("plain"), fullAccount("named")
	odd.Email, odd.PasswordHash = "Upper@Example.com", "$scrypt$"
	refused.FirstName = "refused"
	batch := []deskauth.Account{odd, refused, plain}
	result, err := p.importer().ImportUsers(p.ctx, batch, check)
	if err != nil || result.Created != 2 || asked < len(batch) {
		p.Errorf("ImportUsers with a check of its own: got %d created, asked %d times, and the error %v, "+
			"want 2 and each account asked about", result.Created, asked, err)
	}
	p.refused(result, batch, []deskauth.Account{refused})
	if len(result.Refused) == 1 && !errors.Is(result.Refused[0], errNamed) {
		p.Errorf("ImportUsers: the account is refused because of %v, want what the check returned", result.Refused[0].Err)
	}
	p.holds(odd, plain)
	p.noID(refused.ID)
}
