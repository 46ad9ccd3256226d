//go:build unix

package sqlitestore

import (
	"io/fs"
	"os"
	"syscall"
)

// shareOwner gives a file that root has made the owner of another file. Other users can
// give nothing away.
func shareOwner(path string, of fs.FileInfo) error {
	owner, ok := of.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, int(owner.Uid), int(owner.Gid))
}
