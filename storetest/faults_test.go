package storetest_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

var faultSuite = bite.Suite{
	Test:     "TestRunFaults",
	Variable: "DESKAUTH_STORETEST_BROKEN_FAULTS",
	Broken:   bite.List(brokenFaults, brokenFault.listing),
}

// TestRunFaults runs the suite on a sound store whose database can fail, or on one that
// breaks then when TestBrokenFaultsFail starts it.
func TestRunFaults(t *testing.T) {
	newSimulation := simulate
	if i := faultSuite.Named(); i >= 0 {
		newSimulation = brokenFaults[i].simulate
	}
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		s := newSimulation()
		return s.faulty, s.door()
	})
}

func TestBrokenFaultsFail(t *testing.T)         { faultSuite.Bites(t) }
func TestEveryFaultClauseIsBroken(t *testing.T) { faultSuite.CoversClauses(t) }

// TestRunFaultsWithoutBackdoor runs the suite on a database that cannot be made to fail,
// and on a store without optional abilities.
func TestRunFaultsWithoutBackdoor(t *testing.T) {
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		return memstore.New(), storetest.Backdoor{}
	})
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		s := simulate()
		return plainStore{s.faulty}, s.door()
	})
}
