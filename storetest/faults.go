package storetest

import (
	"context"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// A Backdoor does things to the database behind a store's back. A nil func means that the
// database cannot do this, and RunFaults leaves its clauses out. An error of a func ends
// the test. Each fault that was switched on is switched off in the end, even if it was
// switched off before.
type Backdoor struct {
	// Disconnect ends every connection of the store at once, as a restart of the database
	// server does. It returns when the server takes new connections. It is called while
	// other goroutines use the store.
	Disconnect func() error
	// ReadOnly makes every write fail, as a failover or a full quota does.
	ReadOnly func(on bool) error
	// Full leaves no room for new rows, or room for 32 MiB of accounts at most.
	Full func(on bool) error
	// BreakRow puts something into the row of the account that the store cannot read, and
	// leaves ID and Email, as a change by hand may do. It stays there.
	BreakRow func(id string) error
}

// RunFaults checks what the stores that newStore returns do when their database fails,
// against the same contract as [Run], which it does not replace. Each clause is a sub-test
// named after the matter and the clause, like Disconnect/AcknowledgedIsKept.
//
// The newStore of RunFaults follows the rules of Run's. The Backdoor belongs to the
// database of the store that it comes with, and RunFaults does not use it after the next
// call of newStore. The test must have the database to itself, because the suite
// disconnects all of its clients.
func RunFaults(t *testing.T, newStore func(t *testing.T) (deskauth.UserStore, Backdoor)) {
	newProbe := func(ctx context.Context, t *testing.T) *faultProbe {
		store, door := newStore(t)
		return &faultProbe{&probe{T: t, ctx: ctx, store: store}, door}
	}
	for _, g := range faultGroups {
		t.Run(g.name, func(t *testing.T) {
			if _, door := newStore(t); !g.can(door) {
				return
			}
			suite.Run(t, g.clauses, newProbe)
		})
	}
}

type faultClause = suite.Clause[*faultProbe]

var faultGroups = []struct {
	name    string
	clauses []faultClause
	can     func(Backdoor) bool
}{
	{"Disconnect", disconnectClauses, func(door Backdoor) bool { return door.Disconnect != nil }},
	{"ReadOnly", readOnlyClauses, func(door Backdoor) bool { return door.ReadOnly != nil }},
	{"Full", fullClauses, func(door Backdoor) bool { return door.Full != nil }},
	{"BreakRow", brokenRowClauses, func(door Backdoor) bool { return door.BreakRow != nil }},
}

// A faultProbe is a [probe] that can make the database fail.
type faultProbe struct {
	*probe
	door Backdoor
}

// switches switches a fault on or off. A fault that it switches on goes off in the end.
func (p *faultProbe) switches(name string, set func(on bool) error, on bool) {
	p.Helper()
	if err := set(on); err != nil {
		p.Fatalf("Backdoor.%s(%t): got the error %v, want nil", name, on, err)
	}
	if on {
		p.Cleanup(func() {
			if err := set(false); err != nil {
				p.Errorf("Backdoor.%s(false): got the error %v, want nil", name, err)
			}
		})
	}
}
