//go:build linux

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	mostTimes = 10 // the promise is 1; the rest is for the noise of other programs
)

// TestS38_AFloodCostsTheFlooder lets one client have ten times as many sign-ins in flight
// as there are places. Another client signs in beside it, one after the other: each time it
// succeeds, and waits for few hashes.
func TestS38_AFloodCostsTheFlooder(t *testing.T) {
	if testkit.RaceDetector() {
		t.Skip("with the race detector, the flood's last in the queue meet the server's timeout")
	}
	honestSignins := 5
	if testkit.Thorough() {
		honestSignins = 15
	}
	p := start(t, "-no-limits", "-log", "json")
	p.post("/signup", ada)
	honest := clientAt(t, "127.0.0.3")
	alone := p.signins(t, honest, honestSignins, 1)

	f := p.flood(t, clientAt(t, "127.0.0.2"), 10*places)
	f.untilRefused(t)
	beside := p.signins(t, honest, honestSignins, 1)
	statuses := f.stop()
	after := p.signins(t, honest, honestSignins, 1)

	for n, status := range beside.statuses {
		if status != http.StatusOK {
			t.Errorf("sign-in %d beside the flood is answered with %d, want 200", n+1, status)
		}
	}
	for status := range statuses {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("%d sign-ins of the flood are answered with %d", statuses[status], status)
		}
	}
	if statuses[http.StatusOK] == 0 {
		t.Errorf("the flood got %v; want some to sign in: it takes its turn too", statuses)
	}
	hash := median(append(alone.took, after.took...))
	bound := time.Duration(hashParallelism+2) * hash
	ratio := float64(median(beside.took)) / float64(bound)
	if ratio > mostTimes {
		t.Errorf("a sign-in beside the flood takes %v, %.1f × (%d + 2) × the %v of one alone; want %d × at most",
			median(beside.took), ratio, hashParallelism, hash, mostTimes)
	}
	t.Logf("P11: a sign-in's median %v alone, %v beside a flood of %d callers: %.2f × (%d + 2) × one hash",
		hash, median(beside.took), 10*places, ratio, hashParallelism)
	t.Logf("P11: the answers to the flood, by status: %v", statuses)
}

// clientAt returns a client that calls from an address of this machine.
func clientAt(t *testing.T, address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 10 * places}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// A flood is many callers that sign in again and again.
type flood struct {
	ctx     context.Context // until it is over
	end     context.CancelFunc
	callers sync.WaitGroup

	mu       sync.Mutex
	statuses map[int]int
	refused  chan struct{} // closed when the first one was sent away
}

// flood starts that many callers. Whoever is told to come back does so after a second.
func (p *process) flood(t *testing.T, c *http.Client, callers int) *flood {
	f := &flood{refused: make(chan struct{}), statuses: make(map[int]int)}
	f.ctx, f.end = context.WithCancel(t.Context())
	for range callers {
		f.callers.Go(func() {
			for f.ctx.Err() == nil {
				status, err := p.signinUntil(f.ctx, c)
				switch {
				case f.ctx.Err() != nil:
				case err != nil:
					t.Errorf("a sign-in of the flood was not answered: %v", err)
					return
				case f.count(status):
					sleepUntil(f.ctx, time.Second)
				}
			}
		})
	}
	return f
}

// signinUntil signs in once, and hangs up when the context ends.
func (p *process) signinUntil(ctx context.Context, c *http.Client) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+"/signin", strings.NewReader(adaSignin))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode, nil
}

func sleepUntil(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// count reports whether the status is that of a caller that was sent away.
func (f *flood) count(status int) (away bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.statuses[status]++
	away = status == http.StatusServiceUnavailable
	if away && f.statuses[status] == 1 {
		close(f.refused)
	}
	return away
}

// untilRefused waits until the flood has all places.
func (f *flood) untilRefused(t *testing.T) {
	t.Helper()
	select {
	case <-f.refused:
	case <-time.After(patience):
		t.Fatalf("no sign-in of the flood is refused within %v", patience)
	}
}

// stop ends the flood: its callers hang up. It returns how many answers of each status they
// got.
func (f *flood) stop() map[int]int {
	f.end()
	f.callers.Wait()
	return f.statuses
}
