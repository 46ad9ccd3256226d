package redislimit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/redis/go-redis/v9"
)

// A load takes attempts from many goroutines until it is stopped. No call may fail, hang,
// or allow more attempts than there are.
type load struct {
	limiter deskauth.Limiter
	keys    []deskauth.Attempt
	allowed []atomic.Int64
	calls   atomic.Int64
	failed  atomic.Pointer[error]
	stop    context.CancelFunc
	all     sync.WaitGroup
}

func startLoad(l deskauth.Limiter) *load {
	ctx, stop := context.WithCancel(context.Background())
	w := &load{limiter: l, allowed: make([]atomic.Int64, 4), stop: stop}
	for i := range w.allowed {
		w.keys = append(w.keys, attempt(fmt.Sprint("load ", i), 60, 24*time.Hour))
	}
	for n := range 8 {
		w.all.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				w.call(i)
				time.Sleep(time.Millisecond)
			}
		})
	}
	return w
}

func (w *load) call(i int) {
	a, b := i%4, (i+1)%4
	refused, _, err := w.limiter.Take(context.Background(), w.keys[a], w.keys[b])
	w.calls.Add(1)
	switch {
	case err != nil:
		w.failed.Store(&err)
	case refused < 0:
		w.allowed[a].Add(1)
		w.allowed[b].Add(1)
	}
}

// more waits until every goroutine has finished calls.
func (w *load) more(t *testing.T, what string) {
	t.Helper()
	from := w.calls.Load()
	within(t, what, func() {
		for w.calls.Load() < from+40 {
			time.Sleep(time.Millisecond)
		}
	})
}

func (w *load) end(t *testing.T) {
	t.Helper()
	w.stop()
	within(t, "the load", w.all.Wait)
	if err := w.failed.Load(); err != nil {
		t.Errorf("a call failed: %v", *err)
	}
	for i := range w.allowed {
		if n := w.allowed[i].Load(); n > 60 {
			t.Errorf("%d attempts of %s were allowed, want at most the 60 that there are", n, w.keys[i].Key)
		}
	}
	if n := w.allowed[0].Load(); n < 50 {
		t.Errorf("%d attempts of %s were allowed, want 60 or a few less", n, w.keys[0].Key)
	}
}

// awaitBack waits until the limiter counts in Redis again.
func awaitBack(t *testing.T, l deskauth.Limiter, client *redis.Client) {
	t.Helper()
	within(t, "coming back", func() {
		counted := 0 // in a row: the limiter's own probe, once a second, makes a key too
		for n := 0; counted < 3; n++ {
			before := client.DBSize(t.Context()).Val()
			takes(t, l, attempt(fmt.Sprint("is it back ", n), 1, time.Hour))
			if after := client.DBSize(t.Context()).Val(); after > before {
				counted++
				continue
			}
			counted = 0
			time.Sleep(10 * time.Millisecond)
		}
	})
}
