// Soak puts a deskauth server under a mixed load, records each second of it, and draws the
// record. In bench/:
//
//	GOWORK=off go run ./soak -duration 10m -out /tmp/soak.csv
//	GOWORK=off go run ./soak -plot /tmp/soak.csv -svg ../docs/soak.svg
//
// Soak starts itself a second time as the server, so that it records the memory of the
// server and not that of the load. The server is an http.Server on the loopback with
// httpadapter, a guarded handler and memstore. Its Config is the default, with the real
// cost of Argon2, but for two things. The limits on sign-ups and guests, which all come
// from one address here, are too wide to be met; those on wrong passwords are met. And two
// hashes run at once, so that a burst fills the queue on a machine of any size.
//
// New accounts would make the memory grow for a good reason and hide a bad one. So the
// store holds at most 20,000 passing accounts. It is full before the load begins, and
// forgets the oldest tenth whenever it needs room. Its memory must stay flat.
//
// The load is a fixed number of requests a second. Most of them are good, some are bad in
// every way that a client can be, and some are given up half-way. Every 30 seconds come 500
// sign-ins over 250 connections at once. A worker waits for its answer before it asks
// again, so a slow server gets fewer requests.
//
// Soak exits with 1 and says why if one of these happens:
//   - a request gets an answer that it does not deserve, such as any 5xx but 503
//   - a connection fails
//   - the server logs an error
//   - goroutines are left over in the end
//   - the memory of the last quarter is above that of the second
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// options are the flags. The last four are for a quick try.
type options struct {
	serve     bool
	duration  time.Duration
	out       string
	plot, svg string

	cheap      bool
	load       float64
	burstEvery time.Duration
	idle       time.Duration
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("soak", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.BoolVar(&o.serve, "serve", false, "be the server; soak starts itself with this")
	f.DurationVar(&o.duration, "duration", time.Minute, "how long the load lasts, 3s to 24h")
	f.StringVar(&o.out, "out", "soak.csv", "record into this `FILE`")
	f.StringVar(&o.plot, "plot", "", "draw the record in this `FILE` instead of making one")
	f.StringVar(&o.svg, "svg", "soak.svg", "draw into this `FILE`, with -plot")
	f.BoolVar(&o.cheap, "cheap", false, "hash passwords with next to no work, for a quick try")
	f.Float64Var(&o.load, "load", 1, "multiply the requests a second by this `FACTOR`, at most 100")
	f.DurationVar(&o.burstEvery, "burst", 30*time.Second, "the time between two bursts of sign-ins, 1s or more")
	f.DurationVar(&o.idle, "idle", 5*time.Second, "the rest after the load, before goroutines are counted, at most 1m")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: every option starts with -", f.Arg(0))
	case o.duration < 3*time.Second || o.duration > 24*time.Hour:
		return o, fmt.Errorf("-duration is %v; it must be 3s to 24h", o.duration)
	case !(o.load > 0 && o.load <= 100):
		return o, fmt.Errorf("-load is %v; it must be above 0 and at most 100", o.load)
	case o.burstEvery < time.Second:
		return o, fmt.Errorf("-burst is %v; it must be 1s or more", o.burstEvery)
	case o.idle < 0 || o.idle > time.Minute:
		return o, fmt.Errorf("-idle is %v; it must be 0s to 1m", o.idle)
	}
	return o, nil
}

// errUnsound means that the run came to its end and found a problem.
var errUnsound = errors.New("the soak failed")

func main() {
	o, err := parseOptions(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(2)
	case o.serve:
		err = serve(os.Stdin, os.Stdout, os.Stderr, o.cheap)
	case o.plot != "":
		err = drawFile(o.plot, o.svg)
	default:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = soak(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}
