package pgxstore_test

import (
	"testing"

	"github.com/deskauth/deskauth/storetest"
)

// TestRun runs the suite in ways that a host's pool may be set up: how pgx sends statements,
// and which isolation level the database has as its default. [TestPgBouncer] has one more.
func TestRun(t *testing.T) {
	for name, params := range map[string][]string{
		"default":         nil,
		"serializable":    {"default_transaction_isolation=serializable"},
		"simple protocol": {"default_query_exec_mode=simple_protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, emptied(t, params...))
		})
	}
}
