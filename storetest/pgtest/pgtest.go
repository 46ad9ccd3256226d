// Package pgtest finds a PostgreSQL server for tests, or starts one.
//
// [URL] is for tests that need a database: it takes the one that DESKAUTH_TEST_POSTGRES_URL
// names, and otherwise starts a server of its own from the installed programs, which all
// tests of the process share. [Start] is for tests that stop and start the server. Without
// the programs (on Debian, apt-get install postgresql) the test is skipped; with CI=true in
// the environment, where nobody would notice, it fails.
//
// A server listens on a free port of 127.0.0.1, keeps its files in a temporary directory,
// and runs as postgres or nobody where the test runs as root. When the test process ends,
// however that is, the server is stopped and its directory removed.
package pgtest

import (
	"os"
	"sync"
	"testing"
)

// Variable is the environment variable that names a database for tests, as a URL.
const Variable = "DESKAUTH_TEST_POSTGRES_URL"

var shared = sync.OnceValues(func() (*Server, error) { return launch(true) })

// URL returns the URL of a database that any number of tests may use at once: each makes a
// schema of its own and drops it. A server that is started for it does not sync to the disk.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(Variable); url != "" {
		return url
	}
	server, err := shared()
	if err != nil {
		missing(t, err)
	}
	return server.URL()
}

// Start starts a server for one test, which may stop it and start it again. It works as it
// does for users, so that it is for benchmarks too.
func Start(t testing.TB) *Server {
	t.Helper()
	server, err := launch(false)
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(server.remove)
	return server
}

// missing ends a test that has no database.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no PostgreSQL, and with CI=true that is a failure: %v", err)
	}
	t.Skipf("no PostgreSQL: %v; set %s, or install the server", err, Variable)
}
