package oteldeskauth

import (
	"maps"
	"slices"

	"github.com/deskauth/deskauth"
	nometric "go.opentelemetry.io/otel/metric/noop"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// What the tests of package oteldeskauth_test may see of the inside.

// StoreMethods are the methods of a store that are measured.
var StoreMethods = storeMethods

// Outcomes returns the values of the label deskauth.outcome: of an operation, of a mail,
// and of a call of the host's code.
func Outcomes() (ofOperation, ofMail, ofCall []string) {
	for o := range numOutcomes {
		ofCall = append(ofCall, o.String())
	}
	return []string{succeeded.String(), refused.String(), failed.String()}, []string{"sent", "withheld", "failed"}, ofCall
}

// Lists returns the values that each other label may have.
func Lists() map[string][]string {
	return map[string][]string{
		string(labelOperation): listed(operations),
		string(labelEvent):     listed(events),
		string(labelReason):    listed(reasons),
		string(labelMail):      listed(mails),
		string(labelLimit):     listed(limits),
		string(labelMethod):    slices.Concat(storeMethods, limiterMethods, keyMethods),
		string(labelCallers):   {"running", "waiting"},
	}
}

// listed returns the values of a set, and what all others become.
func listed[T ~string](s set[T]) []string { return append(slices.Sorted(maps.Values(s)), other) }

// AsValue turns a name of deskauth's into the value of a label.
func AsValue(name string) string { return asValue.Replace(name) }

// Combine returns a store with the abilities of a sum, on users that have all of them.
func Combine(sum int, users deskauth.UserStore) deskauth.UserStore {
	s := &store{users: users, calls: newCalls(notrace.Tracer{}, "", storeMethods, nometric.Float64Histogram{})}
	return combinations[sum](s, able{s})
}

// IsInMemory is inMemory.
func IsInMemory(host any) bool { return inMemory(host) }
