package storetest_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

var faultSuite = suite{
	test:     "TestRunFaults",
	variable: "DESKAUTH_STORETEST_BROKEN_FAULTS",
	broken:   list(brokenFaults, func(b brokenFault) listing { return listing{b.name, b.clauses} }),
}

// TestRunFaults runs the suite on a sound store whose database can fail, or, started by
// TestBrokenFaultsFail, on one that is broken then.
func TestRunFaults(t *testing.T) {
	store := simulate
	if i := faultSuite.named(); i >= 0 {
		store = brokenFaults[i].store
	}
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		s := store()
		return s.faulty, s.door()
	})
}

func TestBrokenFaultsFail(t *testing.T)         { faultSuite.bites(t) }
func TestEveryFaultClauseIsBroken(t *testing.T) { faultSuite.isBroken(t) }

// TestRunFaultsWithoutBackdoor runs the suite on a database to which nothing can be done, and
// on a store without abilities.
func TestRunFaultsWithoutBackdoor(t *testing.T) {
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		return memstore.New(), storetest.Backdoor{}
	})
	storetest.RunFaults(t, func(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
		s := simulate()
		return plainStore{s.faulty}, s.door()
	})
}
