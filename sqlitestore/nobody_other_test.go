//go:build !linux

package sqlitestore_test

import (
	"os"
	"runtime"
	"testing"
)

// asNobody calls a function, if the test does not run as root, who may do everything.
func asNobody(t *testing.T, call func()) {
	t.Helper()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("a test of modes, which this user or system does not have")
	}
	call()
}
