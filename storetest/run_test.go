package storetest_test

import (
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

// brokenStores is every store that the suite must refuse.
var brokenStores = slices.Concat(
	brokenFields, brokenAttributes, brokenTexts, brokenTimes, brokenKeys, brokenFinds, brokenCreates,
	brokenUpdates, brokenUpdateEmails, brokenVersions, brokenIsolation, brokenContexts,
	brokenPurges, brokenActivities, brokenDeletes, brokenLists, brokenImports,
)

var storeSuite = bite.Suite{
	Test:     "TestRun",
	Variable: "DESKAUTH_STORETEST_BROKEN",
	Broken:   bite.List(brokenStores, broken.listing),
	Control:  "NewStore/Empty",
}

// TestRun runs the suite on a sound store, or on a broken one when TestBrokenStoresFail
// starts it.
func TestRun(t *testing.T) {
	newStore := func() deskauth.UserStore { return memstore.New() }
	if i := storeSuite.Named(); i >= 0 {
		newStore = brokenStores[i].newStore
	}
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return newStore() })
}

func TestBrokenStoresFail(t *testing.T)    { storeSuite.Bites(t) }
func TestEveryClauseIsBroken(t *testing.T) { storeSuite.CoversClauses(t) }

// A plainStore has the four methods of every store and no optional ability.
type plainStore struct{ deskauth.UserStore }

// TestRunWithoutAbilities runs the suite on a store without optional abilities, of which it
// must ask nothing.
func TestRunWithoutAbilities(t *testing.T) {
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return plainStore{memstore.New()} })
}
