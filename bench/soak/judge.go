package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	goroutinesLeft = 10   // more than that after the load are a leak
	memoryGrowth   = 1.15 // the most from the second quarter to the last; the first is for warming up
	judgedRows     = 20   // with fewer rows, a quarter is too short to tell
)

// judge returns the problems of a run, none if all is well.
func (o outcome) judge() []string {
	var problems []string
	list := func(counted map[string]int) {
		for _, what := range slices.Sorted(maps.Keys(counted)) {
			problems = append(problems, fmt.Sprintf("%s (%d times)", what, counted[what]))
		}
	}
	list(o.tally.wrong)
	list(o.tally.failures)
	for c := range numCalls { // a promise of its own, whatever a request is said to deserve
		if n := o.tally.whole.classes[c][class5xx]; n > 0 {
			problems = append(problems, fmt.Sprintf("%s: %d answers with a 5xx that is not a 503", callNames[c], n))
		}
	}
	if before, after := o.before.Goroutines, o.after.Goroutines; after > before+goroutinesLeft {
		problems = append(problems, fmt.Sprintf("goroutines: %d before the load, %d after it", before, after))
	}
	if second, last, ok := memory(o.rows); ok && last > second*memoryGrowth {
		problems = append(problems, fmt.Sprintf(
			"memory: a mean RSS of %.1f MB in the second quarter, %.1f MB in the last",
			second/1e6, last/1e6))
	}
	if o.stopped != nil {
		problems = append(problems, o.stopped.Error())
	}
	return problems
}

// memory returns the mean RSS of the second and of the last quarter, in bytes. ok is false
// if the run was too short, or the system does not tell.
func memory(rows []row) (second, last float64, ok bool) {
	if len(rows) < judgedRows || rows[0].stats.RSSBytes == 0 {
		return 0, 0, false
	}
	mean := func(rows []row) float64 {
		var sum float64
		for _, r := range rows {
			sum += float64(r.stats.RSSBytes)
		}
		return sum / float64(len(rows))
	}
	n := len(rows)
	return mean(rows[n/4 : n/2]), mean(rows[n-n/4:]), true
}

// summarize prints the whole run: a table of its calls and a few totals.
func (o outcome) summarize(out io.Writer) {
	answers := o.printCalls(out)
	length := 0.0
	if n := len(o.rows); n > 0 {
		length = o.rows[n-1].at
	}
	fmt.Fprintf(out, "%d answers in %.0f s, and %d requests given up\n", answers, length, o.tally.whole.abandoned)
	fmt.Fprintf(out, "goroutines: %d before, %d after; accounts: %d before, %d after; collections: %d\n",
		o.before.Goroutines, o.after.Goroutines, o.before.Accounts, o.after.Accounts,
		o.after.GCCycles-o.before.GCCycles)
	second, last, ok := memory(o.rows)
	if !ok {
		fmt.Fprintln(out, "RSS: not judged, as that takes 20 seconds or more on Linux")
		return
	}
	fmt.Fprintf(out, "RSS: a mean of %.1f MB in the second quarter, %.1f MB in the last (%+.1f %%)\n",
		second/1e6, last/1e6, (last/second-1)*100)
}

// printCalls prints a table with a line for each call, and returns the number of answers.
func (o outcome) printCalls(out io.Writer) (answers int) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "call\tanswers\tp50\tp99\tmax\t  by status")
	for c := range numCalls {
		took := o.tally.whole.took[c]
		answers += len(took)
		p50, p99, most := percentiles(took)
		var statuses []string
		for _, status := range slices.Sorted(maps.Keys(o.tally.statuses[c])) {
			statuses = append(statuses, fmt.Sprintf("%d×%d", status, o.tally.statuses[c][status]))
		}
		fmt.Fprintf(w, "%s\t%d\t%v\t%v\t%v\t  %s\n",
			callNames[c], len(took), short(p50), short(p99), short(most), strings.Join(statuses, " "))
	}
	w.Flush()
	return answers
}

// short rounds a time to what is worth reading.
func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
