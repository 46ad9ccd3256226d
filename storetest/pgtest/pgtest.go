// Package pgtest finds a PostgreSQL server for tests, or starts one.
//
// [URL] is for tests that need a database. It takes the one that DESKAUTH_TEST_POSTGRES_URL
// names. Otherwise it starts a server from the installed programs, which all tests of the
// process share. [Start] is for tests that stop and start the server. Without the programs
// (on Debian, apt-get install postgresql) the test is skipped. With CI=true in the
// environment it fails instead, because a skipped test is easily overlooked there. A server
// that does not start, for example on a full disk, fails the test anyway.
//
// [StartProxy] puts a proxy in front of a server, which falls silent when it is told to.
//
// A server listens on a free port of 127.0.0.1 and keeps its files in a temporary
// directory. Where the test runs as root, the server runs as the user postgres or nobody.
// When the test process ends, in whatever way, the server stops and its directory is
// removed.
package pgtest

import (
	"errors"
	"os"
	"sync"
	"testing"
)

// Variable is the environment variable that names a database for tests, as a URL.
const Variable = "DESKAUTH_TEST_POSTGRES_URL"

var shared = sync.OnceValues(func() (*Server, error) { return launch(true) })

// URL returns the URL of a database that any number of tests may use at once. Each test
// creates a schema of its own and drops it. A server that URL starts does not sync to disk.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(Variable); url != "" {
		return url
	}
	server, err := shared()
	if err != nil {
		notStarted(t, err)
		return ""
	}
	return server.URL()
}

// Start starts a server for one test, which may stop it and start it again. The server runs
// with PostgreSQL's own settings for durability, so benchmarks can use it too.
func Start(t testing.TB) *Server {
	t.Helper()
	server, err := launch(false)
	if err != nil {
		notStarted(t, err)
		return nil
	}
	t.Cleanup(server.remove)
	return server
}

// errMissing says that this machine lacks something that a server needs.
var errMissing = errors.New("PostgreSQL cannot run here")

// notStarted ends a test whose server did not start.
func notStarted(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) {
		missing(t, err)
		return
	}
	t.Fatalf("start PostgreSQL: %v", err)
}

// missing ends a test that has no database.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no PostgreSQL, which with CI=true is a failure: %v; set %s, or install the server", err, Variable)
	}
	t.Skipf("no PostgreSQL: %v; set %s, or install the server", err, Variable)
}
