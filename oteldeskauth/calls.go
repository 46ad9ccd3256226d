package oteldeskauth

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/deskauth/deskauth"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// An outcome is how a call of the host's code ended.
type outcome int

const (
	succeeded outcome = iota
	notFound
	exists
	conflict
	refused // by a limiter
	unsupported
	canceled // the caller has hung up
	unreadable
	timeout
	failed
	numOutcomes
)

// String returns the value of the label.
func (o outcome) String() string {
	return [numOutcomes]string{
		"succeeded", "not_found", "exists", "conflict", "refused", "unsupported", "canceled", "unreadable",
		"timeout", "failed",
	}[o]
}

// isFailure reports whether the host's code is to blame.
func (o outcome) isFailure() bool { return o >= unreadable }

// errRefused is how a limiter that refuses ends a call, for outcomeOfCall.
var errRefused = errors.New("refused")

func outcomeOfCall(err error) outcome {
	if err == nil {
		return succeeded
	}
	for _, answer := range [...]struct {
		err error
		outcome
	}{
		{errRefused, refused},
		{deskauth.ErrUserNotFound, notFound},
		{deskauth.ErrProjectNotFound, notFound},
		{deskauth.ErrUserExists, exists},
		{deskauth.ErrConflict, conflict},
		{errors.ErrUnsupported, unsupported},
		{context.DeadlineExceeded, timeout},
		{context.Canceled, canceled},
	} {
		if errors.Is(err, answer.err) {
			return answer.outcome
		}
	}
	if _, ok := errors.AsType[*deskauth.RowError](err); ok {
		return unreadable
	}
	return failed
}

// calls observes the calls of one thing of the host's: the store, the limiter or the keys.
type calls struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	methods  []method
}

// A method has its labels ready, so that a call makes none.
type method struct {
	span    string
	labels  attribute.KeyValue
	options [numOutcomes][]metric.RecordOption
}

func newCalls(tracer trace.Tracer, target string, names []string, duration metric.Float64Histogram) *calls {
	c := &calls{tracer: tracer, duration: duration}
	for _, name := range names {
		m := method{span: target + "." + name, labels: labelMethod.String(name)}
		for o := range numOutcomes {
			labels := attribute.NewSet(m.labels, labelOutcome.String(o.String()))
			m.options[o] = []metric.RecordOption{metric.WithAttributeSet(labels)}
		}
		c.methods = append(c.methods, m)
	}
	return c
}

// observe makes a call, in a span of its own. A call that panics has failed.
func (c *calls) observe(ctx context.Context, index int, do func(context.Context) error) {
	m := &c.methods[index]
	start := time.Now()
	ctx, span := c.tracer.Start(ctx, m.span)
	ended := failed
	defer func() {
		c.duration.Record(ctx, time.Since(start).Seconds(), m.options[ended]...)
		if span.IsRecording() {
			span.SetAttributes(m.labels, labelOutcome.String(ended.String()))
			if ended.isFailure() {
				span.SetStatus(codes.Error, "")
				span.SetAttributes(errorType(ended == timeout))
			}
		}
		span.End()
	}()
	ended = outcomeOfCall(do(ctx))
}

// inMemory reports whether the methods of a host's code never wait, as deskauth finds out:
// see [deskauth.InMemory].
func inMemory(host any) bool {
	h, ok := host.(deskauth.InMemory)
	return ok && reflect.TypeOf(h.InMemory()) == reflect.TypeOf(host)
}
