package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/deskauth/deskauth"
)

var importClauses = []clause{{
	name: "EveryField",
	says: "ImportUsers creates accounts as CreateUser does: every field as it was given, the Version too",
	mend: "write the columns of CreateUser",
	test: func(p *probe) {
		made := []deskauth.Account{fullAccount("full"), otherAccount("other"), bareAccount("bare"), bareAccount("bare 2")}
		for i, version := range []int64{1, 42, math.MaxInt64, -1} {
			made[i].Version = version
		}
		p.imports(4, made...)
		p.holds(made...)
		p.holds(p.update(made[0]))
	},
}, {
	name: "SkipsTaken",
	says: "ImportUsers leaves out the accounts whose ID or Email somebody has, without an error, and touches nobody",
	mend: "INSERT … ON CONFLICT DO NOTHING for both keys, and count the rows that were inserted",
	test: importsSkipTaken,
}, {
	name: "TwiceInABatch",
	says: "of two accounts of one call with one ID or one Email one is created, any number without Email are",
	mend: "two rows of one statement may be in each other's way as rows of two statements are",
	test: importsTwiceInABatch,
}, {
	name: "NoAccounts",
	says: "ImportUsers of no accounts creates none, which is no error",
	mend: "an INSERT without rows is no SQL: return before it",
	test: func(p *probe) {
		p.imports(0)
		p.imports(0, []deskauth.Account{}...)
		p.create(fullAccount("later"))
		p.imports(0)
		p.holds(fullAccount("later"))
	},
}, {
	name: "Thousands",
	says: "ImportUsers creates thousands of accounts in one call",
	mend: "databases limit the parameters of a statement: 65535 in PostgreSQL and MySQL, 32766 in SQLite; write in several statements of one transaction",
	test: importsThousands,
}, {
	name: "OneWinner",
	says: "of two imports of the same accounts at once, each account is created by one of them",
	mend: "write the accounts in the order of their keys, or two imports wait for each other's; what the database reports as a deadlock or a failed transaction is done again",
	test: importRaces,
}, {
	name: "AllOrNothing",
	says: "with an error of ImportUsers nothing was created",
	mend: "write all accounts in one transaction, or check them before the first is written",
	test: func(p *probe) {
		for i, bad := range notText {
			batch := make([]deskauth.Account, 40)
			for n := range batch {
				batch[n] = fullAccount(fmt.Sprintf("batch-%d-%d", i, n))
			}
			batch[30].FirstName = bad
			n, err := p.importer().ImportUsers(p.ctx, batch)
			if err == nil {
				if n != len(batch) {
					p.Errorf("ImportUsers of accounts of which one has the FirstName %s: got %d and no error, want an error or %d", quote(bad), n, len(batch))
				}
				p.holds(batch...)
				continue
			}
			p.isNoOutcome(err, "ImportUsers of an account with the FirstName "+quote(bad))
			for _, a := range batch {
				p.noID(a.ID)
				p.noEmail(a.Email)
			}
		}
	},
}, {
	name: "MemoryOfTheCaller",
	says: "what a caller does later with the accounts it handed in changes nothing in the store",
	mend: "copy the Attributes, and the slice",
	test: func(p *probe) {
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
	name: "EndedContext",
	says: "when the context has ended, ImportUsers returns an error wrapping the context's",
	mend: contextMend,
	test: func(p *probe) {
		p.create(fullAccount("known"))
		p.refusesEnded("ImportUsers", func(ctx context.Context) error {
			_, err := p.importer().ImportUsers(ctx, []deskauth.Account{fullAccount("known"), fullAccount("unknown")})
			return err
		})
	},
}}

func (p *probe) importer() deskauth.UserImporter { return p.store.(deskauth.UserImporter) }

// imports checks how many of the accounts a call creates.
func (p *probe) imports(want int, accounts ...deskauth.Account) {
	p.Helper()
	got, err := p.importer().ImportUsers(p.ctx, accounts)
	if err != nil {
		p.Fatalf("ImportUsers of %d accounts: got the error %v, want nil", len(accounts), err)
	}
	if got != want {
		p.Errorf("ImportUsers of %d accounts: got %d, want %d", len(accounts), got, want)
	}
}

func importsSkipTaken(p *probe) {
	a, b, bare := fullAccount("a"), fullAccount("b"), bareAccount("bare")
	p.create(a)
	p.create(b)
	p.create(bare)
	a.FirstName = "changed since"
	a = p.update(a)

	takenID, takenEmail, takenBoth, crossed, takenBare := otherAccount("a"), otherAccount("c"), otherAccount("b"), otherAccount("a"), otherAccount("bare")
	takenEmail.Email, takenBoth.Email, crossed.Email = a.Email, b.Email, b.Email
	fresh, noEmail := fullAccount("fresh"), bareAccount("no Email")
	p.imports(2, takenID, takenEmail, fresh, takenBoth, crossed, noEmail, takenBare)
	p.holds(a, b, bare, fresh, noEmail)
	p.noEmail(takenID.Email)
	p.noEmail(takenBare.Email)
	p.noID(takenEmail.ID)

	p.imports(0, fresh, noEmail, a, b)
	p.holds(a, b, bare, fresh, noEmail)

	heir := bareAccount(takenEmail.ID) // what was left out holds no key
	heir.Email = takenID.Email
	p.imports(1, heir)
	p.holds(heir)
}

func importsTwiceInABatch(p *probe) {
	id1, id2, mail1, mail2 := fullAccount("same"), otherAccount("same"), fullAccount("first"), otherAccount("second")
	mail2.Email = mail1.Email
	p.imports(5, id1, bareAccount("1"), mail1, id2, bareAccount("2"), mail2, bareAccount("3"))
	for _, pair := range [][2]deskauth.Account{{id1, id2}, {mail1, mail2}} {
		there := 0
		for _, a := range pair {
			got, err := p.store.UserByID(p.ctx, a.ID)
			if err == nil && differences(got, a) == nil {
				there++
				p.holds(a)
			}
		}
		if there != 1 {
			p.Errorf("ImportUsers of two accounts with one key, IDs %s and %s: %d are there as they were given, want 1", quote(pair[0].ID), quote(pair[1].ID), there)
		}
	}
	p.holds(bareAccount("1"), bareAccount("2"), bareAccount("3"))
}
