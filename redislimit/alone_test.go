package redislimit

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

func newAlone(most int) (a *alone, guarded *atomic.Bool) {
	guarded = new(atomic.Bool)
	guarded.Store(true)
	return &alone{max: most, name: func(a deskauth.Attempt) string { return a.Key }, guarded: guarded.Load}, guarded
}

func attemptsOf(keys ...string) (all []deskauth.Attempt) {
	for _, key := range keys {
		all = append(all, deskauth.Attempt{Key: key, Rate: deskauth.Rate{Attempts: 10, Per: time.Hour}})
	}
	return all
}

// wantCounted checks which of the attempts that are given back Redis has counted.
func wantCounted(t *testing.T, what string, a *alone, given, counted []deskauth.Attempt) {
	t.Helper()
	if got := a.remove(given); !slices.Equal(got, counted) {
		t.Errorf("%s: of %v Redis has counted %v, want %v", what, given, got, counted)
	}
}

func TestAloneKnowsWhatRedisHasNotCounted(t *testing.T) {
	t.Parallel()
	a, guarded := newAlone(100)
	wantCounted(t, "before an outage", a, attemptsOf("k", "k"), attemptsOf("k", "k"))
	a.add(attemptsOf("k", "other"))
	a.add(attemptsOf("k", "k"))
	wantCounted(t, "two of three", a, attemptsOf("k", "unknown", "k"), attemptsOf("unknown"))
	wantCounted(t, "one more than there are", a, attemptsOf("k", "k"), attemptsOf("k"))
	wantCounted(t, "when there are no more", a, attemptsOf("k"), attemptsOf("k"))
	guarded.Store(false)
	wantCounted(t, "when all have come back", a, attemptsOf("other"), attemptsOf("other"))
	guarded.Store(true)
	wantCounted(t, "after that", a, attemptsOf("other"), attemptsOf("other"))
}

// Keys for which there is no room make it forget nothing: nothing is given back in Redis.
func TestAloneIsFull(t *testing.T) {
	t.Parallel()
	a, guarded := newAlone(3)
	a.add(attemptsOf("a", "b", "c"))
	a.add(attemptsOf("a"))
	wantCounted(t, "with room for all", a, attemptsOf("a", "x"), attemptsOf("x"))
	a.add(attemptsOf("d"))
	if len(a.keys) != 3 {
		t.Errorf("it holds %d keys, want 3", len(a.keys))
	}
	wantCounted(t, "without room for one", a, attemptsOf("d", "x"), nil)
	guarded.Store(false)
	wantCounted(t, "when all have come back", a, attemptsOf("d", "x"), attemptsOf("d", "x"))
	a.add(attemptsOf("d"))
	guarded.Store(true)
	wantCounted(t, "in the next outage", a, attemptsOf("d", "x"), attemptsOf("x"))
}

func TestAloneAtOnce(t *testing.T) {
	t.Parallel()
	a, _ := newAlone(100)
	var counted atomic.Int64
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			call := attemptsOf("k", fmt.Sprint("own ", n))
			for range 500 {
				a.add(call)
				counted.Add(int64(len(a.remove(call))))
			}
		})
	}
	all.Wait()
	if counted.Load() != 0 || len(a.keys) != 0 {
		t.Errorf("%d attempts were not known and %d keys are left, want none", counted.Load(), len(a.keys))
	}
}
