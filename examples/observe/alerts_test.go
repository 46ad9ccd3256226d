package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documented returns the first column of a table in docs/observability.md, with the rest of
// each row. heading is what the first row has in its first column.
func documented(t *testing.T, heading string) map[string]string {
	t.Helper()
	_, table, ok := strings.Cut(read(t, "../../docs/observability.md"), "\n| "+heading+" |")
	table, _, closed := strings.Cut(table, "\n\n")
	if !ok || !closed {
		t.Fatalf("docs/observability.md has no table of each %s", heading)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)`[^|]*\\|(.*)$").FindAllStringSubmatch(table, -1) {
		rows[row[1]] += row[2]
	}
	return rows
}

// inPrometheus returns what the name of a metric becomes, by its row in the table.
func inPrometheus(name, row string) []string {
	name = strings.ReplaceAll(name, ".", "_")
	switch {
	case strings.Contains(row, "histogram"):
		return []string{name + "_seconds_bucket", name + "_seconds_sum", name + "_seconds_count"}
	case strings.Contains(row, "up-down counter"):
		return []string{name}
	}
	return []string{name + "_total"}
}

// The metrics in the docs are those that Prometheus sees after every call, with the same
// labels.
func TestDocumentedMetricsAreExposed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.live()
	exposed, seen := d.exposed(), 0
	for name, row := range documented(t, "metric") {
		for _, metric := range inPrometheus(name, row) {
			labels, ok := exposed[metric]
			if !ok {
				t.Errorf("%s is in docs/observability.md, and %s is not exposed", name, metric)
			}
			seen++
			for _, label := range labels {
				if label != "le" && !strings.Contains(row, "`"+strings.Replace(label, "_", ".", 1)+"`") {
					t.Errorf("%s has the label %s, which is not in its row of docs/observability.md", metric, label)
				}
			}
		}
	}
	if seen != len(exposed) || seen < 20 {
		t.Errorf("%d metrics are exposed and %d in docs/observability.md", len(exposed), seen)
	}
}

var (
	word    = regexp.MustCompile(`deskauth_\w+`)
	matcher = regexp.MustCompile(`(deskauth_\w+)=~?"([^"]*)"`)
)

// A misspelt metric makes an alert that is always silent.
func TestAlertsAskForWhatIsThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.live()
	exposed, values := d.exposed(), documented(t, "label")
	known := map[string]bool{}
	for name, labels := range exposed {
		known[name] = true
		for _, label := range labels {
			known[label] = true
		}
	}
	alerts := read(t, "alerts.yml")
	for _, name := range word.FindAllString(alerts, -1) {
		if !known[name] && !known[name+"_count"] {
			t.Errorf("alerts.yml has %s, which is neither a metric nor a label", name)
		}
	}
	matchers := matcher.FindAllStringSubmatch(alerts, -1)
	if len(matchers) < 10 {
		t.Errorf("%d matchers are checked: the test does not find them", len(matchers))
	}
	for _, m := range matchers {
		list := values[strings.Replace(m[1], "_", ".", 1)]
		for value := range strings.SplitSeq(m[2], "|") {
			if !strings.Contains(list, "`"+value+"`") {
				t.Errorf("alerts.yml looks for %s=%s, which is not in its list: %s", m[1], value, list)
			}
		}
	}
}

// Whoever is woken reads why it matters and what to do.
func TestAlertsExplainThemselves(t *testing.T) {
	t.Parallel()
	alerts := strings.Split(read(t, "alerts.yml"), "- alert: ")[1:]
	if len(alerts) < 8 {
		t.Fatalf("there are %d alerts", len(alerts))
	}
	page := read(t, "../../docs/observability.md")
	for _, alert := range alerts {
		name, _, _ := strings.Cut(alert, "\n")
		for _, part := range []string{"summary: ", "description: ", "severity: "} {
			if strings.Count(alert, part) != 1 {
				t.Errorf("%s has no line %s", name, part)
			}
		}
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/observability.md does not name %s", name)
		}
		if !strings.Contains(read(t, "alerts_test.yml"), `alertname="`+name+`"`) {
			t.Errorf("alerts_test.yml does not try %s", name)
		}
	}
}

// promtool reads the alerts as Prometheus does, and lets them watch a calm day and a bad
// night.
func TestAlertsFire(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		testkit.Missing(t, "promtool", "apt-get install prometheus", err)
	}
	for _, arguments := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		out, err := exec.CommandContext(t.Context(), promtool, arguments...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SUCCESS") {
			t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
	}
}
