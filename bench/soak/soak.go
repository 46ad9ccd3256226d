package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// An outcome is what there is to say of a run.
type outcome struct {
	rows          []row
	tally         *tally
	before, after stats // of the server at rest
	stopped       error // of the server's end; nil if it ended well
}

// soak makes one run, records it into a file, and prints a summary.
func soak(ctx context.Context, o options, out io.Writer) (err error) {
	file, err := os.Create(o.out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	server, err := startChild(o.cheap)
	if err != nil {
		return err
	}
	result, err := run(ctx, o, server, file)
	result.stopped = server.stop()
	if err != nil {
		return errors.Join(err, result.stopped)
	}
	result.summarize(out)
	problems := result.judge()
	for _, p := range problems {
		fmt.Fprintln(out, "FAIL", p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: %d problems", errUnsound, len(problems))
	}
	fmt.Fprintln(out, "ok")
	return nil
}

// run puts the server under load and records what it does.
func run(ctx context.Context, o options, server *child, file io.Writer) (result outcome, err error) {
	if result.before, err = server.readStats(); err != nil {
		return result, err
	}
	result.tally = newTally()
	l, err := newLoad(server.base, o.load, result.tally)
	if err != nil {
		return result, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.duration)
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		l.run(ctx, o.burstEvery)
	}()
	result.rows, err = record(over, server, result.tally, file)
	cancel()
	<-over
	if err != nil {
		return result, err
	}
	time.Sleep(o.idle) // lets what ends by itself end
	result.after, err = server.readStats()
	return result, err
}

// record writes a row each second until the load is over. A last second that is too short
// to be compared with the others is in the tally only.
func record(over <-chan struct{}, server *child, t *tally, file io.Writer) (rows []row, err error) {
	w := csv.NewWriter(file)
	if err := w.Write(columns()); err != nil {
		return nil, err
	}
	start := time.Now()
	written := start
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for last := false; !last; {
		select {
		case <-over:
			last = true
		case <-ticks.C:
		}
		s, err := server.readStats()
		if err != nil {
			return rows, fmt.Errorf("read the server's stats: %w", err)
		}
		counted := t.take()
		if last && time.Since(written) < time.Second/2 {
			break
		}
		written = time.Now()
		r := newRow(written.Sub(start), s, counted)
		rows = append(rows, r)
		w.Write(r.fields())
		if w.Flush(); w.Error() != nil {
			return rows, w.Error()
		}
	}
	return rows, nil
}
