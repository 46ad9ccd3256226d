package oteldeskauth

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"go.opentelemetry.io/otel/metric"
)

// Watch reports the queue of password hashes of an Auth each time that metrics are
// collected, until the registration that it returns is unregistered. Watch one Auth with
// one Telemetry: two would report one queue, now this one and now that. Watch returns an
// error for a nil Auth.
func (t *Telemetry) Watch(auth *deskauth.Auth) (metric.Registration, error) {
	if auth == nil {
		return nil, errors.New("oteldeskauth: Watch needs an Auth: check the error that deskauth.New returned")
	}
	running := metric.WithAttributes(labelCallers.String("running"))
	waiting := metric.WithAttributes(labelCallers.String("waiting"))
	watch, err := t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		queue := auth.HashQueue()
		o.ObserveInt64(t.queueUsage, int64(queue.Running), running)
		o.ObserveInt64(t.queueUsage, int64(queue.Waiting), waiting)
		o.ObserveInt64(t.queueLimit, int64(queue.Places))
		return nil
	}, t.queueUsage, t.queueLimit)
	if err != nil {
		return nil, fmt.Errorf("oteldeskauth: the MeterProvider refuses to watch the queue of hashes: %w", err)
	}
	return watch, nil
}
