package sqlitestore_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// fullDiskEnv names the directory in which a process of its own has a disk: see
// onAFullDisk.
const fullDiskEnv = "SQLITESTORE_TEST_FULL_DISK"

// Open on a full disk says so, and blames no owner and no mode. The disk is one that only a
// process of its own sees.
func TestOpenOnAFullDisk(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(fullDiskEnv); dir != "" {
		fmt.Println(onAFullDisk(dir))
		os.Exit(0)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOpenOnAFullDisk$")
	cmd.Env = append(os.Environ(), fullDiskEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) || strings.HasPrefix(string(out), "mount: ") {
		t.Skipf("no disk of its own: %v %s", err, out)
	}
	want := fmt.Sprintf("sqlitestore: open %q: the disk of the directory %q is full",
		filepath.Join(dir, "accounts.db"), dir)
	if err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("Open: got the error %v, %s; want one with %q", err, out, want)
	}
}

// onAFullDisk returns what Open says of a database on a disk without room.
func onAFullDisk(dir string) error {
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=512k"); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	path := filepath.Join(dir, "accounts.db")
	store, err := sqlitestore.Open(path)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		return err
	}
	for i := 0; ; i++ { // a tmpfs gives room by the page
		err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), make([]byte, 4096), 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if err != nil {
			return err
		}
	}
	store, err = sqlitestore.Open(path)
	if err == nil {
		return errors.Join(errors.New("no error"), store.Close())
	}
	return err
}
