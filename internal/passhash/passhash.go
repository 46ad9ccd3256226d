// Package passhash reads and makes password hashes as texts in the PHC string format.
// [Parse] checks a stored text before anything is computed, and with it all that decides
// how much work the computation is.
package passhash

import (
	"errors"
	"strings"
)

// The upper bounds of stored and of configured parameters. A hash above them comes from a
// mistake, or from an attacker who wants the process to stall.
const (
	MaxMemory      = 256 << 10 // KiB
	MaxTime        = 16
	MaxParallelism = 16
	MaxBcryptCost  = 14
)

// maxEncodedBytes is more than a text of any scheme can have.
const maxEncodedBytes = 512

// A Hash is a stored password hash that has been checked. It is safe for concurrent use.
type Hash interface {
	// Verify computes the hash of password and compares it in constant time.
	Verify(password string) bool
	// WeakerThan reports whether one made with p should replace the stored hash. That is
	// so if the hash has another scheme or other lanes, takes less work, or takes less
	// than a quarter of the memory.
	WeakerThan(p Params) bool
	// Covers reports whether every byte of password counts in the hash. Only then is a
	// password that verifies the one that was chosen.
	Covers(password string) bool
	// String returns the stored text.
	String() string
}

// schemes has the parser for each prefix.
var schemes = []struct {
	prefix string
	parse  func(encoded string) (Hash, error)
}{
	{argon2idPrefix, parseArgon2id},
	{"$2a$", parseBcrypt},
	{"$2b$", parseBcrypt},
	{"$2y$", parseBcrypt},
}

// Parse checks encoded and computes no hash. The error's text does not quote it.
func Parse(encoded string) (Hash, error) {
	if len(encoded) > maxEncodedBytes {
		return nil, errors.New("the stored password hash is too long")
	}
	for _, s := range schemes {
		if strings.HasPrefix(encoded, s.prefix) {
			return s.parse(encoded)
		}
	}
	return nil, errors.New("the stored password hash is of no known scheme")
}
