package oteldeskauth

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// scope names this package as the source of its metrics and spans.
const scope = "github.com/deskauth/deskauth/oteldeskauth"

// The labels of metrics, which are attributes of spans too.
const (
	labelOperation = attribute.Key("deskauth.operation")
	labelOutcome   = attribute.Key("deskauth.outcome")
	labelReason    = attribute.Key("deskauth.reason")
	labelEvent     = attribute.Key("deskauth.event")
	labelLimit     = attribute.Key("deskauth.limit")
	labelMail      = attribute.Key("deskauth.mail")
	labelMethod    = attribute.Key("deskauth.method")
	labelCallers   = attribute.Key("deskauth.callers")
)

// Config says where the telemetry goes. The zero value is what programs use that set the
// global providers of OpenTelemetry.
type Config struct {
	// MeterProvider gets the metrics. The default is [otel.GetMeterProvider] at the time of
	// [New].
	MeterProvider metric.MeterProvider
	// TracerProvider gets the spans. The default is [otel.GetTracerProvider] at the time of
	// [New].
	TracerProvider trace.TracerProvider
}

// A Telemetry reports what one [deskauth.Auth] does. Make one with [New].
type Telemetry struct {
	tracer trace.Tracer
	meter  metric.Meter

	events     metric.Int64Counter
	operations metric.Int64Counter
	refusals   metric.Int64Counter
	mails      metric.Int64Counter
	duration   metric.Float64Histogram
	hashWait   metric.Float64Histogram
	hashTime   metric.Float64Histogram
	queueUsage metric.Int64ObservableUpDownCounter
	queueLimit metric.Int64ObservableUpDownCounter

	store, limiter, keys *calls
}

// Bounds of the buckets of histograms, in seconds: those that the semantic conventions of
// OpenTelemetry have for an HTTP server, and for a client of a database.
var (
	boundsOfOperations = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	boundsOfCalls      = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
)

// New returns a Telemetry. It returns an error if the MeterProvider refuses an instrument.
func New(cfg Config) (*Telemetry, error) {
	if cfg.MeterProvider == nil {
		cfg.MeterProvider = otel.GetMeterProvider()
	}
	if cfg.TracerProvider == nil {
		cfg.TracerProvider = otel.GetTracerProvider()
	}
	i := instruments{meter: cfg.MeterProvider.Meter(scope)}
	t := &Telemetry{
		tracer: cfg.TracerProvider.Tracer(scope),
		meter:  i.meter,

		operations: i.counter("deskauth.operations", "{operation}", "calls of Auth, by how they ended"),
		duration:   i.histogram("deskauth.operation.duration", "how long a call of Auth took", boundsOfOperations),
		events:     i.counter("deskauth.events", "{event}", "events, by their type"),
		refusals:   i.counter("deskauth.limit.refusals", "{attempt}", "attempts above a limit"),
		mails:      i.counter("deskauth.mails", "{mail}", "mails, by what became of them"),
		hashWait: i.histogram("deskauth.hash.wait_time",
			"how long a call waited for its turn to hash a password", boundsOfOperations),
		hashTime: i.histogram("deskauth.hash.duration", "how long the hashes of a call took", boundsOfOperations),
		queueUsage: i.upDown("deskauth.hash.queue.usage", "{caller}",
			"callers that have a place in the queue of hashes"),
		queueLimit: i.upDown("deskauth.hash.queue.limit", "{caller}", "places in the queue of hashes"),
	}
	t.store = newCalls(t.tracer, "UserStore", storeMethods,
		i.histogram("deskauth.store.duration", "how long a call of the store took", boundsOfCalls))
	t.limiter = newCalls(t.tracer, "Limiter", limiterMethods,
		i.histogram("deskauth.limiter.duration", "how long a call of the limiter took", boundsOfCalls))
	t.keys = newCalls(t.tracer, "SecretProvider", keyMethods,
		i.histogram("deskauth.keys.duration", "how long a call of the key provider took", boundsOfCalls))
	if err := errors.Join(i.refused...); err != nil {
		return nil, fmt.Errorf("oteldeskauth: the MeterProvider refuses an instrument: %w", err)
	}
	t.startFailures()
	return t, nil
}

// startFailures begins the time series of failures at 0. The first failure is an increase
// then; of a series that begins at 1, Prometheus sees none.
func (t *Telemetry) startFailures() {
	ctx, outcome := context.Background(), labelOutcome.String(failed.String())
	timedOut := labelReason.String(reasons.of(deskauth.ReasonTimeout))
	for _, name := range operations {
		operation := labelOperation.String(name)
		t.operations.Add(ctx, 0, metric.WithAttributes(operation, outcome))
		t.operations.Add(ctx, 0, metric.WithAttributes(operation, outcome, timedOut))
	}
	for _, kind := range mails {
		t.mails.Add(ctx, 0, metric.WithAttributes(labelMail.String(kind), outcome))
	}
}

// instruments makes them, and keeps the errors.
type instruments struct {
	meter   metric.Meter
	refused []error
}

func (i *instruments) counter(name, unit, what string) metric.Int64Counter {
	c, err := i.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	i.refused = append(i.refused, err)
	return c
}

func (i *instruments) upDown(name, unit, what string) metric.Int64ObservableUpDownCounter {
	c, err := i.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(what))
	i.refused = append(i.refused, err)
	return c
}

func (i *instruments) histogram(name, what string, bounds []float64) metric.Float64Histogram {
	h, err := i.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what),
		metric.WithExplicitBucketBoundaries(bounds...))
	i.refused = append(i.refused, err)
	return h
}
