package oteldeskauth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// A probe is a Telemetry, and what it has reported.
type probe struct {
	*oteldeskauth.Telemetry
	tracer *trace.TracerProvider
	reader *metric.ManualReader
	spans  *tracetest.InMemoryExporter
}

func newProbe(t testing.TB) *probe {
	t.Helper()
	p := &probe{reader: metric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	p.tracer = trace.NewTracerProvider(trace.WithSyncer(p.spans))
	var err error
	p.Telemetry, err = oteldeskauth.New(oteldeskauth.Config{
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(p.reader)),
		TracerProvider: p.tracer,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// collect returns the metrics.
func (p *probe) collect(t testing.TB) (all []metricdata.Metrics) {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := p.reader.Collect(context.Background(), &data); err != nil {
		t.Fatal(err)
	}
	for _, scope := range data.ScopeMetrics {
		all = append(all, scope.Metrics...)
	}
	return all
}

// A point is one time series: its labels, and its value or how many values it has.
type point struct {
	labels attribute.Set
	value  int64
}

func points(t testing.TB, m metricdata.Metrics) (list []point) {
	t.Helper()
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			list = append(list, point{p.Attributes, p.Value})
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			list = append(list, point{p.Attributes, int64(p.Count)})
		}
	default:
		t.Fatalf("%s has data of the type %T", m.Name, data)
	}
	return list
}

// series returns every time series of a metric, as "label=value label=value: value". The
// labels are without "deskauth.". Failures that have not happened are left out.
func (p *probe) series(t testing.TB, name string) (list []string) {
	t.Helper()
	for _, m := range p.collect(t) {
		if m.Name != name {
			continue
		}
		for _, point := range points(t, m) {
			line := fmt.Sprintf("%s: %d", labelsOf(point.labels.ToSlice()), point.value)
			if !strings.Contains(line, "outcome=failed") || point.value > 0 {
				list = append(list, line)
			}
		}
	}
	slices.Sort(list)
	return list
}

func labelsOf(attributes []attribute.KeyValue) string {
	var list []string
	for _, a := range attributes {
		list = append(list, strings.TrimPrefix(string(a.Key), "deskauth.")+"="+a.Value.String())
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// want compares the time series of a metric.
func (p *probe) want(t testing.TB, name string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := p.series(t, name); !slices.Equal(got, want) {
		t.Errorf("%s has\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// takeSpans returns the spans since the last call, as "name: labels: status", by their end.
func (p *probe) takeSpans() (list []string) {
	for _, s := range p.spans.GetSpans() {
		list = append(list, fmt.Sprintf("%s: %s: %s", s.Name, labelsOf(s.Attributes), s.Status.Code))
	}
	p.spans.Reset()
	return list
}
