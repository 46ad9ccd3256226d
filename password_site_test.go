package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Which clients are one when they wait: a running hash and a waiting one of the first leave
// no place to another caller of theirs, and one to any other client. The caller without a
// place is turned away before anything is asked.
func TestS37_WhichClientsWaitTogether(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		one  bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "[::ffff:c000:201]:80", true},
		{"64:ff9b::192.0.2.1", "192.0.2.1", true}, // translated, RFC 6052
		{"64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", false},
		{"2001:db8:1::1", "2001:db8:1:ffff:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:8000::1", "[2001:DB8:1:1::]:443", true},
		{"2001:db8:1::1", "2001:db8:2::1", false},
		{"2001:db8:1::1", "2001:db8::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"phone 7", "phone 7", true},
		{"phone 7", "phone 8", false},
		{"", "", true}, // unknown: one group, and not one for each
		{"", " ", true},
		{"", "192.0.2.1", false},
	} {
		for what, call := range floods {
			t.Run(fmt.Sprintf("%s of %q and %q", what, tt.a, tt.b), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { waitTogether(t, call, tt.a, tt.b, tt.one) })
			})
		}
	}
}

// A countingLimiter counts the attempts that it is asked for.
type countingLimiter struct {
	deskauth.Limiter
	taken int
}

func (l *countingLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	l.taken += len(attempts)
	return l.Limiter.Take(ctx, attempts...)
}

func waitTogether(
	t *testing.T, call func(*testing.T, *testkit.Kit, string, int) error, a, b string, one bool,
) {
	limiter := &countingLimiter{Limiter: deskauth.NewMemoryLimiter(nil)}
	k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 1, Limiter: limiter})
	end := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { k.Gate().DoFor(t.Context(), a, func() { <-end }) })
	synctest.Wait()
	var first, second error
	all.Go(func() { first = call(t, k, a, 0) })
	synctest.Wait()
	before := limiter.taken
	all.Go(func() { second = call(t, k, b, 1) })
	synctest.Wait()
	if one && limiter.taken != before {
		t.Errorf("%d attempts of the second are taken, and there is no room", limiter.taken-before)
	}
	close(end)
	all.Wait()
	heard, away := first, second
	if !one {
		heard, away = second, first
	}
	if heard != nil || !errors.Is(away, deskauth.ErrBusy) {
		t.Errorf("the first got %v and the second %v; want one heard, and the other busy", first, second)
	}
}

// A subscriber that has a /48 floods from another /64 with each call.
func TestS37_ANetworkFillsNoQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queue = 16
		g := deskauth.NewHashGate(1, queue)
		release := g.Occupy(1, 0)
		var busy atomic.Int64
		var all sync.WaitGroup
		for n := range 10 * queue {
			all.Go(func() {
				client := fmt.Sprintf("2001:db8:7:%x::1", n)
				if err := g.DoFor(t.Context(), client, func() {}); errors.Is(err, deskauth.ErrBusy) {
					busy.Add(1)
				}
			})
		}
		synctest.Wait()
		for n := range queue / 2 {
			all.Go(func() {
				client := fmt.Sprintf("2001:db8:%x::1", 8+n)
				if err := g.DoFor(t.Context(), client, func() {}); err != nil {
					t.Errorf("another network's caller: %v", err)
				}
			})
		}
		synctest.Wait()
		release()
		all.Wait()
		if want := int64(10*queue - queue/2); busy.Load() != want {
			t.Errorf("%d of the network's were sent away, want %d", busy.Load(), want)
		}
	})
}
