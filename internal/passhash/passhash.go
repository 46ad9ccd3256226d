// Package passhash reads and makes password hashes as texts in the PHC string format.
// [Parse] checks a stored text, and with it everything that would decide how much work
// it is to compute, before anything is computed.
package passhash

import (
	"errors"
	"strings"
)

// Bounds of the parameters, of stored hashes and of configured ones. A hash above them
// could only come from a mistake or from somebody who wants the process to stall.
const (
	MaxMemory      = 256 << 10 // KiB
	MaxTime        = 16
	MaxParallelism = 16
	MaxBcryptCost  = 14
)

// maxEncodedBytes is above every text that the schemes can make.
const maxEncodedBytes = 512

// ErrUnknown is returned by [Parse] for a text of no known scheme.
var ErrUnknown = errors.New("the stored password hash is of no known scheme")

// A Hash is a stored password hash that has been checked and may be computed.
type Hash interface {
	// Verify computes the hash of password and compares in constant time.
	Verify(password string) bool
	// WeakerThan reports whether the stored hash should be replaced by one made with p: it
	// is of another scheme, takes less work or a quarter of the memory, or has other lanes.
	WeakerThan(p Params) bool
	// Covers reports whether every byte of password counts in the hash. Only then is it
	// known that a password which verifies is the one that was chosen.
	Covers(password string) bool
	// String returns the stored text.
	String() string
}

// schemes is the table of what is understood: prefix → parser.
var schemes = []struct {
	prefix string
	parse  func(encoded string) (Hash, error)
}{
	{argon2idPrefix, parseArgon2id},
	{"$2a$", parseBcrypt},
	{"$2b$", parseBcrypt},
	{"$2y$", parseBcrypt},
}

// Parse checks encoded without computing any hash. The error's text does not quote it.
func Parse(encoded string) (Hash, error) {
	if len(encoded) > maxEncodedBytes {
		return nil, errors.New("the stored password hash is too long")
	}
	for _, s := range schemes {
		if strings.HasPrefix(encoded, s.prefix) {
			return s.parse(encoded)
		}
	}
	return nil, ErrUnknown
}
