package oteldeskauth

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// OnEvent is for Config.OnEvent of deskauth. It counts the event, and makes a span of the
// call that the event ends. It does not block.
func (t *Telemetry) OnEvent(ctx context.Context, e deskauth.Event) {
	operation := labelOperation.String(operations.of(e.Operation))
	event := labelEvent.String(events.of(e.Type))
	t.events.Add(ctx, 1, metric.WithAttributes(operation, event))
	if e.Limit != "" {
		limit := labelLimit.String(limits.of(e.Limit))
		t.refusals.Add(ctx, 1, metric.WithAttributes(operation, limit))
	}
	if e.Mail != "" {
		t.countMail(ctx, e)
	}
	if e.Ends {
		t.countOperation(ctx, operation, event, e)
	}
}

// countMail counts what became of a mail. A failure is counted without a reason, and a
// timeout too: EventMailFailed has none.
func (t *Telemetry) countMail(ctx context.Context, e deskauth.Event) {
	labels := []attribute.KeyValue{labelMail.String(mails.of(e.Mail))}
	switch e.Type {
	case deskauth.EventMailSent:
		labels = append(labels, labelOutcome.String("sent"))
	case deskauth.EventMailWithheld:
		labels = append(labels, labelOutcome.String("withheld"), labelReason.String(reasons.of(e.Reason)))
	case deskauth.EventMailFailed:
		labels = append(labels, labelOutcome.String("failed"))
	default: // an event about something else
		return
	}
	t.mails.Add(ctx, 1, metric.WithAttributes(labels...))
}

// countOperation counts a call by its outcome, and makes its span.
func (t *Telemetry) countOperation(ctx context.Context, operation, event attribute.KeyValue, e deskauth.Event) {
	outcome := labelOutcome.String(outcomeOf(e))
	labels := []attribute.KeyValue{operation, outcome}
	if e.Reason != "" && (e.Type == deskauth.EventRefused || e.Type == deskauth.EventFailed) {
		labels = append(labels, labelReason.String(reasons.of(e.Reason)))
	}
	t.operations.Add(ctx, 1, metric.WithAttributes(labels...))
	t.duration.Record(ctx, e.Duration.Seconds(), metric.WithAttributes(operation, outcome))
	if waited(e) {
		t.hashWait.Record(ctx, e.HashWait.Seconds(), metric.WithAttributes(operation))
	}
	if hashed(e) {
		t.hashTime.Record(ctx, e.HashTime.Seconds(), metric.WithAttributes(operation))
	}
	t.addSpan(ctx, e, append(labels, event))
}

// waited reports whether a call has come to the queue of hashes, which may have let it
// through at once. It may have lost its place there.
func waited(e deskauth.Event) bool { return e.HashWait > 0 || e.HashTime > 0 }

// hashed reports whether a call has computed a hash.
func hashed(e deskauth.Event) bool { return e.HashTime > 0 }

// outcomeOf returns how a call ended.
func outcomeOf(e deskauth.Event) string {
	switch e.Type {
	case deskauth.EventRefused:
		return refused.String()
	case deskauth.EventFailed:
		return failed.String()
	}
	return succeeded.String()
}

// addSpan makes the span of a call that has just ended. Its times are the wall clock's:
// Config.Now, which Event.Time has, may be another.
func (t *Telemetry) addSpan(ctx context.Context, e deskauth.Event, labels []attribute.KeyValue) {
	end := time.Now()
	name := "deskauth." + operations.of(e.Operation)
	_, span := t.tracer.Start(ctx, name, trace.WithTimestamp(end.Add(-e.Duration)))
	defer span.End(trace.WithTimestamp(end))
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(labels...)
	if e.Limit != "" {
		span.SetAttributes(labelLimit.String(limits.of(e.Limit)))
	}
	if waited(e) {
		span.SetAttributes(attribute.Float64("deskauth.hash.wait_time", e.HashWait.Seconds()))
	}
	if hashed(e) {
		span.SetAttributes(attribute.Float64("deskauth.hash.duration", e.HashTime.Seconds()))
	}
	if e.Type == deskauth.EventFailed {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(errorType(e.Reason == deskauth.ReasonTimeout))
	}
}

// errorType returns the attribute error.type of the semantic conventions, whose value for
// all that has no better one is _OTHER.
func errorType(timedOut bool) attribute.KeyValue {
	if timedOut {
		return attribute.String("error.type", "timeout")
	}
	return attribute.String("error.type", "_OTHER")
}
