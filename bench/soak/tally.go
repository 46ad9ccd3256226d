package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A call is a kind of request in the record.
type call int

const (
	signup call = iota
	signin
	anonymous
	customToken
	restore // a session token at the endpoint of custom tokens
	me      // the guarded handler
	bad     // requests that no endpoint takes
	numCalls
)

var callNames = [numCalls]string{"signup", "signin", "anonymous", "customtoken", "restore", "me", "bad"}

// A class is a group of statuses in the record.
type class int

const (
	class2xx class = iota
	class4xx       // but 429
	class429
	class503
	class5xx // but 503, and every other status
	numClasses
)

var classNames = [numClasses]string{"2xx", "4xx", "429", "503", "5xx"}

func classOf(status int) class {
	switch {
	case status == 429:
		return class429
	case status == 503:
		return class503
	case status >= 200 && status < 300:
		return class2xx
	case status >= 400 && status < 500:
		return class4xx
	}
	return class5xx
}

// An interval has the answers of a second, or of a whole run.
type interval struct {
	classes   [numCalls][numClasses]int
	took      [numCalls][]time.Duration // one for each answer
	failed    int                       // connections that broke
	abandoned int                       // requests that the load gave up on purpose
}

// A tally counts answers. It may be used concurrently.
type tally struct {
	mu       sync.Mutex
	current  interval
	whole    interval
	statuses [numCalls]map[int]int
	failures map[string]int // connections that broke, by their cause
	wrong    map[string]int // answers that the request did not deserve, by what is wrong
}

func newTally() *tally {
	t := &tally{failures: make(map[string]int), wrong: make(map[string]int)}
	t.begin()
	return t
}

// begin forgets what was counted so far, but for what is wrong.
func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current, t.whole = interval{}, interval{}
	for c := range t.statuses {
		t.statuses[c] = make(map[int]int)
	}
}

func (t *tally) answered(c call, status int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current.classes[c][classOf(status)]++
	t.current.took[c] = append(t.current.took[c], took)
	t.statuses[c][status]++
}

// isWrong counts an answer that its request did not deserve.
func (t *tally) isWrong(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong[fmt.Sprintf(format, args...)]++
}

// failed counts a connection that broke, by its innermost error. The errors around that
// name ports, so no two are alike.
func (t *tally) failed(what string, err error) {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current.failed++
	t.failures[what+": "+err.Error()]++
}

func (t *tally) abandoned() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current.abandoned++
}

// take returns what was counted since the last call.
func (t *tally) take() interval {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.current
	t.current = interval{}
	for c := range numCalls {
		for k := range numClasses {
			t.whole.classes[c][k] += i.classes[c][k]
		}
		t.whole.took[c] = append(t.whole.took[c], i.took[c]...)
	}
	t.whole.failed += i.failed
	t.whole.abandoned += i.abandoned
	return i
}

// percentiles returns the median, the 99th percentile and the greatest, by nearest rank.
// All are 0 without an answer. It sorts took.
func percentiles(took []time.Duration) (p50, p99, most time.Duration) {
	if len(took) == 0 {
		return 0, 0, 0
	}
	slices.Sort(took)
	rank := func(percent int) time.Duration { return took[(len(took)*percent+99)/100-1] }
	return rank(50), rank(99), took[len(took)-1]
}
