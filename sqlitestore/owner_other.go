//go:build !unix

package sqlitestore

import "io/fs"

// shareOwner does nothing: the owner of the directory says who may use its files.
func shareOwner(string, fs.FileInfo) error { return nil }
