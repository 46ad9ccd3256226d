// Package storetest checks an implementation of [deskauth.UserStore] against every clause
// of its contract. A store that passes can be handed to [deskauth.New]. [RunFaults] checks
// what the store does when its database fails.
//
// This is the whole test of a store:
//
//	func TestRun(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) deskauth.UserStore {
//			db := openDB(t) // in a schema or file of its own, with no accounts
//			t.Cleanup(func() { db.Close() })
//			return mystore.New(db)
//		})
//	}
//
// Each clause is a sub-test on a new, empty store. To run one clause, or the clauses of one
// method:
//
//	go test -run 'TestRun/UpdateUser/FreesTheOldEmail'
//	go test -run 'TestRun/UpdateUser'
//
// Under -race the suite also finds data races in a store that keeps anything in memory.
// With -short it creates fewer accounts, and 50 goroutines write one account instead of
// 200.
//
// # Optional abilities
//
// A store may also be a [deskauth.IdlePurger], [deskauth.ActivityReporter],
// [deskauth.UserDeleter], [deskauth.UserLister] or [deskauth.UserImporter]. The suite then
// checks the clauses of that ability, in sub-tests named after its method, like
// PurgeIdle/Limit. It asks nothing of a store without the ability, so a store that loses a
// method by mistake still passes. A line like this one makes it fail to compile:
//
//	var _ deskauth.IdlePurger = (*mystore.Store)(nil)
//
// # An empty store for each call
//
// Most sub-tests call newStore once, and one calls it twice. Each ability has one more
// call, to find out whether the store has it. The sub-tests run one after the other and use
// only the newest store.
//
// A store on a database has two ways to be empty. Each call takes a schema, database or
// file of its own, which t.Cleanup drops. Or newStore truncates one table, if no other test
// uses it at the same time. A transaction that is rolled back in the end does not work,
// because the suite calls the store from many goroutines.
//
// # When the database fails
//
// To see a store fail, a test must reach the database behind it. RunFaults takes a
// [Backdoor] for that: functions that disconnect the store, make its database read-only
// or full, or break a row. Leave nil what your database cannot do:
//
//	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
//		db := openDB(t)
//		return mystore.New(db), storetest.Backdoor{
//			Disconnect: func() error { return killConnections(db) },
//		}
//	})
//
// It checks five promises. A failure is not an outcome: a lost connection never reads as
// "the address is taken" or "there is no such account". What the store acknowledged is
// there. What it did not acknowledge is there as a whole, or not at all. When the fault is
// over, the store goes on by itself. A row that cannot be read is named, and stands in no
// other's way.
//
// # What the suite does not check
//
// The suite checks nothing that the contract leaves open, such as which of two fitting
// errors a method returns, or whether a cancelled call did its work. It stores what
// deskauth may store: strings of valid UTF-8 without control characters, and times from the
// year 1970 to the year 9999, or zero. Some clauses offer other strings, which a store may
// refuse.
package storetest
