//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	floods           = 3 // with CI=true, and as many more, up to mostFloods, as a noisy machine needs
	mostFloods       = 15
	floodPace        = 0.85     // of the sign-ins of hashParallelism callers
	floodConnections = 60       // each signs in once in every flood
	hashBytes        = 19 << 20 // the memory of a password hash while it is computed
)

// places is how many callers may sign in at once: those whose hash is computed, and those
// in the queue, by default 64 for each hash (Config.HashQueue).
var places = (1 + 64) * hashParallelism

// TestS16_AFloodOfSigninsIsHeld holds a real process to the promise of the hash gate: its
// memory is bounded, every sign-in is answered, and calls that need no hash are served
// meanwhile.
func TestS16_AFloodOfSigninsIsHeld(t *testing.T) {
	if testkit.RaceDetector() {
		t.Skip("the race detector has a memory and a pace of its own")
	}
	p := start(t, "-no-limits", "-log", "json")
	p.post("/signup", ada)
	crowd := crowdClient(floodConnections)
	defer crowd.CloseIdleConnections()

	few := p.signins(t, crowd, 10*hashParallelism, hashParallelism)
	idle := p.guests(t, func(n int) bool { return n == 100 })
	startRSS := p.memory(t, "VmRSS")
	p.resetPeak(t)

	// The machine's pace changes while other tests run beside this one. So each flood is
	// measured against the few sign-ins before and after it.
	var statuses []int
	var ratios []float64
	var signins, guests []time.Duration
	paced := testkit.Thorough() // elsewhere one flood does, and tells nothing of the pace
	for n := 0; n < 1 || paced && (n < floods || n < mostFloods && median(ratios) < floodPace); n++ {
		var over atomic.Bool
		var watcher sync.WaitGroup
		watcher.Go(func() { guests = append(guests, p.guests(t, func(int) bool { return over.Load() })...) })
		flood := p.signins(t, crowd, floodConnections, floodConnections)
		over.Store(true)
		watcher.Wait()
		before := few
		few = p.signins(t, crowd, 10*hashParallelism, hashParallelism)
		ratios = append(ratios, 2*flood.rate()/(before.rate()+few.rate()))
		statuses = append(statuses, flood.statuses...)
		signins = append(signins, flood.took...)
	}
	peak := p.memory(t, "VmHWM")

	everybodyHasAPlace := floodConnections <= places
	for _, s := range statuses {
		if s != http.StatusOK && (everybodyHasAPlace || s != http.StatusServiceUnavailable) {
			t.Errorf("a sign-in in the flood was answered with %d", s)
		}
	}
	if bound := startRSS + int64(3*hashParallelism+2)*hashBytes; peak > bound {
		t.Errorf("peak RSS %d MiB, want at most %d MiB: %d at the start and 19 for each of 3 × %d + 2",
			peak>>20, bound>>20, startRSS>>20, hashParallelism)
	}
	if served := median(guests); served > 10*few.alone {
		t.Errorf("guests waited %v in the flood, want far less than the %v of ten hashes", served, 10*few.alone)
	}
	if ratio := median(ratios); paced && ratio < floodPace {
		t.Errorf("in the floods %.2f × the sign-ins of %d callers, a median of %.2f; want %.2f × or more",
			ratios, hashParallelism, ratio, floodPace)
	}
	t.Logf("P7: peak RSS %d MiB from %d MiB; %.1f sign-ins/s from %d callers, %.2f × that in the floods (median %.2f)",
		peak>>20, startRSS>>20, few.rate(), hashParallelism, ratios, median(ratios))
	t.Logf("P7: a guest's median %v idle, %v in the floods (%.0f ×); a sign-in's %v in the floods",
		median(idle), median(guests), float64(median(guests))/float64(median(idle)), median(signins))
}

// TestS16_MoreThanTheQueueIsToldToComeBack has twice as many callers as may sign in at
// once.
func TestS16_MoreThanTheQueueIsToldToComeBack(t *testing.T) {
	if testkit.RaceDetector() {
		t.Skip("with the race detector, and other tests beside it, the last in the queue meets the server's timeout")
	}
	callers := 2 * places
	p := start(t, "-no-limits")
	crowd := crowdClient(callers)
	defer crowd.CloseIdleConnections()
	got := p.signins(t, crowd, callers, callers)
	count := make(map[int]int)
	for i, status := range got.statuses {
		count[status]++
		after, err := strconv.Atoi(got.retryAfter[i])
		if status == http.StatusServiceUnavailable && (err != nil || after < 1 || after > 600) {
			t.Errorf("503 with Retry-After %q, want 1 to 600 seconds", got.retryAfter[i])
		}
	}
	// No account exists, so a caller with a place is refused, and the others are to come
	// back.
	refused, away := count[http.StatusUnauthorized], count[http.StatusServiceUnavailable]
	if refused+away != callers || refused == 0 || away == 0 {
		t.Errorf("statuses %v of %d callers; want 401 for some and 503 for the rest", count, callers)
	}
}

// crowdClient keeps that many connections open.
func crowdClient(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
}

// A crowdResult is what a crowd of callers got, one element a call.
type crowdResult struct {
	statuses   []int
	retryAfter []string
	took       []time.Duration
	all        time.Duration
	alone      time.Duration // the time of one sign-in, with hashParallelism callers
}

// rate returns the number of successful sign-ins a second.
func (r crowdResult) rate() float64 {
	signedIn := 0
	for _, status := range r.statuses {
		if status == http.StatusOK {
			signedIn++
		}
	}
	return float64(signedIn) / r.all.Seconds()
}

// signins signs in n times from that many callers at once.
func (p *process) signins(t *testing.T, c *http.Client, n, callers int) crowdResult {
	t.Helper()
	r := crowdResult{statuses: make([]int, n), retryAfter: make([]string, n), took: make([]time.Duration, n)}
	begin := time.Now()
	fromMany(callers, n, func(i int) {
		asked := time.Now()
		response, err := c.Post(p.base+"/signin", "application/json", strings.NewReader(adaSignin))
		if err != nil {
			t.Errorf("a sign-in was not answered: %v", err)
			return
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		r.took[i] = time.Since(asked)
		r.statuses[i], r.retryAfter[i] = response.StatusCode, response.Header.Get("Retry-After")
	})
	r.all = time.Since(begin)
	r.alone = r.all / time.Duration(n) * time.Duration(hashParallelism)
	return r
}

// guests signs guests in, one after the other and at most one each 10 ms, until over says
// so.
func (p *process) guests(t *testing.T, over func(n int) bool) (took []time.Duration) {
	pace := time.NewTicker(10 * time.Millisecond) // the crowd is to be the load, not the guests
	defer pace.Stop()
	for !over(len(took)) {
		begin := time.Now()
		if got := p.post("/signinAnonymously", `{"id_project":"demo"}`); got.status != http.StatusOK {
			t.Errorf("a guest was answered with %v", got)
		}
		took = append(took, time.Since(begin))
		<-pace.C
	}
	return took
}

func median[T cmp.Ordered](of []T) T {
	return slices.Sorted(slices.Values(of))[len(of)/2]
}

// memory returns a value of /proc/<pid>/status, in bytes.
func (p *process) memory(t *testing.T, name string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(rest, &kib); err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("no %s in the status of the process", name)
	return 0
}

// resetPeak sets VmHWM to the memory that is in use now: see proc(5).
func (p *process) resetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}
