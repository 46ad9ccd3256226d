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
			fullAccount("full"), another("other"), bareUser("bare"), bareUser("bare 2"),
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
	Says: "Of two accounts of one call with one ID or one Email, the first is created, and the result names the other. " +
		"Any number without Email are created.",
	Mend: "Write the accounts that ImportResult.Screen returns, and return its result.",
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
	Name: "LastActivity",
	Says: "A guest or an external user that comes without LastActiveAt was active at the later of its CreatedAt " +
		"and UpdatedAt. A LastActiveAt that comes with it stays, and a user is given none.",
	Mend: "Write the accounts that ImportResult.Screen returns, and not those that were given.",
	Test: func(p *probe) {
		updated, setBack, dated := bareAccount("updated"), bareAccount("set back"), bareAccount("dated")
		user := bareUser("user")
		updated.UpdatedAt = sampleTime.AddDate(1, 0, 0)
		setBack.UpdatedAt = sampleTime.AddDate(-1, 0, 0)
		setBack.Kind = deskauth.KindGuest
		dated.LastActiveAt = sampleTime.AddDate(0, 0, -1)
		p.imports(4, updated, setBack, dated, user)
		updated.LastActiveAt, setBack.LastActiveAt = updated.UpdatedAt, setBack.CreatedAt
		p.holds(updated, setBack, dated, user)
	},
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

// bareUser is bareAccount of a user, to which an import adds nothing.
func bareUser(id string) deskauth.Account {
	a := bareAccount(id)
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
	a, b, bare := fullAccount("a"), fullAccount("b"), bareUser("bare")
	p.create(a)
	p.create(b)
	p.create(bare)
	a.FirstName = "changed since"
	a = p.update(a)

	takenID, takenBare, takenEmail := another("a"), another("bare"), another("c")
	takenEmail.Email = a.Email
	takenBoth, crossed := another("b"), another("a")
	takenBoth.Email, crossed.Email = b.Email, b.Email
	fresh, noEmail := fullAccount("fresh"), bareUser("no Email")
	p.imports(2, takenID, takenEmail, fresh, takenBoth, noEmail, takenBare)
	p.imports(0, crossed)
	p.holds(a, b, bare, fresh, noEmail)
	p.noEmail(takenID.Email)
	p.noEmail(takenBare.Email)
	p.noID(takenEmail.ID)

	p.imports(0, fresh, noEmail, a, b)
	p.holds(a, b, bare, fresh, noEmail)

	heir := bareUser(takenEmail.ID) // an account that was left out holds no key
	heir.Email = takenID.Email
	p.imports(1, heir)
	p.holds(heir)
}

func importsDuplicates(p *probe) {
	id1, id2, email1, email2 := fullAccount("same"), another("same"), fullAccount("first"), another("second")
	email2.Email = email1.Email
	batch := []deskauth.Account{id1, bareUser("1"), email1, id2, bareUser("2"), email2, bareUser("3")}
	result, err := p.importer().ImportUsers(p.ctx, batch, anyone)
	if err != nil || result.Created != 5 {
		p.Errorf("ImportUsers of %d accounts, of which 2 have the ID or Email of another: "+
			"got %d created and the error %v, want 5", len(batch), result.Created, err)
	}
	p.refused(result, batch, []deskauth.Account{id2, email2})
	p.holds(id1, email1, bareUser("1"), bareUser("2"), bareUser("3"))
	p.noID(email2.ID)
	p.noEmail(id2.Email)
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
