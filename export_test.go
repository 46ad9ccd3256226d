package deskauth

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// What the tests of package deskauth_test may see of the inside.

// A HashGate is the gate before password hashes.
type HashGate = hashGate

// NewHashGate returns a gate of a test's own.
func NewHashGate(parallelism, queue int) *HashGate { return newHashGate(parallelism, queue) }

// Gate returns the gate of an Auth.
func (a *Auth) Gate() *HashGate { return a.gate }

// Do is enter and do, of a client that is not known.
func (g *hashGate) Do(ctx context.Context, work func()) error { return g.DoFor(ctx, "", work) }

// DoFor is enter and do.
func (g *hashGate) DoFor(ctx context.Context, client string, work func()) error {
	return g.doFor(ctx, client, new(Event), work)
}

// DoTold is Do with the event that tells the times.
func (g *hashGate) DoTold(ctx context.Context, e *Event, work func()) error {
	return g.doFor(ctx, "", e, work)
}

func (g *hashGate) doFor(ctx context.Context, client string, e *Event, work func()) error {
	place, err := g.enter(client, e)
	if err != nil {
		return err
	}
	defer place.leave()
	return place.do(ctx, work)
}

// StartSession is startSession.
func (a *Auth) StartSession(key Key, acc Account) (Session, error) { return a.startSession(key, acc) }

// Waiting returns how many callers have a place and no permit.
func (g *hashGate) Waiting() int64 {
	_, unserved := g.queue.Callers()
	return int64(unserved)
}

// Occupy runs work under n permits until release is called, which returns when the
// permits are back. It wants n permits free.
func (g *hashGate) Occupy(n int, took time.Duration) (release func()) {
	var running, done sync.WaitGroup
	running.Add(n)
	end := make(chan struct{})
	for range n {
		done.Go(func() {
			g.Do(context.Background(), func() {
				running.Done()
				<-end
				time.Sleep(took)
			})
		})
	}
	running.Wait()
	return func() {
		close(end)
		done.Wait()
	}
}

// WithDefaults is withDefaults.
func (c Config) WithDefaults() Config { return c.withDefaults() }

// IsInMemory is inMemory.
func IsInMemory(host any) bool { return inMemory(host) }

// TimeStore is timeStore.
func TimeStore(users UserStore, limit time.Duration) UserStore {
	return timeStore(users, callTimeout(limit))
}

// RandomUUID is randomUUID.
func RandomUUID(random []byte) uuid.UUID { return randomUUID(random) }

// Change is change.
func Change(ctx context.Context, a *Auth, acc Account, edit func(*Account)) (Account, error) {
	return a.change(ctx, acc, func(d *draft) error { edit(&d.Account); return nil })
}
