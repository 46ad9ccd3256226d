package gcra_test

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/deskauth/deskauth/internal/gcra"
)

// A wallClock goes as time.Now does, and its wall clock can be set. Its monotonic reading
// stays what it is.
type wallClock struct{ ahead atomic.Int64 } // in seconds

func (c *wallClock) now() time.Time {
	t := time.Now()
	// A Time with a monotonic reading has its seconds of the wall clock in 33 bits of its
	// first word.
	*(*uint64)(unsafe.Pointer(&t)) += uint64(c.ahead.Load()) << 30
	return t
}

func (c *wallClock) set(t *testing.T, ahead time.Duration) {
	t.Helper()
	c.ahead.Store(int64(ahead / time.Second))
	from := time.Now()
	to := c.now()
	if wall := to.Round(0).Sub(from.Round(0)) - ahead; wall < 0 || wall > time.Minute {
		t.Fatalf("the wall clock of the test is off by %v", wall)
	}
	if monotonic := to.Sub(from); monotonic < 0 || monotonic > time.Minute {
		t.Fatalf("the monotonic clock of the test jumps by %v", monotonic)
	}
}

// The wall clock of a machine that was ahead, or behind, by however much and is set right
// changes no count: what was used is used, and no more.
func TestTheWallClockDoesNotCount(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{
		time.Second, time.Minute, 30 * time.Minute, time.Hour, 25 * time.Hour, 20 * 365 * 24 * time.Hour,
		-time.Second, -30 * time.Minute, -25 * time.Hour, -20 * 365 * 24 * time.Hour,
	} {
		for _, used := range []int{1, 5, 10} {
			var c wallClock
			l := gcra.New(c.now, 1<<20)
			k := hourly("k", 10)
			for range 2 { // it steps, and steps back
				c.set(t, ahead)
				for range used {
					take(l, "k", 10, time.Hour)
				}
				c.set(t, 0)
				for range used {
					l.GiveBack([]gcra.Attempt{k})
				}
			}
			c.set(t, ahead)
			for range used {
				take(l, "k", 10, time.Hour)
			}
			c.set(t, 0)
			if got := left(l, k); got != 10-used {
				t.Errorf("%d of 10 used %v ahead of the time: %d attempts are left, want %d", used, ahead, got, 10-used)
			}
			if wait := take(l, "k", 10, time.Hour); wait <= 5*time.Minute || wait > 6*time.Minute {
				t.Errorf("used up %v ahead of the time: then a wait of %v, want 6m", ahead, wait)
			}
		}
	}
}

// What a clock without a monotonic reading has counted while it was ahead is forgotten when
// it is set right, whether the key was used up or not. By less than a second it counts.
func TestAClockSetBackForgets(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{
		time.Second + 1, time.Minute, 55 * time.Minute, time.Hour, time.Hour + 1, 2 * time.Hour, 24 * time.Hour,
		365 * 24 * time.Hour, 100 * 365 * 24 * time.Hour,
	} {
		for _, used := range []int{1, 50, 100} {
			c := newClock()
			l := gcra.New(c.now, 1<<20)
			k := hourly("k", 100)
			c.advance(ahead)
			for range used {
				take(l, "k", 100, time.Hour)
			}
			c.advance(-ahead)
			if got := left(l, k); got != 100 {
				t.Errorf("%d used %v ahead of the time: %d attempts, want 100", used, ahead, got)
			}
			if wait := take(l, "k", 100, time.Hour); wait != 36*time.Second {
				t.Errorf("%d used %v ahead of the time: then a wait of %v, want 36s", used, ahead, wait)
			}
			c.advance(-ahead)
			l.GiveBack([]gcra.Attempt{k})
			if got := left(l, k); got != 100 {
				t.Errorf("given back after %v: %d attempts, want 100", ahead, got)
			}
		}
	}
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	k := hourly("k", 100)
	for range 7 { // small corrections
		take(l, "k", 100, time.Hour)
		c.advance(-time.Second)
	}
	if got := left(l, k); got < 92 || got > 93 { // 7 of 36 seconds are missing
		t.Errorf("after 7 attempts and steps of a second: %d attempts, want 92 or 93", got)
	}
}

// By however little a clock was ahead, a key that was used up is usable at once.
func TestAClockSetBackALittleForgetsUsedUpKeys(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{1, time.Millisecond, time.Second, time.Minute, 59 * time.Minute} {
		c := newClock()
		l := gcra.New(c.now, 1<<20)
		c.advance(ahead)
		left(l, hourly("k", 3))
		c.advance(-ahead)
		if wait := take(l, "k", 3, time.Hour); wait != 0 {
			t.Errorf("used up %v ahead of the time: a wait of %v, want none", ahead, wait)
		}
	}
}

// The wait never exceeds what the rate can ask for, whatever the clock did.
func TestWaitsAreOfTheRate(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	for i, jump := range []time.Duration{
		-time.Minute, time.Hour, -2 * time.Hour, 365 * 24 * time.Hour, -366 * 24 * time.Hour, -time.Second, 1, -1,
	} {
		c.advance(jump)
		for range 5 {
			if wait := take(l, "k", 3, time.Hour); wait > 20*time.Minute {
				t.Errorf("after jump %d: a wait of %v, want at most 20m", i, wait)
			}
			l.GiveBack([]gcra.Attempt{hourly("given back", 2)})
			if wait := take(l, "given back", 2, time.Hour); wait > 30*time.Minute {
				t.Errorf("after jump %d: a wait of %v, want at most 30m", i, wait)
			}
		}
	}
}

func TestGiveBackAfterAClockSetBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	k := hourly("k", 3)
	c.advance(24 * time.Hour)
	left(l, k)
	c.advance(-24 * time.Hour)
	l.GiveBack([]gcra.Attempt{k})
	wantLeft(t, l, k, 3)
}

// A limiter that was filled while the clock was ahead makes room for the keys of the real
// time: those of the future would otherwise stay, and push out each other key.
func TestKeysOfTheFutureGiveWay(t *testing.T) {
	t.Parallel()
	c := newClock()
	const maxKeys = 1 << 12
	l := gcra.New(c.now, maxKeys)
	c.advance(365 * 24 * time.Hour)
	for i := range 3 * maxKeys {
		take(l, "future"+strconv.Itoa(i), 1, time.Hour)
	}
	c.advance(-365 * 24 * time.Hour)
	const kept = maxKeys / 2 // so that no shard gets more than it has room for
	for i := range kept {
		take(l, "new"+strconv.Itoa(i), 2, time.Hour)
	}
	forgotten := 0
	for i := range kept {
		if left(l, hourly("new"+strconv.Itoa(i), 2)) != 1 {
			forgotten++
		}
	}
	if forgotten > 0 {
		t.Errorf("%d of %d new keys are forgotten: those of the future have their room", forgotten, kept)
	}
}

// Keys whose SHA-256 is alike fall into one shard if that is all that chooses it. An
// attacker can compute such keys, and push out the key that it guesses at with a
// sixty-fourth of the room.
func TestS46_ChosenKeysPushOutNoOther(t *testing.T) {
	t.Parallel()
	const maxKeys = 1 << 12
	victim := hourly("victim", 10)
	like := sha256.Sum256([]byte(victim.Key))
	chosen := make([][]string, len(like)) // by the byte that they have in common
	for i := range maxKeys * 64 / 4 {
		key := fmt.Sprint("chosen ", i)
		sum := sha256.Sum256([]byte(key))
		for position := range sum {
			if sum[position]%64 == like[position]%64 {
				chosen[position] = append(chosen[position], key)
			}
		}
	}
	for position, keys := range chosen {
		l := gcra.New(newClock().now, maxKeys)
		left(l, victim)
		for _, key := range keys[:maxKeys/8] {
			take(l, key, 1, 2*time.Hour) // remembered longer than the victim
		}
		if got := left(l, victim); got != 0 {
			t.Errorf("chosen by byte %d, %d keys of a room of %d push out the victim", position, maxKeys/8, maxKeys)
		}
	}
}

// Nor does any other function of the key alone choose its shard: a key that shares the room
// of another one in one process does not do so in all of them.
func TestS46_EachProcessSpreadsKeysAnew(t *testing.T) {
	t.Parallel()
	const processes, keys = 20, 200
	together := make(map[int]int) // how often a key has pushed out the victim, alone with it
	for range processes {
		for i := range keys {
			l := gcra.New(newClock().now, 64) // room for one key in each shard
			victim := hourly("victim", 10)
			left(l, victim)
			take(l, strconv.Itoa(i), 1, 2*time.Hour)
			if left(l, victim) > 0 {
				together[i]++
			}
		}
	}
	if len(together) < 20 {
		t.Errorf("%d of %d keys have met the victim: the test shows nothing", len(together), keys)
	}
	for i, n := range together {
		if n > processes/2 {
			t.Errorf("key %d meets the victim in %d of %d processes", i, n, processes)
		}
	}
}
