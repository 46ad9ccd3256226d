package main

import (
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

// A choice is the cost of a hash.
type choice struct {
	params deskauth.Argon2Params
	owasp  bool // one of those that OWASP holds to be as good as one another
}

// choices are those of the OWASP Password Storage Cheat Sheet, the most memory first, and
// the second one of RFC 9106 §4, with one lane as the others.
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

// memoryMiB is the least that so many hashes at once can take.
func (c choice) memoryMiB(parallelism int) int {
	return int(c.params.Memory>>10) * parallelism
}

// A result is one measured row of the table.
type result struct {
	choice
	parallelism int
	measurement
}

// fits reports whether the row's process stayed in so many MiB.
func (r result) fits(memory int) bool {
	return r.Peak <= int64(memory)<<20
}

// defaultMemory is the KiB of deskauth's default. Of choices that are as hard to guess, none
// with more is worth its memory.
const defaultMemory = 19 << 10

// enough is the part of a choice's most hashes a second for which fewer at once are taken,
// for the memory that they save.
const enough = 0.95

// recommend returns the default, or, of OWASP's choices with less memory, the first that
// fits; with no more hashes at once than it needs to be as fast as it can.
func recommend(results []result, memory int) (result, error) {
	var fitting []result
	for _, r := range results {
		if r.owasp && r.params.Memory <= defaultMemory && r.fits(memory) {
			fitting = append(fitting, r)
		}
	}
	for _, r := range fitting { // the most memory for a hash first, then the fewest at once
		if r.PerSecond >= enough*fastest(fitting, r.choice) {
			return r, nil
		}
	}
	return result{}, fmt.Errorf("no row stays within -memory %d: give it more", memory)
}

// fastest is the most hashes a second of one choice.
func fastest(results []result, of choice) (most float64) {
	for _, r := range results {
		if r.choice == of {
			most = max(most, r.PerSecond)
		}
	}
	return most
}

// queue is how many may wait so that the last of them is answered in time: behind all that
// run and all that wait before.
func (r result) queue(wait time.Duration) int {
	return max(int(r.PerSecond*wait.Seconds())-r.parallelism, 1)
}
