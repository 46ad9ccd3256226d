package testkit

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// AsNobody calls a function as a user without rights. Root may do everything, so where the
// test runs as root, the thread takes another user's place for the file system (man
// setfsuid).
func AsNobody(t testing.TB, call func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		call()
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
	defer syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
	call()
}
