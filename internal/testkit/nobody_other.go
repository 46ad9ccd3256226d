//go:build !linux

package testkit

import (
	"os"
	"runtime"
	"testing"
)

// AsNobody calls a function, if the test does not run as root, who may do everything.
func AsNobody(t testing.TB, call func()) {
	t.Helper()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("a test of modes, which this user or system does not have")
	}
	call()
}
