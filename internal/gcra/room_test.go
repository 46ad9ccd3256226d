package gcra_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

// What is not counted takes no room.
func TestGiveBackOfUnknownKeysTakesNoRoom(t *testing.T) {
	l := gcra.New(newClock().now, 1<<20)
	before := heap()
	for i := range 200_000 {
		l.GiveBack([]gcra.Attempt{hourly(strconv.Itoa(i), 10)})
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("200,000 keys that were never taken take %d bytes, want none", grown)
	}
	runtime.KeepAlive(l)
}

func TestTakeAllocatesNothing(t *testing.T) {
	l := gcra.New(time.Now, 1<<20)
	var calls [][]gcra.Attempt
	for n := range 6 {
		var call []gcra.Attempt
		for i := range n + 1 {
			key := fmt.Sprintf("signin somebody.with.a.long.name%d@example.com from 2001:db8:%d::/48", i, n)
			call = append(call, hourly(key, 1_000_000))
		}
		calls = append(calls, call)
	}
	for _, call := range calls {
		l.Take(call) // makes the keys
		if n := testing.AllocsPerRun(100, func() { l.Take(call) }); n != 0 {
			t.Errorf("Take of %d keys: %v allocations, want none", len(call), n)
		}
		if n := testing.AllocsPerRun(100, func() { l.GiveBack(call) }); n != 0 {
			t.Errorf("GiveBack of %d keys: %v allocations, want none", len(call), n)
		}
	}
}
