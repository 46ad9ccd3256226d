// Sizing measures how many people can sign in on this machine. It prints the Config that
// fits the memory which their password hashes may take.
//
//	go run ./examples/sizing -memory 200 -wait 3s
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

func main() {
	if row := os.Getenv(rowEnv); row != "" {
		exit(child(row, os.Stdout))
	}
	exit(run(os.Args[1:], choices, os.Stdout))
}

func exit(err error) {
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		fmt.Fprintln(os.Stderr, "sizing:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

type options struct {
	seconds float64       // how long each row is measured
	memory  int           // the most that the process may take, in MiB
	wait    time.Duration // the longest that a caller may wait in the queue
}

func parseOptions(args []string) (o options, err error) {
	flags := flag.NewFlagSet("sizing", flag.ContinueOnError)
	flags.Float64Var(&o.seconds, "seconds", 2, "measure each row for `N` seconds")
	flags.IntVar(&o.memory, "memory", 512,
		"recommend a choice that takes at most this many `MiB`, and measure none that must take more")
	flags.DurationVar(&o.wait, "wait", 5*time.Second, "choose a queue whose last caller is answered within `DURATION`")
	flags.SetOutput(io.Discard) // the caller prints the error, once
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stderr)
			flags.Usage()
		}
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: every option starts with -", flags.Arg(0))
	case !(o.seconds > 0 && o.seconds <= 3600):
		return o, fmt.Errorf("-seconds is %v; it must be above 0 and at most 3600", o.seconds)
	case o.memory < 1:
		return o, fmt.Errorf("-memory is %d; it must be 1 or more", o.memory)
	case o.wait <= 0 || o.wait > time.Hour:
		return o, fmt.Errorf("-wait is %v; it must be above 0 and at most 1h", o.wait)
	}
	return o, nil
}

// run measures the choices one after the other, each row in a process of its own, and
// recommends one.
func run(args []string, choices []choice, out io.Writer) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	cores := runtime.GOMAXPROCS(0)
	levels := parallelisms(cores)
	fmt.Fprintf(out, "%d cores, %s %s/%s. %d rows of %v s, each a process of its own.\n\n",
		cores, runtime.Version(), runtime.GOOS, runtime.GOARCH, len(choices)*len(levels), o.seconds)

	printHeader(out)
	var results []result
	for _, c := range choices {
		for _, p := range levels {
			r := result{choice: c, parallelism: p}
			if c.memoryMiB(p) > o.memory {
				printSkipped(out, r)
				continue
			}
			if r.measurement, err = measure(c, p, o.seconds); err != nil {
				return fmt.Errorf("measure %s, %d at once: %w", c, p, err)
			}
			printRow(out, r)
			results = append(results, r)
		}
	}
	printNotes(out, results)
	best, err := recommend(results, o.memory)
	if err != nil {
		return err
	}
	printRecommendation(out, best, results, o)
	return nil
}

// parallelisms returns the numbers of hashes at once to try, in increasing order.
func parallelisms(cores int) []int {
	levels := []int{1}
	for _, p := range []int{cores / 2, cores, 2 * cores} {
		if p > levels[len(levels)-1] {
			levels = append(levels, p)
		}
	}
	return levels
}
