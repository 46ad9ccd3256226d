// Package limitertest checks an implementation of [deskauth.Limiter] against every clause
// of its contract. A limiter that passes can serve as the Limiter of a [deskauth.Config].
//
// This is the whole test of a limiter:
//
//	func TestRun(t *testing.T) {
//		limitertest.Run(t, func(t *testing.T) deskauth.Limiter {
//			return mylimiter.New(openDB(t)) // with no attempts counted
//		}, time.Sleep)
//	}
//
// Each clause is a sub-test on a new limiter. To run one clause, or the clauses of one
// method:
//
//	go test -run 'TestRun/Take/OneByOne'
//	go test -run 'TestRun/Take'
//
// Under -race the suite also finds data races in a limiter that counts in memory.
//
// # What the suite does not check
//
// The suite checks nothing that the contract leaves open: the outcome for a key that is
// taken at two rates, of a call without attempts, or whether a cancelled call did its work.
// Its keys are valid UTF-8 without control characters, of 1 to 600 bytes.
package limitertest
