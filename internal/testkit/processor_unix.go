//go:build unix

package testkit

import (
	"syscall"
	"testing"
	"time"
)

// ProcessorTime returns how long processors have worked for this process. A busy machine
// does not stretch it as it does the clock's time.
func ProcessorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
