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
		time.Sleep(hashTime / 7 * time.Duration(n%7)) // at any time of a hash
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { floodDoors(t, try) })
		})
	}
}

func floodDoors(t *testing.T, try func(*testing.T, *testkit.Kit) error) {
	const parallelism, queue, calls = 2, 6, 80
	k := testkit.New(t, deskauth.Config{
		HashParallelism: parallelism, HashQueue: queue, Limits: testkit.NoLimits(),
	})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	release := k.Gate().Occupy(parallelism, 0)
	var heard, busy atomic.Int64
	var all sync.WaitGroup
	for n := range calls {
		email := [2]string{"andrea@f22.it", "nobody@f22.it"}[n%2]
		all.Go(func() {
			switch err := signinFrom(t, k, flooder, email, "guess"); {
			case errors.Is(err, deskauth.ErrInvalidCredentials):
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

func signinFrom(t *testing.T, k *testkit.Kit, client, email, password string) error {
	t.Helper()
	in := deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password), Client: client}
	_, err := k.Signin(t.Context(), in)
	return err
}

// wantWrong returns nil for the refusal of a password that was compared.
func wantWrong(err error) error {
	if err == deskauth.ErrInvalidCredentials {
		return nil
	}
	return fmt.Errorf("%w, want ErrInvalidCredentials", err)
}

// A flood whose accounts are being looked up has the places too, and makes way. A caller
// that lost its place meanwhile is told to come back, whether or not there is an account.
func TestS38_LosesThePlaceDuringTheLookUp(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"andrea@f22.it", "nobody@f22.it"} {
		t.Run(email, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &testkit.CountingStore{UserStore: memstore.New()}
				k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashParallelism: 1, HashQueue: 2})
				k.MustSignup(t, "andrea@f22.it", "correct horse")
				store.BeforeFind = func() { time.Sleep(time.Second) }
				var errs [3]error
				var all sync.WaitGroup
				for i := range errs {
					all.Go(func() { errs[i] = signinFrom(t, k, flooder, email, "guess") })
					synctest.Wait()
				}
				for _, client := range []string{honest, "203.0.113.10"} {
					if err := wantWrong(signinFrom(t, k, client, email, "guess")); err != nil {
						t.Errorf("another client's sign-in: %v", err)
					}
				}
				all.Wait()
				retry, ok := errors.AsType[*deskauth.RetryError](errs[2])
				if wantWrong(errs[0]) != nil || wantWrong(errs[1]) != nil || !ok || retry.Err != deskauth.ErrBusy {
					t.Errorf("the flood got %v, want two refusals and a RetryError of ErrBusy", errs)
				}
			})
		})
	}
}

// Which clients are one when they wait: a running hash and a waiting one of the first leave
// no place to another caller of theirs, and one to any other client.
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
		t.Run(fmt.Sprintf("%q and %q", tt.a, tt.b), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 1, Limits: testkit.NoLimits()})
				end := make(chan struct{})
				var all sync.WaitGroup
				all.Go(func() { k.Gate().DoFor(t.Context(), tt.a, func() { <-end }) })
				synctest.Wait()
				var first, second error
				all.Go(func() { first = signinFrom(t, k, tt.a, "nobody@f22.it", "guess") })
				synctest.Wait()
				all.Go(func() { second = signinFrom(t, k, tt.b, "nobody@f22.it", "guess") })
				synctest.Wait()
				close(end)
				all.Wait()
				heard, away := first, second
				if !tt.one {
					heard, away = second, first
				}
				if wantWrong(heard) != nil || !errors.Is(away, deskauth.ErrBusy) {
					t.Errorf("the first got %v and the second %v; want one heard, and the other busy", first, second)
				}
			})
		})
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
