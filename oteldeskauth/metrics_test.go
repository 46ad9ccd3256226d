package oteldeskauth_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// testdata/metrics.md is the part of docs/observability.md that the code decides. A test of
// internal/docs compares the two.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	labels, all := map[string]map[string]bool{}, map[string]metricdata.Metrics{}
	for _, l := range everything(t) {
		for _, m := range l.collect(t) {
			all[m.Name] = m
			if labels[m.Name] == nil {
				labels[m.Name] = map[string]bool{}
			}
			for _, p := range points(t, m) {
				for _, a := range p.labels.ToSlice() {
					labels[m.Name][code(string(a.Key))] = true
				}
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("| metric | kind | unit | labels | what it says |\n|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := all[name]
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", code(name), kind(t, m), code(m.Unit),
			cmp.Or(strings.Join(slices.Sorted(maps.Keys(labels[name])), ", "), "none"), m.Description)
	}
	out.WriteString("\n| label | values |\n|---|---|\n")
	lists := oteldeskauth.Lists()
	lists["deskauth.outcome` of an operation"], lists["deskauth.outcome` of a mail"],
		lists["deskauth.outcome` of a call"] = oteldeskauth.Outcomes()
	for _, label := range slices.Sorted(maps.Keys(lists)) {
		closing := "`"
		if strings.Contains(label, "`") {
			closing = ""
		}
		fmt.Fprintf(&out, "| `%s%s | `%s` |\n", label, closing, strings.Join(lists[label], "`, `"))
	}
	golden(t, "testdata/metrics.md", out.Bytes())
}

func code(text string) string { return "`" + text + "`" }

func kind(t *testing.T, m metricdata.Metrics) string {
	t.Helper()
	switch data := m.Data.(type) {
	case metricdata.Histogram[float64]:
		return "histogram"
	case metricdata.Sum[int64]:
		if data.IsMonotonic {
			return "counter"
		}
		return "up-down counter"
	}
	t.Fatalf("%s has data of the type %T", m.Name, m.Data)
	return ""
}
