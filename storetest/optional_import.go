package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var importClauses = []clause{{
	Name: "EveryField",
	Says: "ImportUsers creates accounts as CreateUser does: with every field as it was given, the Version too.",
	Mend: "Write the columns that CreateUser writes.",
	Test: func(p *probe) {
		created := []deskauth.Account{
			fullAccount("full"), another("other"), bareAccount("bare"), bareAccount("bare 2"),
		}
		for i, version := range []int64{1, 42, math.MaxInt64, -1} {
			created[i].Version = version
		}
		p.imports(4, created...)
		p.holds(created...)
		p.holds(p.update(created[0]))
	},
}, {
	Name: "SkipsTaken",
	Says: "ImportUsers leaves out the accounts whose ID or Email is taken, without an error. " +
		"It changes no account that exists.",
	Mend: "Use INSERT … ON CONFLICT DO NOTHING for both keys, and count the inserted rows.",
	Test: importsSkipTaken,
}, {
	Name: "DuplicatesInOneCall",
	Says: "Of two accounts of one call with one ID or one Email, one is created. Any number without Email are.",
	Mend: "Treat two rows of one statement like rows of two statements: the first takes the key.",
	Test: importsDuplicates,
}, {
	Name: "NoAccounts",
	Says: "ImportUsers of no accounts creates none and returns no error.",
	Mend: "Return before the INSERT: one without rows is not valid SQL.",
	Test: func(p *probe) {
		p.imports(0)
		p.imports(0, []deskauth.Account{}...)
		p.create(fullAccount("later"))
		p.imports(0)
		p.holds(fullAccount("later"))
	},
}, {
	Name: "Thousands",
	Says: "ImportUsers creates thousands of accounts in one call.",
	Mend: "Write in several statements of one transaction. Databases limit the parameters of a statement: " +
		"65535 in PostgreSQL and MySQL, 32766 in SQLite.",
	Test: importsThousands,
}, {
	Name: "OneWinner",
	Says: "When several calls import the same accounts at once, each account is created by one of them.",
	Mend: "Write the accounts in the order of their keys, so that two imports do not wait for each other. " +
		"Where the database reports a deadlock or a failed transaction, repeat the call.",
	Test: importRaces,
}, {
	Name: "AllOrNothing",
	Says: "When ImportUsers returns an error, it has created nothing.",
	Mend: "Write all accounts in one transaction, or check all of them before you write the first.",
	Test: importsAllOrNothing,
}, {
	Name: "RefusesByRow",
	Says: "ImportUsers creates no account that CheckImport refuses. It names each of them in the result, " +
		"and creates the others.",
	Mend: "Let ImportResult.Screen sort the accounts before you write them, and return its result.",
	Test: importsRefuseByRow,
}, {
	Name: "GuestAddress",
	Says: "ImportUsers stores a guest without the Email that it comes with: guests of other systems have made-up ones.",
	Mend: "Write the accounts that ImportResult.Screen returns, and not those that were given.",
	Test: func(p *probe) {
		given := otherAccount("a guest")
		p.imports(1, given)
		p.noEmail(given.Email)
		given.Email = ""
		p.holds(given)
	},
}, {
	Name: "AsksTheCaller",
	Says: "ImportUsers asks the given check about each account, and no other check.",
	Mend: "Hand the check to ImportResult.Screen.",
	Test: importsAskTheCaller,
}, {
	Name: "MemoryOfTheCaller",
	Says: "A caller that changes the accounts it passed in changes nothing in the store.",
	Mend: "Copy the Attributes and the slice.",
	Test: func(p *probe) {
		want := []deskauth.Account{fullAccount("1"), fullAccount("2")}
		given := slices.Clone(want)
		for i := range given {
			given[i].Attributes = bytes.Clone(want[i].Attributes)
		}
		p.imports(2, given...)
		for i := range given {
			scribble(given[i].Attributes)
			given[i].FirstName = "#"
		}
		p.holds(want...)
	},
}, {
	Name: "EndedContext",
	Says: "When the context has ended, ImportUsers returns an error wrapping the context's.",
	Mend: contextMend,
	Test: func(p *probe) {
		p.create(fullAccount("known"))
		p.failsWhenEnded("ImportUsers", func(ctx context.Context) error {
			_, err := p.importer().ImportUsers(ctx, []deskauth.Account{fullAccount("known"), fullAccount("unknown")}, anyone)
			return err
		})
	},
}}

func (p *probe) importer() deskauth.UserImporter { return p.store.(deskauth.UserImporter) }

// another is otherAccount with an Email that stays, of a user's: a guest loses it.
func another(id string) deskauth.Account {
	a := otherAccount(id)
	a.Kind = deskauth.KindUser
	return a
}

// anyone refuses no account, for clauses about accounts that could not sign in.
func anyone(deskauth.Account) error { return nil }

// imports checks how many of the accounts a call creates.
func (p *probe) imports(want int, accounts ...deskauth.Account) {
	p.Helper()
	got, err := p.importer().ImportUsers(p.ctx, accounts, anyone)
	if err != nil {
		p.Fatalf("ImportUsers of %d accounts: got the error %v, want nil", len(accounts), err)
	}
	if got.Created != want || len(got.Refused) != 0 {
		p.Errorf("ImportUsers of %d accounts: got %d and %d refused, want %d and none refused",
			len(accounts), got.Created, len(got.Refused), want)
	}
}

func importsSkipTaken(p *probe) {
	a, b, bare := fullAccount("a"), fullAccount("b"), bareAccount("bare")
	p.create(a)
	p.create(b)
	p.create(bare)
	a.FirstName = "changed since"
	a = p.update(a)

	takenID, takenBare, takenEmail := another("a"), another("bare"), another("c")
	takenEmail.Email = a.Email
	takenBoth, crossed := another("b"), another("a")
	takenBoth.Email, crossed.Email = b.Email, b.Email
	fresh, noEmail := fullAccount("fresh"), bareAccount("no Email")
	p.imports(2, takenID, takenEmail, fresh, takenBoth, crossed, noEmail, takenBare)
	p.holds(a, b, bare, fresh, noEmail)
	p.noEmail(takenID.Email)
	p.noEmail(takenBare.Email)
	p.noID(takenEmail.ID)

	p.imports(0, fresh, noEmail, a, b)
	p.holds(a, b, bare, fresh, noEmail)

	heir := bareAccount(takenEmail.ID) // an account that was left out holds no key
	heir.Email = takenID.Email
	p.imports(1, heir)
	p.holds(heir)
}

func importsDuplicates(p *probe) {
	id1, id2, email1, email2 := fullAccount("same"), another("same"), fullAccount("first"), another("second")
	email2.Email = email1.Email
	p.imports(5, id1, bareAccount("1"), email1, id2, bareAccount("2"), email2, bareAccount("3"))
	for _, pair := range [][2]deskauth.Account{{id1, id2}, {email1, email2}} {
		created := 0
		for _, a := range pair {
			got, err := p.store.UserByID(p.ctx, a.ID)
			if err == nil && differences(got, a) == nil {
				created++
				p.holds(a)
			}
		}
		if created != 1 {
			p.Errorf(
				"ImportUsers of two accounts with one key, IDs %s and %s: %d of them are as they "+
					"were given, want 1",
				suite.Quote(pair[0].ID), suite.Quote(pair[1].ID), created)
		}
	}
	p.holds(bareAccount("1"), bareAccount("2"), bareAccount("3"))
}

// importsAllOrNothing puts one account into the middle of a batch that the store may
// refuse.
func importsAllOrNothing(p *probe) {
	for i, bad := range slices.Concat(textsWithNUL, textsNotUTF8) {
		batch := make([]deskauth.Account, 40)
		for n := range batch {
			batch[n] = fullAccount(fmt.Sprintf("batch-%d-%d", i, n))
		}
		batch[30].FirstName = bad
		call := "ImportUsers of accounts of which one has the FirstName " + suite.Quote(bad)
		result, err := p.importer().ImportUsers(p.ctx, batch, anyone)
		if err == nil {
			if result.Created != len(batch) {
				p.Errorf("%s: got %d and no error, want an error or %d", call, result.Created, len(batch))
			}
			p.holds(batch...)
			continue
		}
		p.isFailure(err, call)
		for _, a := range batch {
			p.noID(a.ID)
			p.noEmail(a.Email)
		}
	}
}
