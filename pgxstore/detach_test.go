package pgxstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
)

// A statement ends at its caller's deadline. It outlives a caller that hangs up, by a grace
// and no more.
func TestS40_StatementsEndInTime(t *testing.T) {
	t.Parallel()
	type key struct{}
	for name, c := range map[string]struct {
		deadline, hangsUp, ends time.Duration
	}{
		"a deadline":                           {deadline: time.Second, ends: time.Second},
		"hangs up before its deadline":         {deadline: time.Minute, hangsUp: time.Second, ends: 6 * time.Second},
		"hangs up just before its deadline":    {deadline: 2 * time.Second, hangsUp: time.Second, ends: 2 * time.Second},
		"hangs up, and there is no deadline":   {hangsUp: time.Second, ends: 6 * time.Second},
		"hung up before, with no deadline":     {hangsUp: -1, ends: 5 * time.Second},
		"hung up before, with a deadline":      {deadline: time.Second, hangsUp: -1, ends: time.Second},
		"hung up before, with a late deadline": {deadline: time.Minute, hangsUp: -1, ends: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, hangUp := context.WithCancel(context.WithValue(t.Context(), key{}, "the caller's"))
				defer hangUp()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				if c.hangsUp < 0 {
					hangUp()
				} else if c.hangsUp > 0 {
					time.AfterFunc(c.hangsUp, hangUp)
				}
				begin := time.Now()
				run, cancel := pgxstore.Detach(ctx)
				defer cancel()
				if at, ok := run.Deadline(); ok != (c.deadline > 0) || ok && !at.Equal(begin.Add(c.deadline)) {
					t.Errorf("its deadline is after %v, %t; want the caller's, %v", at.Sub(begin), ok, c.deadline)
				}
				if run.Value(key{}) == nil {
					t.Error("it has not the values of its caller")
				}
				<-run.Done()
				if took := time.Since(begin); took != c.ends {
					t.Errorf("it ends after %v, want %v", took, c.ends)
				}
			})
		})
	}
}

// A watchedContext notes that nothing waits for its end any more.
type watchedContext struct {
	context.Context
	done    chan struct{}
	stopped bool
}

func (c *watchedContext) Done() <-chan struct{} { return c.done }

// AfterFunc is what [context.AfterFunc] calls.
func (c *watchedContext) AfterFunc(func()) (stop func() bool) {
	return func() bool { c.stopped = true; return true }
}

// When a statement has ended, nothing waits for the end of its caller.
func TestDetachLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx := &watchedContext{Context: t.Context(), done: make(chan struct{})}
	run, cancel := pgxstore.Detach(ctx)
	if ctx.stopped || run.Err() != nil {
		t.Errorf("before the statement has ended: stopped %t, %v", ctx.stopped, run.Err())
	}
	cancel()
	if !ctx.stopped || run.Err() == nil {
		t.Errorf("when the statement has ended: stopped %t, %v", ctx.stopped, run.Err())
	}
}

// A list that breaks off is an error, and not a shorter list.
func TestS40_SilentInTheMiddleOfAList(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			var guests []deskauth.Account
			for i := range 300 {
				guests = append(guests, guest(fmt.Sprintf("guest %03d", i)))
			}
			if _, err := r.store.ImportUsers(t.Context(), guests, nil); err != nil {
				t.Fatal(err)
			}
			r.proxy.Cut(20_000) // of more than twice as many
			err := within(t, soon, func(ctx context.Context) error {
				page, err := r.store.ListUsers(ctx, "", 1000)
				if len(page) == 301 {
					t.Error("all accounts came: the test shows nothing")
				}
				return err
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ListUsers: got the error %v, want one that wraps %v", err, context.DeadlineExceeded)
			}
		})
	}
}
