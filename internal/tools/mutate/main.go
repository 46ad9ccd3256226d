// Command mutate measures how well the tests of a package bite. It makes one small change
// after the other in the package's source, such as a slip of the hand makes, and runs the
// tests that reach the change. One of them should fail. The command prints each change that
// no test notices.
//
//	mutate [flags] folder[:file.go,file.go] …
//
// It needs a Unix shell and runs in the module's root. The go command lays each change over
// the source with -overlay, so that no file of the work tree is touched and the command may
// be stopped at any time. The tests run as with go test -short.
//
// A change that does not compile does not count. One that makes the tests hang counts as
// noticed. One that makes no difference to what the program does is equal: no test can
// notice it, so it stands in a list with the reason, and does not count either.
//
// The exit code is 1 if the tests of a package notice less than the required percentage,
// or if the list has an entry that is not true any more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

type options struct {
	least   float64
	workers int
	match   *regexp.Regexp
	equal   map[change]string
	temp    string // a folder
	out     io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o := options{out: out}
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.Float64Var(&o.least, "min", 95, "the `percentage` of the changes that the tests have to notice")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many changes are tried at a time")
	match := flags.String("match", "", "try only the changes whose file:line:column kind matches the `pattern`")
	list := flags.String("equal", "internal/tools/mutate/equal.txt", "the `file` that lists the equal changes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	o.match, err = regexp.Compile(*match)
	if err != nil {
		return err
	}
	o.equal, err = readEqual(*list)
	if err != nil {
		return err
	}
	o.temp, err = os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(o.temp)
	var failures []error
	for _, target := range flags.Args() {
		err := o.target(ctx, target)
		if ctx.Err() != nil {
			return errors.New("stopped")
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// target measures one folder, or those of its files that target names.
func (o *options) target(ctx context.Context, target string) error {
	dir, named, some := strings.Cut(target, ":")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	if some {
		files = nil
		for name := range strings.SplitSeq(named, ",") {
			files = append(files, filepath.Join(dir, name))
		}
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
	tests, err := measure(ctx, dir, o.temp)
	if err != nil {
		return err
	}
	r := report{count: map[outcome]int{}}
	for _, file := range files {
		if err := o.file(ctx, filepath.ToSlash(file), tests, &r); err != nil {
			return err
		}
	}
	fmt.Fprint(o.out, r.text(target, o.equal))
	return r.verdict(target, files, o)
}

// file tries every change in one file, several at a time.
func (o *options) file(ctx context.Context, file string, tests *suite, r *report) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	mutants, err := find(file, src)
	if err != nil {
		return err
	}
	queue := make(chan mutant, len(mutants))
	for _, m := range mutants {
		if o.match.MatchString(m.String()) {
			queue <- m
		}
	}
	close(queue)
	fmt.Fprintf(os.Stderr, "mutate: %d changes in %s\n", len(queue), file)
	failures := make([]error, o.workers)
	var group sync.WaitGroup
	for i := range failures {
		group.Go(func() { failures[i] = o.work(ctx, queue, src, tests, r, i) })
	}
	group.Wait()
	return errors.Join(failures...)
}

// work tries the changes of the queue, one at a time.
func (o *options) work(ctx context.Context, queue <-chan mutant, src []byte, tests *suite, r *report, id int) error {
	temp := filepath.Join(o.temp, strconv.Itoa(id))
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	for m := range queue {
		said, err := tests.try(ctx, m, src, temp)
		if err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		r.add(m, src, said)
		if said == survived && o.equal[m.change(src)] == "" {
			fmt.Fprintf(os.Stderr, "mutate: %s survives\n", m)
		}
	}
	return nil
}
