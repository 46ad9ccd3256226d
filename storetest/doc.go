// Package storetest checks an implementation of [deskauth.UserStore] against every clause
// of its contract: a store that passes can be handed to [deskauth.New]. [RunFaults] checks
// what it does when its database fails, and [RunLimiter] a [deskauth.Limiter].
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
// Each clause is a sub-test on a new, empty store. To run one of them, or one method's:
//
//	go test -run 'TestRun/UpdateUser/FreesTheOldEmail'
//	go test -run 'TestRun/UpdateUser'
//
// A store that is a [deskauth.GuestPurger], [deskauth.UserDeleter], [deskauth.UserLister] or
// [deskauth.UserImporter] is checked against the clauses of that ability too, in sub-tests
// named after its method, like PurgeGuests/Limit. Of a store that is none of them nothing is
// asked, so a type that passes by having lost a method deserves a line like
//
//	var _ deskauth.GuestPurger = (*mystore.Store)(nil)
//
// Under -race the suite also finds data races, in stores that keep anything in memory.
// With -short it creates fewer accounts, and 50 goroutines write one account where 200 do
// otherwise.
//
// # An empty store for each call
//
// Most sub-tests call newStore once, one calls it twice, and each ability has one call to
// find out whether the store has it. They run one after the other and use only the newest
// store, so a store on a database has two ways of being empty: a
// schema, database or file of its own for each call, dropped in t.Cleanup; or one table
// that newStore truncates, if no other test uses it at the same time. A transaction that
// is rolled back in the end is no way: the suite calls the store from many goroutines.
//
// # When the database fails
//
// What a store does without its database, nobody can check from in front of it. RunFaults
// takes a [Backdoor] besides, funcs that disconnect the store, or make its database read-only
// or full. What cannot be done to a database is left nil:
//
//	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
//		db := openDB(t)
//		return mystore.New(db), storetest.Backdoor{
//			Disconnect: func() error { return killConnections(db) },
//		}
//	})
//
// It holds stores to this: an error is no outcome, so nobody hears that an address is taken,
// or that an account is gone, because a connection was; what was acknowledged is there; what
// was not is there whole or not at all; and when the fault is over, the store goes on by
// itself.
//
// # What is not asked
//
// The suite asks for nothing that the contract leaves open, such as which error wins when
// two fit, or whether a cancelled call did its work. What it wants stored is what deskauth
// may store: strings are valid UTF-8 without control characters, times are of the years 1970
// to 9999, or zero. Some clauses offer other strings, which a store may refuse.
package storetest
