package gcra_test

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

// A clock that was ahead and is set right must leave no key used up, by however much it was
// ahead.
func TestAClockSetBackForgets(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{
		time.Hour + 1, 2 * time.Hour, 24 * time.Hour, 365 * 24 * time.Hour, 100 * 365 * 24 * time.Hour,
	} {
		for _, used := range []int{1, 2, 3} {
			c := newClock()
			l := gcra.New(c.now, 1<<20)
			k := hourly("k", 3)
			c.advance(ahead)
			for range used {
				take(l, "k", 3, time.Hour)
			}
			c.advance(-ahead)
			if got := left(l, k); got != 3 {
				t.Errorf("%d used %v ahead of the time: %d attempts, want 3", used, ahead, got)
			}
			if wait := take(l, "k", 3, time.Hour); wait != 20*time.Minute {
				t.Errorf("%d used %v ahead of the time: then a wait of %v, want 20m", used, ahead, wait)
			}
		}
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
	const kept = maxKeys * 7 / 10
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
	for _, position := range []int{0, 15, 16, 31} { // of the byte that may choose
		l := gcra.New(newClock().now, maxKeys)
		victim := hourly("victim", 10)
		left(l, victim)
		like := sha256.Sum256([]byte(victim.Key))
		chosen := 0
		for i := 0; chosen < maxKeys/4; i++ {
			key := fmt.Sprint("chosen ", i)
			if sum := sha256.Sum256([]byte(key)); sum[position]%64 == like[position]%64 {
				chosen++
				take(l, key, 1, 2*time.Hour) // remembered longer than the victim
			}
		}
		if got := left(l, victim); got != 0 {
			t.Errorf("chosen by byte %d, %d keys of a room of %d push out the victim", position, chosen, maxKeys)
		}
	}
}
