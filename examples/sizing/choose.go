package main

import (
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

// A choice is the cost of a hash.
type choice struct {
	params deskauth.Argon2Params
	owasp  bool // OWASP recommends it, as one of five that are equally hard to guess
}

// choices are those of the OWASP Password Storage Cheat Sheet, the most memory first, and
// the second one of RFC 9106 §4, with one lane like the others.
var choices = []choice{
	owasp(46, 1),
	owasp(19, 2),
	owasp(12, 3),
	owasp(9, 4),
	owasp(7, 5),
	{params: deskauth.Argon2Params{Memory: 64 << 10, Time: 3, Parallelism: 1}},
}

func owasp(memory, time uint32) choice {
	return choice{params: deskauth.Argon2Params{Memory: memory << 10, Time: time, Parallelism: 1}, owasp: true}
}

func (c choice) String() string {
	return fmt.Sprintf("%d MiB, t=%d", c.params.Memory>>10, c.params.Time)
}

// memoryMiB returns the least memory that many hashes at once can take, in MiB.
func (c choice) memoryMiB(parallelism int) int {
	return int(c.params.Memory>>10) * parallelism
}

// A result is one measured row of the table.
type result struct {
	choice
	parallelism int
	measurement
}

// fits reports whether the process of the row took at most that much memory, in MiB.
func (r result) fits(memory int) bool {
	return r.Peak <= int64(memory)<<20
}

// defaultMemory is the memory of deskauth's default, in KiB. A choice with more memory is
// no harder to guess, so it is not worth its memory.
const defaultMemory = 19 << 10

// enough is the share of a choice's most hashes a second that will do. Fewer hashes at once
// then save memory.
const enough = 0.95

// recommend returns the default if it fits into memory, in MiB. Else it returns the first
// of OWASP's choices with less memory that does. It takes the fewest hashes at once with
// which the choice is nearly as fast as it can be.
func recommend(results []result, memory int) (result, error) {
	var fitting []result
	for _, r := range results {
		if r.owasp && r.params.Memory <= defaultMemory && r.fits(memory) {
			fitting = append(fitting, r)
		}
	}
	for _, r := range fitting { // the most memory a hash first, then the fewest at once
		if r.PerSecond >= enough*fastest(fitting, r.choice) {
			return r, nil
		}
	}
	return result{}, fmt.Errorf("no row takes at most -memory %d MiB: raise it", memory)
}

// fastest returns the most hashes a second of one choice, or 0 if it was not measured.
func fastest(results []result, of choice) (most float64) {
	for _, r := range results {
		if r.choice == of {
			most = max(most, r.PerSecond)
		}
	}
	return most
}

// queue returns how many callers may wait so that the last of them waits that long at most,
// behind the hashes that run and the callers before.
func (r result) queue(wait time.Duration) int {
	return max(int(r.PerSecond*wait.Seconds())-r.parallelism, 1)
}
