// Package storetest checks an implementation of [deskauth.UserStore] against every clause
// of its contract: a store that passes can be handed to [deskauth.New]. [RunLimiter] does
// the same for a [deskauth.Limiter].
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
// Under -race the suite also finds data races, in stores that keep anything in memory.
// With -short it creates fewer accounts.
//
// # An empty store for each call
//
// Most sub-tests call newStore once, one calls it twice. They run one after the other and
// use only the newest store, so a store on a database has two ways of being empty: a
// schema, database or file of its own for each call, dropped in t.Cleanup; or one table
// that newStore truncates, if no other test uses it at the same time. A transaction that
// is rolled back in the end is no way: the suite calls the store from many goroutines.
//
// The suite asks for nothing that the contract leaves open, such as which error wins when
// two fit, or whether a cancelled call did its work. It stores only what deskauth may
// store: IDs, names and addresses are valid UTF-8 without control characters, times are
// of the years 1970 to 9999.
package storetest
