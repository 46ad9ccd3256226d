package deskauth_test

import (
	"testing"

	"github.com/deskauth/deskauth"
)

// A random UUID keeps all the bits that it is made of, but for the six that RFC 9562 §5.4
// fixes.
func TestRandomUUIDKeepsItsBits(t *testing.T) {
	t.Parallel()
	for _, fill := range []byte{0x00, 0xff, 0x5a} {
		var random, want [16]byte
		for i := range random {
			random[i] = fill ^ byte(17*i)
		}
		want = random
		want[6] = 0x40 | random[6]&0b0000_1111 // version 4
		want[8] = 0x80 | random[8]&0b0011_1111 // variant 10
		if got := deskauth.RandomUUID(random[:]); got != want {
			t.Errorf("the UUID of % x is % x, want % x", random, got[:], want)
		}
	}
}
