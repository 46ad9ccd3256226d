// Package oteldeskauth reports what deskauth does to OpenTelemetry: as metrics, and as
// spans of the trace that a request belongs to.
//
//	telemetry, err := oteldeskauth.New(oteldeskauth.Config{})
//	...
//	users, secrets := telemetry.Store(store), telemetry.Keys(keys)
//	auth, err := deskauth.New(users, secrets, deskauth.Config{
//		OnEvent: telemetry.OnEvent,
//		Limiter: telemetry.Limiter(limiter), // if there is one
//	})
//	...
//	queue, err := telemetry.Watch(auth)
//	...
//	defer queue.Unregister()
//
// Each part works without the others. A host with an OnEvent of its own calls both:
//
//	OnEvent: func(ctx context.Context, e deskauth.Event) {
//		telemetry.OnEvent(ctx, e)
//		audit(ctx, e)
//	},
//
// # Metrics
//
// docs/observability.md lists every metric with its labels, and alerts to begin with.
//
// # Spans
//
// A call of the store, the keys or the limiter is a span, in which the spans of a driver
// nest. A call of an [deskauth.Auth] is a span beside those, in the same trace: it is made
// when its last event comes, and begins when the call began. A successful Verify makes no
// event, and so no such span and no count. Every span is of the kind internal. Its status
// is Error if the host's code failed, and unset for a refusal, which is no error of the
// server's.
//
// # What is in a label
//
// The value of each label, and of each attribute of a span, is one of a fixed list. What is
// not in the list becomes "other". So there is no address, ID, client, token or text of an
// error in any of them, and the number of time series is bounded whatever clients send.
//
// Nothing here starts a goroutine. All of it is safe for concurrent use.
package oteldeskauth
