package httpadapter

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

type identityKey struct{}

// A caller is whom a middleware has let through, and the clock for the age of the sign-in.
type caller struct {
	id  deskauth.Identity
	now func() time.Time
}

func callerOf(ctx context.Context) (caller, bool) {
	c, ok := ctx.Value(identityKey{}).(caller)
	return c, ok
}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, identityKey{}, c)
}

// IdentityFrom returns the identity that [Authenticate], [Optional] or [WithIdentity] put
// into a context, and false if there is none.
func IdentityFrom(ctx context.Context) (deskauth.Identity, bool) {
	c, ok := callerOf(ctx)
	return c.id, ok
}

// MustIdentity is [IdentityFrom] for a handler that always stands behind [Authenticate]. It
// panics if there is no identity, because the zero Identity would belong to no account.
func MustIdentity(ctx context.Context) deskauth.Identity {
	c, ok := callerOf(ctx)
	if !ok {
		panic("httpadapter: the context has no identity. Put Authenticate around this handler, " +
			"and read the context of the request that Authenticate passes on: " +
			"a wrapper for gin has to set c.Request, one for echo calls c.SetRequest. " +
			"In a test of the handler alone, use WithIdentity. " +
			"Behind Optional, use IdentityFrom")
	}
	return c.id
}

// WithIdentity returns a context with an identity, as [Authenticate] passes it on. It is
// for tests of a handler alone, and for a middleware of the host's own: nothing is checked.
// For [RequireFresh] the clock is [time.Now].
func WithIdentity(ctx context.Context, id deskauth.Identity) context.Context {
	return withCaller(ctx, caller{id, time.Now})
}
