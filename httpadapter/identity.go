package httpadapter

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

type identityKey struct{}

// A caller is whom a middleware has let through, and the clock for the age of the sign-in.
// The zero caller is a stranger, whom Optional lets through. A context without a caller has
// passed no middleware: nobody has looked for a token.
type caller struct {
	id    deskauth.Identity
	now   func() time.Time
	known bool
}

func callerOf(ctx context.Context) (c caller, looked bool) {
	c, looked = ctx.Value(identityKey{}).(caller)
	return c, looked
}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, identityKey{}, c)
}

// IdentityFrom returns the identity that [Authenticate], [Optional] or [WithIdentity] put
// into a context, and false if there is none.
func IdentityFrom(ctx context.Context) (deskauth.Identity, bool) {
	c, _ := callerOf(ctx)
	return c.id, c.known
}

// notLooked says what to do about a context that has passed no middleware.
const notLooked = "the context has passed none of Authenticate, Optional and WithIdentity. " +
	"Put Authenticate before this handler and before Require and RequireFresh, " +
	"and read the context of the request that Authenticate passes on: " +
	"an adapter for gin has to set c.Request, one for echo calls c.SetRequest, " +
	"and fiber needs adaptor.HTTPMiddleware. In a test of the handler alone, use WithIdentity"

// MustIdentity is [IdentityFrom] for a handler that always stands behind [Authenticate]. It
// panics if there is no identity, because the zero Identity would belong to no account.
func MustIdentity(ctx context.Context) deskauth.Identity {
	c, looked := callerOf(ctx)
	switch {
	case !looked:
		panic("httpadapter: MustIdentity finds no identity: " + notLooked)
	case !c.known:
		panic("httpadapter: MustIdentity finds no identity: the request has no good token, and Optional has let it " +
			"through. Use IdentityFrom, or Authenticate in the place of Optional")
	}
	return c.id
}

// WithIdentity returns a context with an identity, as [Authenticate] passes it on. It is
// for tests of a handler alone, and for a middleware of the host's own: nothing is checked.
// A request that such a middleware has no identity for, it has to answer itself. For
// [RequireFresh] the clock is [time.Now].
func WithIdentity(ctx context.Context, id deskauth.Identity) context.Context {
	return withCaller(ctx, caller{id, time.Now, true})
}
