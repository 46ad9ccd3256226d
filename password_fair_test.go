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
	"github.com/deskauth/deskauth/memstore"
)

const (
	flooder = "198.51.100.7"
	honest  = "203.0.113.9"
)

// One client has ten times as many hashes in flight as there are places, and asks again as
// soon as it has an answer. Another client asks for one after the other. None of those is
// refused, and few of the flood's are computed before it.
func TestS38_AFloodDelaysOthersByATurn(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 2, 3, 8} {
		for _, queue := range []int{1, 2, 64} {
			t.Run(fmt.Sprintf("parallelism %d, queue %d", parallelism, queue), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { floodGate(t, parallelism, queue) })
			})
		}
	}
}

const hashTime = time.Second // in a bubble, where the clock jumps

func floodGate(t *testing.T, parallelism, queue int) {
	g := deskauth.NewHashGate(parallelism, queue)
	ctx, cancel := context.WithTimeout(t.Context(), 200*hashTime)
	defer cancel()
	var begun, refused atomic.Int64
	var over atomic.Bool
	var flood sync.WaitGroup
	for range 10 * (parallelism + queue) {
		flood.Go(func() {
			for !over.Load() && ctx.Err() == nil {
				err := g.DoFor(ctx, flooder, func() { begun.Add(1); time.Sleep(hashTime) })
				if errors.Is(err, deskauth.ErrBusy) {
					refused.Add(1)
					time.Sleep(hashTime / 4)
				}
			}
		})
	}
	synctest.Wait()
	for n := range 20 {
		// At any time of a hash, and never at the moment when others begin or end: which of
		// them is then before the other is chance.
		time.Sleep(hashTime/7*time.Duration(n%7) + time.Duration(n+1)*time.Millisecond)
		asked, before := time.Now(), begun.Load()
		var others int64
		err := g.DoFor(ctx, honest, func() { others = begun.Load() - before; time.Sleep(hashTime) })
		if err != nil {
			t.Errorf("caller %d beside the flood: %v", n, err)
		}
		// One hash ends, one of the flood's comes in turn, and then the caller's own.
		if took := time.Since(asked); others > int64(parallelism)+1 || took > 3*hashTime {
			t.Errorf("caller %d took %v, and %d other hashes began meanwhile; want %v and %d at most",
				n, took, others, 3*hashTime, parallelism+1)
		}
	}
	over.Store(true)
	flood.Wait()
	if refused.Load() == 0 {
		t.Error("no call of the flood was refused: it was none")
	}
}

// The same at the doors: the flood has all places, and its newest callers make way.
func TestS38_OthersComeInThroughAFlood(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(*testing.T, *testkit.Kit) error{
		"a sign-in": func(t *testing.T, k *testkit.Kit) error {
			return signinFrom(t, k, honest, "andrea@f22.it", "correct horse")
		},
		"a wrong password": func(t *testing.T, k *testkit.Kit) error {
			return wantWrong(signinFrom(t, k, honest, "andrea@f22.it", "battery staple"))
		},
		"an unknown address": func(t *testing.T, k *testkit.Kit) error {
			return wantWrong(signinFrom(t, k, honest, "nobody@f22.it", "correct horse"))
		},
		"a sign-up": func(t *testing.T, k *testkit.Kit) error {
			in := testkit.Andrea()
			in.Client = honest
			_, err := k.Signup(t.Context(), in)
			return err
		},
	} {
		for what, flood := range floods {
			t.Run(name+" beside "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { floodDoors(t, flood, try) })
			})
		}
	}
}

func floodDoors(
	t *testing.T, flood func(*testing.T, *testkit.Kit, string, int) error, try func(*testing.T, *testkit.Kit) error,
) {
	const parallelism, queue, calls = 2, 6, 80
	k := testkit.New(t, deskauth.Config{
		HashParallelism: parallelism, HashQueue: queue, Limits: testkit.NoLimits(),
	})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	release := k.Gate().Occupy(parallelism, 0)
	var heard, busy atomic.Int64
	var all sync.WaitGroup
	for n := range calls {
		all.Go(func() {
			switch err := flood(t, k, flooder, n); {
			case err == nil:
				heard.Add(1)
			case errors.Is(err, deskauth.ErrBusy):
				busy.Add(1)
			}
		})
	}
	synctest.Wait()
	k.Events.Take()
	all.Go(func() {
		if err := try(t, k); err != nil {
			t.Errorf("beside the flood: %v", err)
		}
	})
	synctest.Wait()
	wantBusyEvent(t, k.Events.Take(), flooder)
	release()
	all.Wait()
	if heard.Load() != queue-1 || busy.Load() != calls-queue+1 {
		t.Errorf("of the flood %d were heard and %d sent away, want %d and %d",
			heard.Load(), busy.Load(), queue-1, calls-queue+1)
	}
}

// wantBusyEvent wants one call to have made way, and its event to name the client.
func wantBusyEvent(t *testing.T, events []deskauth.Event, client string) {
	t.Helper()
	if len(events) != 1 || events[0].Type != deskauth.EventRefused ||
		events[0].Reason != deskauth.ReasonBusy || events[0].Client != client {
		t.Errorf("events %+v, want that one of %s was refused, busy", events, client)
	}
}

// A flood whose accounts are being looked up has the places too, and makes way. A caller
// that lost its place meanwhile is told to come back, whether or not there is an account.
func TestS38_LosesThePlaceDuringTheLookUp(t *testing.T) {
	t.Parallel()
	guess := func(email string) func(*testing.T, *testkit.Kit, string, int) error {
		return func(t *testing.T, k *testkit.Kit, client string, _ int) error {
			return wantWrong(signinFrom(t, k, client, email, "guess"))
		}
	}
	for name, call := range map[string]func(*testing.T, *testkit.Kit, string, int) error{
		"an account": guess("andrea@f22.it"), "no account": guess("nobody@f22.it"), "sign-ups": floods["sign-ups"],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &testkit.CountingStore{UserStore: memstore.New()}
				k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashParallelism: 1, HashQueue: 2})
				k.MustSignup(t, "andrea@f22.it", "correct horse")
				store.BeforeFind = func() { time.Sleep(time.Second) }
				var errs [3]error
				var all sync.WaitGroup
				for i := range errs {
					all.Go(func() { errs[i] = call(t, k, flooder, i) })
					synctest.Wait()
				}
				for i, client := range []string{honest, "203.0.113.10"} {
					if err := call(t, k, client, len(errs)+i); err != nil {
						t.Errorf("another client's call: %v", err)
					}
				}
				all.Wait()
				retry, ok := errors.AsType[*deskauth.RetryError](errs[2])
				if errs[0] != nil || errs[1] != nil || !ok || retry.Err != deskauth.ErrBusy {
					t.Errorf("S39 the flood got %v, want that two are heard, and a RetryError of ErrBusy", errs)
				}
			})
		})
	}
}
