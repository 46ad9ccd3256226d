package main

import (
	"fmt"
	"image/color"
	"math"
	"os"

	"github.com/deskauth/deskauth/bench/internal/chart"
)

// drawFile draws the record in one file into another, as SVG.
func drawFile(from, to string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := readRows(file)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	svg, err := chartOf(rows).SVG()
	if err != nil {
		return err
	}
	return os.WriteFile(to, svg, 0o644)
}

// chartOf chooses what is drawn of a record.
func chartOf(rows []row) chart.Chart {
	panels := []chart.Panel{
		{Title: "Memory, MB", Lines: []chart.Line{
			line("heap objects", chart.Orange, rows, func(r row) float64 { return float64(r.stats.HeapBytes) / 1e6 }),
			line("resident set (RSS)", chart.Blue, rows, func(r row) float64 { return knownOrNaN(float64(r.stats.RSSBytes) / 1e6) }),
		}},
		{Title: "Goroutines", Lines: []chart.Line{
			line("", chart.Blue, rows, func(r row) float64 { return float64(r.stats.Goroutines) }),
		}},
		{Title: "Answers per second", Scale: chart.LogFromZero, Lines: []chart.Line{
			rate("2xx", chart.Blue, rows, class2xx),
			rate("other 4xx", chart.Sky, rows, class4xx),
			rate("429", chart.Orange, rows, class429),
			rate("503", chart.Vermilion, rows, class503),
			rate("other 5xx", chart.Black, rows, class5xx),
		}},
		latency("Anonymous sign-in", rows, anonymous),
		latency("GET /me behind the middleware", rows, me),
	}
	chart.ShareRange(panels[3:])
	return chart.Chart{Title: title(rows), Until: rows[len(rows)-1].at, Panels: panels}
}

// line has a point for each row.
func line(name string, c color.Color, rows []row, of func(row) float64) chart.Line {
	l := chart.Line{Name: name, Color: c}
	for _, r := range rows {
		l.Add(r.at, of(r))
	}
	return l
}

// rate is the line of the answers of a class, per second.
func rate(name string, c color.Color, rows []row, k class) chart.Line {
	l := chart.Line{Name: name, Color: c}
	before, total := 0.0, 0
	for _, r := range rows {
		n := r.answers(k)
		l.Add(r.at, float64(n)/math.Max(r.at-before, 0.1))
		before, total = r.at, total+n
	}
	if total == 0 {
		l.Name += " (none)"
	}
	return l
}

func latency(title string, rows []row, c call) chart.Panel {
	return chart.Panel{Title: title + ", latency in ms", Scale: chart.Log, Lines: []chart.Line{
		line("99th percentile", chart.Vermilion, rows, func(r row) float64 { return knownOrNaN(r.calls[c].p99) }),
		line("median", chart.Blue, rows, func(r row) float64 { return knownOrNaN(r.calls[c].p50) }),
	}}
}

func title(rows []row) string {
	answers := 0
	for _, r := range rows {
		for k := range numClasses {
			answers += r.answers(k)
		}
	}
	seconds := rows[len(rows)-1].at
	length := fmt.Sprintf("%.0f seconds", seconds)
	if seconds >= 120 {
		length = fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return fmt.Sprintf("A deskauth server under a mixed load: %s, %s answers", length, thousands(answers))
}

// thousands writes n with a comma after each thousand.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// knownOrNaN returns n, or NaN where 0 stands for a value that is not known. A chart leaves
// NaN out.
func knownOrNaN(n float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return n
}
