package fairqueue_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth/internal/fairqueue"
)

// enter takes a place, which has to be there.
func enter(t *testing.T, q *fairqueue.Queue, group string) *fairqueue.Place {
	t.Helper()
	p, ok := q.Enter(group)
	if !ok {
		t.Fatalf("no place for a caller of %s", group)
	}
	return p
}

// work takes a place that has a permit.
func work(t *testing.T, q *fairqueue.Queue, group string) *fairqueue.Place {
	t.Helper()
	p := enter(t, q, group)
	if err := p.Wait(t.Context()); err != nil {
		t.Fatalf("a caller of %s: %v", group, err)
	}
	return p
}

func TestGroupsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := fairqueue.New(1, 20)
		first := work(t, q, "first")
		var order []string
		var callers sync.WaitGroup
		for _, name := range []string{"a1", "a2", "a3", "a4", "b1", "b2", "c1"} {
			p := enter(t, q, name[:1])
			callers.Go(func() {
				if err := p.Wait(t.Context()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				order = append(order, name)
				p.Leave()
			})
			synctest.Wait()
		}
		first.Leave()
		callers.Wait()
		if want := []string{"a1", "b1", "c1", "a2", "b2", "a3", "a4"}; !slices.Equal(order, want) {
			t.Errorf("they worked in the order %q, want %q", order, want)
		}
	})
}

// A flood that has all places makes room for whoever comes, from its end. It keeps more
// than each of the others, so it makes no room for its own callers.
func TestLongestGroupMakesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const more = 6
		q := fairqueue.New(1, more)
		working := work(t, q, "flood")
		results := make([]error, more)
		var callers sync.WaitGroup
		for i := range more {
			p := enter(t, q, "flood")
			callers.Go(func() { results[i] = p.Wait(t.Context()); p.Leave() })
			synctest.Wait()
		}
		if _, ok := q.Enter("flood"); ok || q.HasRoom("flood") {
			t.Error("the flood gets a place more than there are")
		}
		var places []*fairqueue.Place
		for _, group := range []string{"a", "b", "a", "c"} {
			places = append(places, enter(t, q, group))
		}
		if _, ok := q.Enter("a"); ok || q.HasRoom("a") {
			t.Error("the third of a gets a place of the flood's three")
		}
		if busy, unserved := q.Callers(); busy != 1 || unserved != more {
			t.Errorf("%d work and %d are unserved, want 1 and %d", busy, unserved, more)
		}
		working.Leave()
		callers.Wait()
		for i, err := range results {
			if pushed := i >= 2; pushed != errors.Is(err, fairqueue.ErrPushedOut) {
				t.Errorf("caller %d of the flood: %v; want the last 4 pushed out", i, err)
			}
		}
		for _, p := range places {
			if err := p.Wait(t.Context()); err != nil {
				t.Errorf("another caller: %v", err)
			}
			p.Leave()
		}
	})
}

// Whoever lost its place while it prepared learns of it when it wants to work.
func TestPushedOutWhilePreparing(t *testing.T) {
	q := fairqueue.New(1, 1)
	one, two := enter(t, q, "flood"), enter(t, q, "flood")
	other := enter(t, q, "a")
	if err := two.Wait(t.Context()); !errors.Is(err, fairqueue.ErrPushedOut) {
		t.Errorf("the newest of the flood: %v, want ErrPushedOut", err)
	}
	two.Leave() // of a place that is another's by now
	if _, ok := q.Enter("b"); ok {
		t.Error("leaving without a place makes room")
	}
	for _, p := range []*fairqueue.Place{one, other} {
		if err := p.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		p.Leave()
	}
}

func TestWorkIsNeverPushedOut(t *testing.T) {
	q := fairqueue.New(3, 1)
	working := []*fairqueue.Place{work(t, q, "flood"), work(t, q, "flood"), work(t, q, "flood")}
	alone := enter(t, q, "a")
	if _, ok := q.Enter("b"); ok {
		t.Error("b has a place, and none is free but by ending work or the only caller of a")
	}
	for _, p := range working {
		p.Leave()
	}
	if err := alone.Wait(t.Context()); err != nil {
		t.Errorf("the only caller of its group: %v", err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := fairqueue.New(1, 1)
		working := work(t, q, "a")
		waiting := enter(t, q, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if err := waiting.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v, want the context's deadline after a minute", time.Since(began), err)
		}
		if busy, unserved := q.Callers(); busy != 1 || unserved != 0 {
			t.Errorf("%d work and %d are unserved after the only one's patience ended", busy, unserved)
		}
		next := enter(t, q, "a")
		working.Leave()
		if err := next.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a free permit and a context that has ended: %v", err)
		}
		if err := work(t, q, "a"); err == nil {
			t.Error("the permit is lost")
		}
	})
}

func TestLeaveTwiceGivesOnePlaceBack(t *testing.T) {
	q := fairqueue.New(1, 1)
	first, second := work(t, q, "a"), enter(t, q, "b")
	first.Leave()
	first.Leave()
	enter(t, q, "c")
	if _, ok := q.Enter("d"); ok {
		t.Error("a third caller has one of two places")
	}
	if err := second.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// Callers of some groups come and go, some with little patience. Never do more than the
// permits allow work at once, no caller is forgotten, and in the end everything is free.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const permits, more = 3, 8
		q := fairqueue.New(permits, more)
		var c crowd
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() { c.comeAndGo(t.Context(), q, i) })
		}
		all.Wait()
		if c.most.Load() > permits || c.worked.Load() == 0 {
			t.Errorf("%d worked, %d of them at once; want %d at once", c.worked.Load(), c.most.Load(), permits)
		}
		for range permits {
			work(t, q, "last")
		}
		for range more {
			enter(t, q, "last")
		}
		if busy, unserved := q.Callers(); busy != permits || unserved != more {
			t.Errorf("%d work and %d are unserved, want %d and the last %d", busy, unserved, permits, more)
		}
	})
}

// A crowd counts how many work, and the most of them at once.
type crowd struct{ working, most, worked atomic.Int64 }

func (c *crowd) comeAndGo(ctx context.Context, q *fairqueue.Queue, i int) {
	random := rand.New(rand.NewPCG(uint64(i), 0))
	soon := func(most int) time.Duration { return time.Duration(random.IntN(most)) }
	group := string("abcdeeeeee"[i%10])
	for range 200 {
		time.Sleep(soon(100))
		p, ok := q.Enter(group)
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, soon(200))
		if err := p.Wait(ctx); err == nil {
			now := c.working.Add(1)
			for old := c.most.Load(); now > old && !c.most.CompareAndSwap(old, now); old = c.most.Load() {
			}
			time.Sleep(soon(50))
			c.working.Add(-1)
			c.worked.Add(1)
		}
		cancel()
		p.Leave()
	}
}
