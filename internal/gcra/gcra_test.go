package gcra_test

import (
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

// clock is a time that stands still until it is moved.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanoseconds.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// take takes one attempt of one key, and returns the wait.
func take(l *gcra.Limiter, key string, attempts int, per time.Duration) time.Duration {
	_, wait := l.Take([]gcra.Attempt{{Key: key, Attempts: attempts, Per: per}})
	return wait
}

func TestTakeAllowsABurstAndThenASteadyRate(t *testing.T) {
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	again := func() time.Duration { return take(l, "k", 3, 30*time.Second) }
	for i := range 3 {
		if wait := again(); wait != 0 {
			t.Fatalf("attempt %d: wait %v, want 0", i+1, wait)
		}
	}
	for range 3 { // what is refused is not counted
		if wait := again(); wait != 10*time.Second {
			t.Fatalf("fourth attempt: wait %v, want 10s", wait)
		}
	}
	c.advance(10*time.Second - 1)
	if wait := again(); wait != 1 {
		t.Errorf("a nanosecond early: wait %v, want 1ns", wait)
	}
	c.advance(1)
	if wait := again(); wait != 0 {
		t.Errorf("after 10s: wait %v, want 0", wait)
	}
	if wait := again(); wait != 10*time.Second {
		t.Errorf("right after: wait %v, want 10s", wait)
	}
	c.advance(30 * time.Second)
	for i := range 3 {
		if wait := again(); wait != 0 {
			t.Errorf("attempt %d after a whole period: wait %v, want 0", i+1, wait)
		}
	}
	if wait := take(l, "other", 1, time.Second); wait != 0 {
		t.Errorf("another key: wait %v, want 0", wait)
	}
}

func TestS28_ParallelAttemptsAreAllCounted(t *testing.T) {
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	var allowed atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if take(l, "k", 10, time.Hour) == 0 {
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	if got := allowed.Load(); got != 10 {
		t.Errorf("%d of 100 parallel attempts were allowed, want 10", got)
	}
}

// A flood of keys must not make the limiter forget one that is being guessed at.
func TestAFloodOfKeysPushesItselfOut(t *testing.T) {
	c := newClock()
	l := gcra.New(c.now, 1<<12)
	for range 10 {
		take(l, "victim", 10, time.Hour)
	}
	for i := range 100_000 {
		take(l, strconv.Itoa(i), 10, time.Hour)
	}
	if wait := take(l, "victim", 10, time.Hour); wait == 0 {
		t.Error("after a hundred thousand other keys the victim has new attempts")
	}
}

// remembers reports whether key has had its one attempt of the hour. It counts an attempt
// of a key that is forgotten, which may push out another key.
func remembers(l *gcra.Limiter, key string) bool { return take(l, key, 1, time.Hour) > 0 }

func TestItRemembersUpToMaxKeys(t *testing.T) {
	const maxKeys = 64
	l := gcra.New(newClock().now, maxKeys)
	for i := range 1000 {
		take(l, strconv.Itoa(i), 1, time.Hour)
	}
	remembered := 0
	for i := range 1000 { // the newest first, because they are still there
		if remembers(l, strconv.Itoa(999-i)) {
			remembered++
		}
	}
	if remembered != maxKeys {
		t.Errorf("of 1000 keys %d are remembered, want %d", remembered, maxKeys)
	}
}

// A key is forgotten at the end of its period and then takes no room from the others.
func TestForgottenKeysGiveWay(t *testing.T) {
	c := newClock()
	const maxKeys = 1 << 13
	l := gcra.New(c.now, maxKeys)
	for i := range 3 * maxKeys {
		take(l, "old"+strconv.Itoa(i), 1, time.Second)
	}
	c.advance(time.Second)
	const kept = maxKeys * 7 / 10 // the room is split by the key's hash, never quite evenly
	for i := range kept {
		take(l, "new"+strconv.Itoa(i), 1, time.Hour)
	}
	for i := range kept {
		if key := "new" + strconv.Itoa(i); !remembers(l, key) {
			t.Fatalf("%s is forgotten: the keys of the last second took its room", key)
		}
	}
}

func TestP9_AMillionKeysStayUnder64MiB(t *testing.T) {
	c := newClock()
	before := heap()
	l := gcra.New(c.now, 1<<20)
	for i := range 1_000_000 {
		take(l, strconv.Itoa(i), 10, time.Hour)
	}
	full := heap() - before
	t.Logf("1,000,000 keys take %.1f MiB", float64(full)/(1<<20))
	if full > 64<<20 {
		t.Errorf("1,000,000 keys take %d bytes, want at most 64 MiB", full)
	}
	for i := range 200_000 {
		take(l, "more"+strconv.Itoa(i), 10, time.Hour)
	}
	more := heap() - before
	t.Logf("1,200,000 keys take %.1f MiB", float64(more)/(1<<20))
	if more > 64<<20 {
		t.Errorf("1,200,000 keys take %d bytes, want at most 64 MiB", more)
	}
	runtime.KeepAlive(l)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkTake(b *testing.B) {
	l := gcra.New(time.Now, 1<<20)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			take(l, "client "+strconv.Itoa(i%10_000), 10, time.Minute)
		}
	})
}

// P9: one call for the keys of a sign-in.
func BenchmarkTakeFiveKeys(b *testing.B) {
	l := gcra.New(time.Now, 1<<20)
	attempts := make([]gcra.Attempt, 5)
	for i := range attempts {
		attempts[i] = gcra.Attempt{Key: "signins from 192.0.2." + strconv.Itoa(i), Attempts: 10, Per: time.Millisecond}
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Take(attempts)
	}
}

func BenchmarkTakeNewKeys(b *testing.B) {
	l := gcra.New(time.Now, 1<<20)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		take(l, strconv.Itoa(i), 10, time.Hour)
	}
}
