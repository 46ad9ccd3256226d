package storetest_test

import (
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

// brokenStores is every store that the suite has to refuse.
var brokenStores = slices.Concat(
	brokenFields, brokenTexts, brokenKeys, brokenWrites, brokenUpdates, brokenVersions, brokenRaces,
	brokenPurges, brokenDeletes, brokenLists, brokenImports,
)

var storeSuite = suite{
	test:     "TestRun",
	variable: "DESKAUTH_STORETEST_BROKEN",
	broken:   list(brokenStores, func(b broken) listing { return listing{b.name, b.clauses} }),
	control:  "NewStore/Empty",
}

// TestRun runs the suite on a sound store, or, started by TestBrokenStoresFail, on a
// broken one.
func TestRun(t *testing.T) {
	store := func() deskauth.UserStore { return memstore.New() }
	if i := storeSuite.named(); i >= 0 {
		store = brokenStores[i].store
	}
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return store() })
}

func TestBrokenStoresFail(t *testing.T)    { storeSuite.bites(t) }
func TestEveryClauseIsBroken(t *testing.T) { storeSuite.isBroken(t) }

// A plainStore can do nothing but what every store can.
type plainStore struct{ deskauth.UserStore }

// TestRunWithoutAbilities runs the suite on a store that has none of the abilities: it asks
// for nothing that the store does not offer.
func TestRunWithoutAbilities(t *testing.T) {
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return plainStore{memstore.New()} })
}
