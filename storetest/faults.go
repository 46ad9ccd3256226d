package storetest

import (
	"testing"

	"github.com/deskauth/deskauth"
)

// A Backdoor is what a test may do to the database behind a store's back. A nil func is a
// thing that cannot be done to it, and its clauses are left out. An error of one that is
// called ends the test. What was switched on is switched off again in the end, once more if
// it was off already.
type Backdoor struct {
	// Disconnect ends every connection of the store at once, as a restart of the database
	// server does, and returns when the server takes new ones. It is called while other
	// goroutines use the store.
	Disconnect func() error
	// ReadOnly makes every write fail, as a failover or a full quota does.
	ReadOnly func(on bool) error
	// Full leaves no room for new rows, but for 32 MiB of accounts at most.
	Full func(on bool) error
}

// RunFaults checks what the stores that newStore returns do when their database fails,
// against the same contract as [Run], which it does not replace. Each clause is a sub-test
// named after the matter and the clause, like Disconnect/AcknowledgedIsThere.
//
// For newStore holds what Run says. The Backdoor that comes with a store is of the database
// of that store, and is not used after the next call of newStore. The suite is for a database
// that the test has to itself, as it disconnects whoever uses it.
func RunFaults(t *testing.T, newStore func(t *testing.T) (deskauth.UserStore, Backdoor)) {
	for _, g := range faultGroups {
		t.Run(g.name, func(t *testing.T) {
			if _, door := newStore(t); !g.can(door) {
				return
			}
			for _, c := range g.clauses {
				t.Run(c.name, func(t *testing.T) { c.run(t, newStore) })
			}
		})
	}
}

var faultGroups = []struct {
	name    string
	clauses []faultClause
	can     func(Backdoor) bool
}{
	{"Disconnect", disconnectClauses, func(door Backdoor) bool { return door.Disconnect != nil }},
	{"ReadOnly", readOnlyClauses, func(door Backdoor) bool { return door.ReadOnly != nil }},
	{"Full", fullClauses, func(door Backdoor) bool { return door.Full != nil }},
}

// A faultClause is a [clause] about a store whose database fails.
type faultClause struct {
	name, says, mend string
	test             func(*faultProbe)
}

func (c faultClause) run(t *testing.T, newStore func(t *testing.T) (deskauth.UserStore, Backdoor)) {
	var door Backdoor
	clause{c.name, c.says, c.mend, func(p *probe) { c.test(&faultProbe{p, door}) }}.run(t, func(t *testing.T) (store deskauth.UserStore) {
		store, door = newStore(t)
		return store
	})
}

// A faultProbe is a [probe] that can make the database fail.
type faultProbe struct {
	*probe
	door Backdoor
}

// switches switches a fault on or off, and off in the end if it is on then.
func (p *faultProbe) switches(name string, set func(on bool) error, on bool) {
	p.Helper()
	if err := set(on); err != nil {
		p.Fatalf("Backdoor.%s(%t): %v", name, on, err)
	}
	if on {
		p.Cleanup(func() {
			if err := set(false); err != nil {
				p.Errorf("Backdoor.%s(false): %v", name, err)
			}
		})
	}
}
