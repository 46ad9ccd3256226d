package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// The tests run in bubbles of testing/synctest: Wait returns when every caller is either
// under a permit or in the queue, and the clock jumps.

func TestS16_AtMostHashParallelismRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parallelism, callers = 2, 40
		g := deskauth.NewHashGate(parallelism, callers)
		var running, most, done atomic.Int64
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				err := g.Do(t.Context(), func() {
					now := running.Add(1)
					for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
					}
					time.Sleep(time.Millisecond)
					running.Add(-1)
				})
				if err == nil {
					done.Add(1)
				}
			})
		}
		all.Wait()
		if most.Load() != parallelism || done.Load() != callers {
			t.Errorf("%d ran at once and %d of %d were served; want %d at once",
				most.Load(), done.Load(), callers, parallelism)
		}
	})
}

// Two hashes run and three callers wait. The sixth is sent away, whatever it asks for, and
// a call that hashes nothing does not notice.
func TestS16_SixthOfTwoAndThreeIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(testkit.Logbook)
		k := testkit.New(t, deskauth.Config{HashParallelism: 2, HashQueue: 3, Logger: log.Logger()})
		k.MustSignup(t, "andrea@f22.it", "correct horse")
		release := k.Gate().Occupy(2, 3*time.Second)
		var queue sync.WaitGroup
		for range 3 {
			queue.Go(func() {
				if _, err := k.TrySignin(t, "andrea@f22.it", "correct horse"); err != nil {
					t.Errorf("a caller in the queue: %v", err)
				}
			})
		}
		synctest.Wait()
		wantWaiting(t, k, 3)
		began := time.Now()
		_, err := k.TrySignin(t, "andrea@f22.it", "correct horse")
		wantBusy(t, k, "Signin", err)
		_, err = k.TrySignin(t, "nobody@f22.it", "correct horse")
		wantBusy(t, k, "Signin of nobody", err)
		_, err = k.Signup(t.Context(), testkit.Andrea())
		wantBusy(t, k, "Signup", err)
		if lines := log.Take(t, slog.LevelWarn); len(lines) != 3 {
			t.Errorf("the log warns %+v, want of three refusals", lines)
		}
		k.MustGuest(t, testkit.ProjectA)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the callers after the fifth waited %v", waited)
		}
		wantWaiting(t, k, 3)
		release()
		queue.Wait()
		wantWaiting(t, k, 0)
		k.MustSignin(t, "andrea@f22.it", "correct horse")
	})
}

// wantWaiting checks how many callers have a place and no permit.
func wantWaiting(t *testing.T, k *testkit.Kit, want int64) {
	t.Helper()
	if n := k.Gate().Waiting(); n != want {
		t.Errorf("%d wait, want %d", n, want)
	}
}

// wantBusy fails the test unless err, and the last event, say that the queue is full.
func wantBusy(t *testing.T, k *testkit.Kit, call string, err error) {
	t.Helper()
	retry, ok := errors.AsType[*deskauth.RetryError](err)
	if !ok || !errors.Is(err, deskauth.ErrBusy) || retry.After < time.Second ||
		errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("%s: %#v, want a RetryError of ErrBusy", call, err)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "busy" {
		t.Errorf("%s: event %+v", call, e)
	}
}

// The queue of six, two at a time, of three seconds each, takes nine.
func TestRetryAfterIsHowLongTheQueueTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := deskauth.NewHashGate(2, 6)
		busy := func() time.Duration {
			err := g.Do(t.Context(), func() { t.Error("it ran") })
			retry, ok := errors.AsType[*deskauth.RetryError](err)
			if !ok {
				t.Fatalf("error %v, want a RetryError", err)
			}
			return retry.After
		}
		for _, tt := range []struct {
			known time.Duration
			want  time.Duration
		}{{0, time.Second}, {3 * time.Second, 10 * time.Second}} {
			if tt.known > 0 {
				g.Do(t.Context(), func() { time.Sleep(tt.known) })
			}
			release := g.Occupy(2, tt.known)
			var queue sync.WaitGroup
			for range 6 {
				queue.Go(func() { g.Do(t.Context(), func() { time.Sleep(tt.known) }) })
			}
			synctest.Wait()
			if got := busy(); got != tt.want {
				t.Errorf("a hash takes %v: try again in %v, want %v", tt.known, got, tt.want)
			}
			release()
			queue.Wait()
		}
	})
}

func TestS16_QueueIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := deskauth.NewHashGate(1, 20)
		release := g.Occupy(1, 0)
		var order []int
		var queue sync.WaitGroup
		for i := range 20 {
			queue.Go(func() { g.Do(t.Context(), func() { order = append(order, i) }) })
			synctest.Wait()
		}
		release()
		queue.Wait()
		if len(order) != 20 || !slices.IsSorted(order) {
			t.Errorf("served in the order %v", order)
		}
	})
}

func TestS16_CancelledContextLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 1})
		k.MustSignup(t, "andrea@f22.it", "correct horse")
		release := k.Gate().Occupy(1, 0)

		ctx, cancel := context.WithCancel(t.Context())
		leavesTheQueue(ctx, t, k, cancel, context.Canceled)
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		leavesTheQueue(ctx, t, k, func() {}, context.DeadlineExceeded)
		cancel()

		release()
		k.MustSignin(t, "andrea@f22.it", "correct horse")
	})
}

// leavesTheQueue lets a caller wait, and ends its context while the only permit is held.
func leavesTheQueue(ctx context.Context, t *testing.T, k *testkit.Kit, end func(), want error) {
	t.Helper()
	in := deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("correct horse")}
	var err error
	var left sync.WaitGroup
	left.Go(func() { _, err = k.Signin(ctx, in) })
	synctest.Wait()
	wantWaiting(t, k, 1)
	k.Events.Take()
	end()
	left.Wait()
	if !errors.Is(err, want) || errors.Is(err, deskauth.ErrBusy) || errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("got %v, want an error that wraps %v", err, want)
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
		t.Errorf("event %+v", e)
	}
	wantWaiting(t, k, 0)
}

func TestS16_EndedContextDoesNotEnter(t *testing.T) {
	g := deskauth.NewHashGate(1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Do(ctx, func() { t.Error("it ran") }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an error that wraps context.Canceled", err)
	}
}

// A hash that runs cannot be stopped, so the end of its caller's context frees nothing.
func TestS16_PermitIsHeldUntilTheHashEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := deskauth.NewHashGate(1, 1)
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() { g.Do(ctx, func() { <-end }) })
		synctest.Wait()
		cancel()
		second := false
		all.Go(func() { g.Do(t.Context(), func() { second = true }) })
		synctest.Wait()
		if second {
			t.Error("a second hash ran while the first was running")
		}
		close(end)
		all.Wait()
		if !second {
			t.Error("the second hash never ran")
		}
	})
}

func TestS16_PermitComesBackAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := deskauth.NewHashGate(2, 1)
		for i := range 10 {
			func() {
				defer func() {
					if p := recover(); p != "out of memory" {
						t.Errorf("recovered %v, want the panic of the work", p)
					}
				}()
				g.Do(t.Context(), func() { panic("out of memory") })
			}()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := g.Do(ctx, func() {}); err != nil {
				t.Fatalf("after panic %d: %v", i+1, err)
			}
			cancel()
		}
	})
}

// The second hash of a sign-in, which replaces the stored one, is computed in the turn of
// the first: the caller behind it begins when both are done.
func TestS16_RehashIsPartOfTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &testkit.CountingStore{UserStore: memstore.New()}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashParallelism: 1, HashQueue: 8})
		release := k.Gate().Occupy(1, 0)
		var all sync.WaitGroup
		for i := range 4 {
			email := fmt.Sprintf("user%d@f22.it", i)
			testkit.Put(t, store, email, testkit.Bcrypt(t, "correct horse", ""))
			all.Go(func() { k.MustSignin(t, email, "correct horse") })
			synctest.Wait()
		}
		all.Go(func() { k.Gate().Do(t.Context(), func() { time.Sleep(time.Minute) }) })
		synctest.Wait()
		wantWaiting(t, k, 5)
		began := time.Now()
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			if waited := time.Since(began); waited != 0 {
				t.Errorf("a stronger hash is stored after %v: it waited for a second turn", waited)
			}
			return nil
		}
		release()
		all.Wait()
		if n := store.Updates.Load(); n != 4 {
			t.Errorf("%d stronger hashes are stored, want 4", n)
		}
	})
}
