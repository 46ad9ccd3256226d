package storetest

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

// has reports whether a store has an optional ability.
func has[Ability any](store deskauth.UserStore) bool {
	_, ok := store.(Ability)
	return ok
}

// failsWhenEnded checks that a method of an ability returns the error of its context when
// that context has ended, and that the store works on.
func (p *probe) failsWhenEnded(method string, call func(ctx context.Context) error) {
	p.Helper()
	cancelled, cancel := context.WithCancel(p.ctx)
	cancel()
	late, cancel := context.WithDeadline(p.ctx, time.Unix(0, 0))
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		p.wraps(call(ctx), ctx.Err(), method)
	}
	p.create(fullAccount("after " + method))
	p.holds(fullAccount("after " + method))
}
