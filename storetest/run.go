package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// Run checks the stores that newStore returns against the contract of
// [deskauth.UserStore], each clause in a sub-test named after the method or matter and the
// clause, like UpdateUser/OneWinner. What a store is able to do besides is checked too: if it
// is a [deskauth.IdlePurger], [deskauth.UserDeleter], [deskauth.UserLister] or
// [deskauth.UserImporter], it has that one's clauses to fulfil.
//
// Each call of newStore returns a store without accounts, which the caller need not share
// with any earlier one; it may call t.Cleanup and t.Fatal. Calls never overlap.
func Run(t *testing.T, newStore func(t *testing.T) deskauth.UserStore) {
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			if g.ability != nil && !g.ability(newStore(t)) {
				return
			}
			for _, c := range g.clauses {
				t.Run(c.name, func(t *testing.T) { c.run(t, newStore) })
			}
		})
	}
}

var groups = []struct {
	name    string
	clauses []clause
	ability func(deskauth.UserStore) bool // which the clauses are about; nil for what every store has
}{
	{"NewStore", newStoreClauses, nil},
	{"Account", accountClauses, nil},
	{"Attributes", attributesClauses, nil},
	{"Keys", keysClauses, nil},
	{"CreateUser", createClauses, nil},
	{"UserByID", byIDClauses, nil},
	{"UserByEmail", byEmailClauses, nil},
	{"UpdateUser", updateClauses, nil},
	{"Version", versionClauses, nil},
	{"Atomic", atomicClauses, nil},
	{"Isolation", isolationClauses, nil},
	{"Context", contextClauses, nil},
	{"PurgeIdle", purgeClauses, has[deskauth.IdlePurger]},
	{"DeleteUser", deleteClauses, has[deskauth.UserDeleter]},
	{"ListUsers", listClauses, has[deskauth.UserLister]},
	{"ImportUsers", importClauses, has[deskauth.UserImporter]},
}

func has[Ability any](store deskauth.UserStore) bool {
	_, ok := store.(Ability)
	return ok
}

// A clause is one sentence of the contract and its test.
type clause struct {
	name string // of the sub-test
	says string // what the contract promises
	mend string // where stores that break it go wrong
	test func(*probe)
}

// patience is how long the calls of one clause may take together before their context
// ends, so that a store which waits for itself fails with the clause's name.
const patience = 2 * time.Minute

func (c clause) run(t *testing.T, newStore func(t *testing.T) deskauth.UserStore) {
	// Deferred, because a test may end in FailNow.
	defer func() {
		if t.Failed() {
			t.Logf("the contract: %s", c.says)
			t.Logf("to mend: %s", c.mend)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.test(&probe{T: t, ctx: ctx, store: newStore(t), newStore: newStore})
}

var newStoreClauses = []clause{{
	name: "Empty",
	says: "newStore returns a store without accounts each time it is called",
	mend: "give each call a schema, database or file of its own, or truncate the table",
	test: func(p *probe) {
		a := fullAccount("left-over")
		p.noID(a.ID)
		p.noEmail(a.Email)
		p.create(a)
		p.store = p.newStore(p.T)
		p.noID(a.ID)
		p.noEmail(a.Email)
	},
}}
