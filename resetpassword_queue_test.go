package deskauth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A rush is a call that computes a hash while others have the places of the queue.
type rush struct {
	k     testkit.MailKit
	store *testkit.CountingStore
	call  func(context.Context) error
	all   sync.WaitGroup // those in the queue

	// beforeTry runs before the attempt at a password or a code is counted.
	beforeTry func()
}

// rushes are the calls around a code that compute a hash, and how many accounts they look
// up before that.
var rushes = map[string]struct {
	call   func(context.Context, testkit.MailKit, rushing) error
	before int64
}{
	"ResetPassword": {func(ctx context.Context, k testkit.MailKit, by rushing) error {
		_, err := k.Use(ctx, deskauth.MailPasswordReset, by.reset, testkit.Here)
		return err
	}, 0},
	"RequestEmailChange": {func(ctx context.Context, k testkit.MailKit, by rushing) error {
		return k.RequestEmailChange(ctx, deskauth.RequestEmailChangeInput{
			Token: by.session, Email: "new@f22.it",
			Password: deskauth.NewSecret(testkit.AndreasPassword), Client: testkit.Here,
		})
	}, 1}, // that of the session
}

// A rushing agent has a code for a reset and a session.
type rushing struct{ reset, session deskauth.Secret }

// newRush returns the call of an agent, on a queue with one permit and two more places.
// Each limit allows the client one attempt.
func newRush(t *testing.T, call func(context.Context, testkit.MailKit, rushing) error) *rush {
	t.Helper()
	limits, once := testkit.NoLimits(), deskauth.Rate{Attempts: 1, Per: time.Hour}
	limits.SigninsPerClient, limits.SigninsPerAccountAndClient, limits.SigninsPerAccount = once, once, once
	limits.MailsPerClient = once
	r := &rush{store: &testkit.CountingStore{UserStore: memstore.New()}}
	r.k = testkit.NewWithMail(t, r.store, testkit.Secrets(), deskauth.Config{
		HashParallelism: 1, HashQueue: 2, Limits: limits,
		Limiter: rushLimiter{deskauth.NewMemoryLimiter(time.Now), r},
	})
	agent := r.k.MustAgent(t, "andrea@f22.it")
	by := rushing{
		r.k.MustMail(t, deskauth.MailPasswordReset, agent).Code,
		deskauth.NewSecret(r.k.MustIssue(t, agent.ID).Token),
	}
	r.call = func(ctx context.Context) error { return call(ctx, r.k, by) }
	return r
}

type rushLimiter struct {
	deskauth.Limiter
	rush *rush
}

func (l rushLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if try := l.rush.beforeTry; try != nil && strings.HasPrefix(attempts[0].Key, "signins from ") {
		l.rush.beforeTry = nil
		try()
	}
	return l.Limiter.Take(ctx, attempts...)
}

// fill takes places for a client.
func (r *rush) fill(t *testing.T, client string, n int) {
	for range n {
		r.all.Go(func() { r.k.Gate().DoFor(t.Context(), client, func() {}) })
	}
	synctest.Wait()
}

// waits starts the call and returns when it waits for its turn. The error is there when the
// queue is empty.
func (r *rush) waits(ctx context.Context) *error {
	err := new(error)
	r.all.Go(func() { *err = r.call(ctx) })
	synctest.Wait()
	return err
}

// A full queue turns a caller away before its attempt is counted and before the store is
// asked. A caller that loses its place later on fails too, with nothing changed and its
// attempts given back. None leaves a place behind.
func TestS41_AHashThatHasNoTurnChangesNothing(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		want error
		meet func(t *testing.T, r *rush, lookups int64) *error
	}{
		"a full queue": {deskauth.ErrBusy, func(t *testing.T, r *rush, lookups int64) *error {
			r.fill(t, testkit.Here, 2)
			r.beforeTry = func() { t.Error("the attempt is counted") }
			before := r.store.Calls()
			err := r.call(t.Context())
			if n := r.store.Calls() - before; n != lookups {
				t.Errorf("the store is asked %d times, want %d", n, lookups)
			}
			r.beforeTry = nil
			return &err
		}},
		"a queue that fills up meanwhile": {deskauth.ErrBusy, func(t *testing.T, r *rush, _ int64) *error {
			r.beforeTry = func() { r.fill(t, testkit.Here, 2) }
			err := r.call(t.Context())
			return &err
		}},
		"another client gets the place": {deskauth.ErrBusy, func(t *testing.T, r *rush, _ int64) *error {
			r.fill(t, testkit.Here, 1)
			err := r.waits(t.Context())
			r.fill(t, testkit.There, 1)
			return err
		}},
		"the time is up": {context.DeadlineExceeded, func(t *testing.T, r *rush, _ int64) *error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := r.waits(ctx)
			time.Sleep(time.Second)
			synctest.Wait()
			return err
		}},
	} {
		for name, call := range rushes {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRush(t, call.call)
					updates := r.store.Updates.Load()
					release := r.k.Gate().Occupy(1, 0)
					err := c.meet(t, r, call.before)
					release()
					r.all.Wait()
					if !errors.Is(*err, c.want) {
						t.Errorf("got %v, want %v", *err, c.want)
					}
					if n, mails := r.store.Updates.Load()-updates, r.k.Mail.Take(); n != 0 || len(mails) != 0 {
						t.Errorf("%d accounts are written and the mails %v sent, want none", n, mails)
					}
					if q := r.k.HashQueue(); q.Running != 0 || q.Waiting != 0 {
						t.Errorf("the queue is %+v when all have gone", q)
					}
					if err := r.call(t.Context()); err != nil {
						t.Errorf("the next call: %v", err)
					}
				})
			})
		}
	}
}
