package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// asNobody calls a function as a user without rights. Root may do everything, so where the
// test runs as root, the thread takes another user's place for the file system (man
// setfsuid).
func asNobody(call func()) {
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

// A file in a directory that is closed to the user may well be there.
func TestFileInAClosedDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	asNobody(func() {
		_, err := readFile(filepath.Join(closed, "canary.key"))
		if err == nil || !strings.Contains(err.Error(), "may not look into the directory of the file") {
			t.Errorf("got the error %v, want one that says that the directory is closed", err)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("got the error %v, want it without the path: it may be a key", err)
		}
	})
}
