package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// Run checks the stores that newStore returns against the contract of [deskauth.UserStore].
// Each clause is a sub-test named after the method or matter and the clause, like
// UpdateUser/OneWinner. Run also checks the abilities that a store has: those of a
// [deskauth.IdlePurger], [deskauth.ActivityReporter], [deskauth.UserDeleter],
// [deskauth.UserLister] or [deskauth.UserImporter].
//
// Each call of newStore returns a store without accounts. It may call t.Cleanup and
// t.Fatal. Calls never overlap, and Run uses only the newest store: all of them may share
// one database that newStore empties.
func Run(t *testing.T, newStore func(t *testing.T) deskauth.UserStore) {
	newProbe := func(ctx context.Context, t *testing.T) *probe {
		return &probe{T: t, ctx: ctx, store: newStore(t), newStore: newStore}
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			if g.ability != nil && !g.ability(newStore(t)) {
				return
			}
			suite.Run(t, g.clauses, newProbe)
		})
	}
}

type clause = suite.Clause[*probe]

var groups = []struct {
	name    string
	clauses []clause
	ability func(deskauth.UserStore) bool // that the clauses are about; nil for what every store has
}{
	{"NewStore", newStoreClauses, nil},
	{"Account", slices.Concat(fieldsClauses, textsClauses, timesClauses), nil},
	{"Attributes", attributesClauses, nil},
	{"Keys", keysClauses, nil},
	{"CreateUser", createClauses, nil},
	{"UserByID", byIDClauses, nil},
	{"UserByEmail", byEmailClauses, nil},
	{"UpdateUser", slices.Concat(updateClauses, updateEmailClauses, updateRaceClauses), nil},
	{"Version", versionClauses, nil},
	{"Atomic", atomicClauses, nil},
	{"Isolation", isolationClauses, nil},
	{"Context", contextClauses, nil},
	{"PurgeIdle", purgeClauses, has[deskauth.IdlePurger]},
	{"LastActivity", activityClauses, has[deskauth.ActivityReporter]},
	{"DeleteUser", deleteClauses, has[deskauth.UserDeleter]},
	{"ListUsers", listClauses, has[deskauth.UserLister]},
	{"ImportUsers", importClauses, has[deskauth.UserImporter]},
}

var newStoreClauses = []clause{{
	Name: "Empty",
	Says: "Each call of newStore returns a store without accounts.",
	Mend: "Give each call a schema, database or file of its own, or truncate the table.",
	Test: func(p *probe) {
		a := fullAccount("left-over")
		p.noID(a.ID)
		p.noEmail(a.Email)
		p.create(a)
		p.store = p.newStore(p.T)
		p.noID(a.ID)
		p.noEmail(a.Email)
	},
}}
