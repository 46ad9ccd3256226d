package main

import (
	"fmt"
	"io"
	"math"
	"time"
)

func printHeader(out io.Writer) {
	fmt.Fprintf(out, "%8s %8s %8s %10s %8s %10s %13s\n",
		"memory", "passes", "at once", "hashes/s", "ms each", "peak MiB", "sign-ins/min")
}

func printRow(out io.Writer, r result) {
	about := " "
	if !r.Exact {
		about = "~"
	}
	fmt.Fprintf(out, "%4d MiB %8d %8d %10.1f %8.1f %s%9.0f %13.0f\n",
		r.params.Memory>>10, r.params.Time, r.parallelism,
		r.PerSecond, float64(r.Median)/float64(time.Millisecond), about, mib(r.Peak), 60*r.PerSecond)
}

func printSkipped(out io.Writer, r result) {
	fmt.Fprintf(out, "%4d MiB %8d %8d  more than -memory: not measured\n",
		r.params.Memory>>10, r.params.Time, r.parallelism)
}

func printNotes(out io.Writer, results []result) {
	fmt.Fprint(out, `
Memory and passes are those of one hash (Argon2id, one lane). The peak is that of the whole process.
`)
	for _, r := range results {
		if !r.Exact {
			fmt.Fprint(out, "~ is an upper bound: this system does not tell the peak, but what the Go runtime asked for.\n")
			break
		}
	}
}

func printRecommendation(out io.Writer, best result, results []result, o options) {
	fmt.Fprintf(out, `
Recommended: %s, %d at once: %.0f sign-ins a minute in a process of %.0f MiB.
OWASP's five choices are equally hard to guess. This is the default if it fits -memory %d, else the next with
less memory. It has the fewest hashes at once that come within %.0f %% of its best speed. The last caller in a full
queue is answered within %v.

config := deskauth.Config{
	Argon2:          deskauth.Argon2Params{Memory: %d << 10, Time: %d, Parallelism: 1}, // KiB
	HashParallelism: %d,
	HashQueue:       %d,
}
`, best.choice, best.parallelism, 60*best.PerSecond, mib(best.Peak), o.memory, 100-100*enough, o.wait,
		best.params.Memory>>10, best.params.Time, best.parallelism, best.queue(o.wait))

	for _, c := range choices {
		if rate := fastest(results, c); !c.owasp && rate > 0 {
			fmt.Fprintf(out, "\nHarder to guess: %s (RFC 9106), if %.0f sign-ins a minute are enough.\n", c, math.Floor(60*rate))
		}
	}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
