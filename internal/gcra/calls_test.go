package gcra_test

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

func hourly(key string, attempts int) gcra.Attempt {
	return gcra.Attempt{Key: key, Attempts: attempts, Per: time.Hour}
}

// left returns how many attempts a key has now, and uses them up.
func left(l *gcra.Limiter, a gcra.Attempt) (n int) {
	for ; n <= 1000; n++ {
		if refused, _ := l.Take([]gcra.Attempt{a}); refused >= 0 {
			break
		}
	}
	return n
}

func wantLeft(t *testing.T, l *gcra.Limiter, a gcra.Attempt, want int) {
	t.Helper()
	if got := left(l, a); got != want {
		t.Errorf("%s has %d attempts left of %d, want %d", a.Key, got, a.Attempts, want)
	}
}

func TestS41_AllOrNone(t *testing.T) {
	t.Parallel()
	used, a, b := hourly("used up", 1), hourly("a", 3), hourly("b", 2)
	for name, call := range map[string][]gcra.Attempt{
		"refused first": {used, a, b}, "refused in the middle": {a, used, b}, "refused last": {a, b, used},
	} {
		l := gcra.New(newClock().now, 1<<20)
		left(l, used)
		for range 10 {
			refused, wait := l.Take(call)
			if refused < 0 || call[refused] != used || wait != time.Hour {
				t.Errorf("%s: got attempt %d and the wait %v, want that of the key that is used up, and an hour",
					name, refused, wait)
			}
		}
		wantLeft(t, l, a, 3)
		wantLeft(t, l, b, 2)
	}
}

// Of several that are refused, the one that waits longest is told: after its wait all of
// the call is allowed.
func TestTakeReturnsTheLongestWait(t *testing.T) {
	t.Parallel()
	short, long, free := hourly("short", 60), hourly("long", 2), hourly("free", 60)
	for _, call := range [][]gcra.Attempt{{free, short, long}, {long, short, free}, {short, free, long}} {
		c := newClock()
		l := gcra.New(c.now, 1<<20)
		left(l, short)
		left(l, long)
		refused, wait := l.Take(call)
		if refused < 0 || call[refused] != long || wait != 30*time.Minute {
			t.Errorf("got attempt %d of %v and the wait %v, want that of long, and 30m", refused, call, wait)
		}
		c.advance(wait - 1)
		if refused, _ := l.Take(call); refused < 0 {
			t.Error("a nanosecond early: the call is allowed")
		}
		c.advance(1)
		if refused, wait := l.Take(call); refused != -1 || wait != 0 {
			t.Errorf("after the wait: got attempt %d and %v, want -1 and 0", refused, wait)
		}
	}
}

func TestOfEqualWaitsTheFirstIsTold(t *testing.T) {
	t.Parallel()
	l := gcra.New(newClock().now, 1<<20)
	a, b := hourly("a", 2), hourly("b", 2)
	left(l, a)
	left(l, b)
	for range 2 {
		if refused, wait := l.Take([]gcra.Attempt{a, b}); refused != 0 || wait != 30*time.Minute {
			t.Errorf("got attempt %d and the wait %v, want 0 and 30m", refused, wait)
		}
		a, b = b, a
	}
}

func TestAKeyTwiceInACallCountsTwice(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	k, other := hourly("k", 3), hourly("other", 3)
	pair := []gcra.Attempt{k, other, k}
	if refused, wait := l.Take(pair); refused != -1 || wait != 0 {
		t.Fatalf("two of three: got attempt %d and %v, want -1 and 0", refused, wait)
	}
	if refused, wait := l.Take(pair); refused != 2 || wait != 20*time.Minute {
		t.Errorf("two, and one is left: got attempt %d and %v, want 2, which is the second of the key, and 20m",
			refused, wait)
	}
	wantLeft(t, l, other, 2)
	l.GiveBack(pair)
	wantLeft(t, l, other, 1)
	wantLeft(t, l, k, 3)
	if refused, wait := l.Take([]gcra.Attempt{k, k}); refused != 1 || wait != 40*time.Minute {
		t.Errorf("two, and none is left: got attempt %d and %v, want 1 and 40m", refused, wait)
	}
	c.advance(40 * time.Minute)
	if refused, _ := l.Take([]gcra.Attempt{k, k}); refused != -1 {
		t.Errorf("after the wait: attempt %d is refused", refused)
	}
}

func TestAnEmptyCallIsAllowed(t *testing.T) {
	t.Parallel()
	l := gcra.New(newClock().now, 1<<20)
	if refused, wait := l.Take(nil); refused != -1 || wait != 0 {
		t.Errorf("got attempt %d and %v, want -1 and 0", refused, wait)
	}
	l.GiveBack(nil)
}

func TestS41_GiveBackReturnsOneAttempt(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	k, other := hourly("k", 5), hourly("other", 5)
	left(l, k)
	left(l, other)
	l.GiveBack([]gcra.Attempt{k})
	wantLeft(t, l, k, 1)
	wantLeft(t, l, other, 0)
	l.GiveBack([]gcra.Attempt{k, other, k})
	wantLeft(t, l, k, 2)
	wantLeft(t, l, other, 1)
	c.advance(90 * time.Second) // an eighth of what one attempt takes to come back
	l.GiveBack([]gcra.Attempt{k})
	wantLeft(t, l, k, 1)
	if wait := take(l, "k", 5, time.Hour); wait != 12*time.Minute-90*time.Second {
		t.Errorf("the wait is %v, want 10m30s: what has come back in part is kept", wait)
	}
}

// What was never taken cannot be given back.
func TestS41_GiveBackWidensNothing(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := gcra.New(c.now, 1<<20)
	k := hourly("k", 3)
	giveBack := func(n int) {
		for range n {
			l.GiveBack([]gcra.Attempt{k, k, k})
		}
	}
	giveBack(5)
	wantLeft(t, l, k, 3)
	giveBack(5) // of 3 that were taken
	wantLeft(t, l, k, 3)
	c.advance(time.Hour) // all have come back by themselves
	giveBack(5)
	wantLeft(t, l, k, 3)
	c.advance(time.Hour - time.Minute)
	giveBack(1)
	wantLeft(t, l, k, 3)
}

// Calls of several keys, in any order, are atomic and never wait for each other in a
// circle.
func TestS41_ParallelCallsAreWhole(t *testing.T) {
	t.Parallel()
	l := gcra.New(newClock().now, 1<<20)
	const narrow, wide = 20, 900
	attempts := make([]gcra.Attempt, 200) // in every shard
	for i := range attempts {
		attempts[i] = hourly(strconv.Itoa(i), wide)
	}
	scarce := hourly("scarce", narrow)
	var allowed, taken atomic.Int64
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			for range 100 {
				call := []gcra.Attempt{scarce}
				for range 4 {
					call = append(call, attempts[random.IntN(len(attempts))])
				}
				random.Shuffle(len(call), func(i, j int) { call[i], call[j] = call[j], call[i] })
				if refused, _ := l.Take(call); refused < 0 {
					allowed.Add(1)
				} else if call[refused] != scarce {
					t.Errorf("attempt %d of %v is refused", refused, call)
				}
				if rest := call[:2]; call[0] != scarce && call[1] != scarce {
					if refused, _ := l.Take(rest); refused < 0 {
						l.GiveBack(rest)
					}
				}
			}
		})
	}
	group.Wait()
	if allowed.Load() != narrow {
		t.Errorf("%d calls were allowed, want %d", allowed.Load(), narrow)
	}
	for _, a := range attempts {
		taken.Add(int64(a.Attempts - left(l, a)))
	}
	if taken.Load() != 4*narrow {
		t.Errorf("%d attempts of the other keys are counted, want %d: four of each call that was allowed",
			taken.Load(), 4*narrow)
	}
}

// Of attempts in parallel each one counts: there is no gap between a call's look at a key
// and its count. Callers that wait long get the lock as soon as it is free.
func TestS41_NoAttemptIsLost(t *testing.T) {
	t.Parallel()
	const callers, calls, spare = 8, 500, 10
	now := func() time.Time {
		for range 20 {
			runtime.Gosched()
		}
		return time.Unix(1_700_000_000, 0)
	}
	l := gcra.New(now, 1<<20)
	k := hourly("k", callers*calls+spare)
	var group sync.WaitGroup
	for n := range callers {
		call := []gcra.Attempt{k, hourly(strconv.Itoa(n), calls)} // in two shards
		group.Go(func() {
			for range calls {
				if refused, _ := l.Take(call); refused >= 0 {
					t.Errorf("attempt %d is refused", refused)
				}
			}
		})
	}
	group.Wait()
	wantLeft(t, l, k, spare)
}

// No two calls of a key are inside at once. The clock is read there, and lets others in.
func TestCallsOfAKeyWaitForEachOther(t *testing.T) {
	t.Parallel()
	var inside, met atomic.Int64
	now := func() time.Time {
		if inside.Add(1) > 1 {
			met.Add(1)
		}
		for range 20 {
			runtime.Gosched()
		}
		inside.Add(-1)
		return time.Unix(1_700_000_000, 0)
	}
	l := gcra.New(now, 1<<20)
	for n := range 300 { // in every shard
		call := []gcra.Attempt{hourly(strconv.Itoa(n), 1)}
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() { l.Take(call) })
			group.Go(func() { l.GiveBack(call) })
		}
		group.Wait()
	}
	if met.Load() > 0 {
		t.Errorf("%d times a call met another of the same key", met.Load())
	}
}
