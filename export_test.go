package deskauth

import (
	"context"
	"sync"
	"time"
)

// What the tests of package deskauth_test may see of the inside.

// A HashGate is the gate before password hashes.
type HashGate = hashGate

// NewHashGate returns a gate of a test's own.
func NewHashGate(parallelism, queue int) *HashGate { return newHashGate(parallelism, queue) }

// Gate returns the gate of an Auth.
func (a *Auth) Gate() *HashGate { return a.gate }

// Do is admit and do.
func (g *hashGate) Do(ctx context.Context, work func()) error {
	leave, err := g.admit()
	if err != nil {
		return err
	}
	defer leave()
	return g.do(ctx, work)
}

// Waiting returns how many callers have a place and no permit.
func (g *hashGate) Waiting() int64 { return g.inside.Load() - int64(len(g.permits)) }

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
