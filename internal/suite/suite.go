// Package suite is what the suites of contracts have in common: [Clause], the sub-test of
// one sentence of a contract, and how a clause runs. storetest and limitertest use it.
//
// It imports the package testing, so nothing but a suite may import it.
package suite

import (
	"context"
	"testing"
	"time"
)

// A Clause is one sentence of a contract, and the test that checks it with a probe.
type Clause[Probe any] struct {
	Name string // of the sub-test
	Says string // what the contract promises
	Mend string // what to do where the implementation breaks it
	Test func(Probe)
}

// patience bounds all calls of one clause together. An implementation that waits for itself
// then fails under the name of the clause.
const patience = 2 * time.Minute

// Run runs each clause as a sub-test of t, with a probe of its own. The context ends with
// the clause, or after two minutes. A clause that fails logs what the contract says and
// what to mend.
func Run[Probe any](t *testing.T, clauses []Clause[Probe], newProbe func(context.Context, *testing.T) Probe) {
	for _, c := range clauses {
		t.Run(c.Name, func(t *testing.T) { c.run(t, newProbe) })
	}
}

func (c Clause[Probe]) run(t *testing.T, newProbe func(context.Context, *testing.T) Probe) {
	// Deferred, because a test may end in FailNow.
	defer func() {
		if t.Failed() {
			t.Logf("the contract: %s", c.Says)
			t.Logf("to mend: %s", c.Mend)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.Test(newProbe(ctx, t))
}
