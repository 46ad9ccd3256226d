package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// A row is one second of the record and one line of its file.
type row struct {
	at        float64 // seconds since the load began
	stats     stats
	failed    int
	abandoned int
	calls     [numCalls]callRow
}

type callRow struct {
	classes        [numClasses]int
	p50, p99, most float64 // in ms; 0 if there was no answer
}

func newRow(at time.Duration, s stats, i interval) row {
	r := row{at: at.Seconds(), stats: s, failed: i.failed, abandoned: i.abandoned}
	for c := range numCalls {
		p50, p99, most := percentiles(i.took[c])
		r.calls[c] = callRow{i.classes[c], milliseconds(p50), milliseconds(p99), milliseconds(most)}
	}
	return r
}

// answers returns the number of answers of a class, to all calls.
func (r row) answers(k class) (n int) {
	for _, c := range r.calls {
		n += c.classes[k]
	}
	return n
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// columns returns the first line of the file.
func columns() []string {
	names := []string{
		"seconds", "goroutines", "heap_bytes", "rss_bytes", "gc_cycles", "accounts",
		"failed_connections", "abandoned",
	}
	for _, call := range callNames {
		for _, class := range classNames {
			names = append(names, call+"_"+class)
		}
		names = append(names, call+"_p50_ms", call+"_p99_ms", call+"_max_ms")
	}
	return names
}

// fields returns the row as a line of the file.
func (r row) fields() []string {
	decimal := func(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }
	fields := []string{
		decimal(r.at, 2), fmt.Sprint(r.stats.Goroutines), fmt.Sprint(r.stats.HeapBytes), fmt.Sprint(r.stats.RSSBytes),
		fmt.Sprint(r.stats.GCCycles), fmt.Sprint(r.stats.Accounts), fmt.Sprint(r.failed), fmt.Sprint(r.abandoned),
	}
	for _, c := range r.calls {
		for _, n := range c.classes {
			fields = append(fields, strconv.Itoa(n))
		}
		fields = append(fields, decimal(c.p50, 2), decimal(c.p99, 2), decimal(c.most, 2))
	}
	return fields
}

// parseRow is the inverse of fields.
func parseRow(fields []string) (row, error) {
	numbers := make([]float64, len(fields))
	for i, field := range fields {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil || !(n >= 0) {
			return row{}, fmt.Errorf("%s is %q; it must be a number, 0 or more", columns()[i], field)
		}
		numbers[i] = n
	}
	next := func() float64 {
		n := numbers[0]
		numbers = numbers[1:]
		return n
	}
	var r row
	r.at = next()
	r.stats.Goroutines = int(next())
	r.stats.HeapBytes = uint64(next())
	r.stats.RSSBytes = uint64(next())
	r.stats.GCCycles = uint64(next())
	r.stats.Accounts = int(next())
	r.failed = int(next())
	r.abandoned = int(next())
	for c := range r.calls {
		for k := range numClasses {
			r.calls[c].classes[k] = int(next())
		}
		r.calls[c].p50, r.calls[c].p99, r.calls[c].most = next(), next(), next()
	}
	return r, nil
}

// readRows returns the rows of a record, two or more.
func readRows(from io.Reader) ([]row, error) {
	lines, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) < 3 || !slices.Equal(lines[0], columns()) {
		return nil, fmt.Errorf("%d lines are not a record: it has a line of column names and two seconds or more",
			len(lines))
	}
	rows := make([]row, 0, len(lines)-1)
	for i, line := range lines[1:] {
		r, err := parseRow(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}
