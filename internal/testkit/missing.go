package testkit

import (
	"os"
	"testing"
)

// Missing ends a test that lacks a program, a package or a server. err says why it cannot
// run, and install what mends that. The test is skipped. With CI=true it fails, because CI
// installs what tests need.
func Missing(t testing.TB, what, install string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s, which with CI=true is a failure: %v; %s", what, err, install)
	}
	t.Skipf("no %s: %v; %s", what, err, install)
}
