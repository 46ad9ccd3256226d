// Package redistest starts a Redis server for tests, and breaks it.
//
// [Start] runs redis-server, or valkey-server, from the path. Without the program (on
// Debian, apt-get install redis-server) the test is skipped. With CI=true in the
// environment it fails instead, because a skipped test is easily overlooked there. A server
// that does not start, for example because of a wrong setting, fails the test anyway.
//
// A server listens on a free port of 127.0.0.1 and keeps nothing on disk: after a restart
// it is empty, as a server without persistence is. When the test process ends, in whatever
// way, the server ends too.
package redistest

import (
	"errors"
	"os"
	"testing"
)

// Start starts a server for one test, which may kill, start, freeze and thaw it. The server
// ends with the test. The settings are those of redis.conf, as in "maxmemory", "10mb".
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	server, err := launch(settings)
	switch {
	case errors.Is(err, errMissing):
		missing(t, err)
		return nil
	case err != nil:
		t.Fatalf("start Redis: %v", err)
		return nil
	}
	t.Cleanup(server.remove)
	return server
}

// errMissing says that there is no server to start.
var errMissing = errors.New("redis-server is not installed")

// missing ends a test that has no server.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no Redis, which with CI=true is a failure: %v; install redis-server", err)
	}
	t.Skipf("no Redis: %v; install redis-server", err)
}
