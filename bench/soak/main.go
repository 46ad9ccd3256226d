// Soak holds a deskauth server under a mixed load, records what it does each second, and
// draws the record. In bench/:
//
//	GOWORK=off go run ./soak -duration 10m -out /tmp/soak.csv
//	GOWORK=off go run ./soak -plot /tmp/soak.csv -svg ../docs/soak.svg
//
// It starts itself a second time as the server, so that the memory it records is the
// server's and not the load's: an http.Server on the loopback with httpadapter, a guarded
// handler and memstore. That server has the default Config, real Argon2 cost included,
// except that the limits on sign-ups and guests, which come from one address here, are too
// wide to be met; the limits on wrong passwords are the default ones and are met. The
// number of hashes at once is fixed to two, so that a burst fills the queue on a machine of
// any size.
//
// Accounts would make the memory grow for a good reason and hide a bad one. So the server's
// store holds at most 20,000 passing accounts: it is full before the load begins, and
// forgets the oldest tenth whenever it needs room. What is left to see must be flat.
//
// The load is a fixed number of requests a second, most of them good, some of them bad in
// every way a client can be, some of them given up half-way, and every 30 seconds 500
// sign-ins over 250 connections at once. A worker waits for its answer before it asks
// again, so a slow server is asked less.
//
// Soak exits with 1 and says why if an answer was not the one the request deserves (any 5xx
// but a 503 for want of a hash is none), a connection failed, the server logged an error,
// goroutines were left over in the end, or memory in the last quarter was above that of the
// second.
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

// options are the flags. The last four are for trying it quickly.
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
	f.DurationVar(&o.duration, "duration", time.Minute, "how long the load goes on, at most 24h")
	f.StringVar(&o.out, "out", "soak.csv", "the file to record into")
	f.StringVar(&o.plot, "plot", "", "draw this record instead of making one")
	f.StringVar(&o.svg, "svg", "soak.svg", "the file to draw into, with -plot")
	f.BoolVar(&o.cheap, "cheap", false, "hash passwords with next to no work, for a quick try")
	f.Float64Var(&o.load, "load", 1, "multiplies the requests a second, up to 100")
	f.DurationVar(&o.burstEvery, "burst", 30*time.Second, "the time between two bursts of sign-ins")
	f.DurationVar(&o.idle, "idle", 5*time.Second, "the rest after the load, before goroutines are counted")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.duration < 3*time.Second || o.duration > 24*time.Hour:
		return o, fmt.Errorf("-duration is %v; 3s to 24h are allowed", o.duration)
	case !(o.load > 0 && o.load <= 100):
		return o, fmt.Errorf("-load is %v; it must be above 0 and at most 100", o.load)
	case o.burstEvery < time.Second || o.idle < 0 || o.idle > time.Minute:
		return o, fmt.Errorf("-burst must be 1s or more, and -idle 0 to 1m")
	}
	return o, nil
}

// errUnsound means that the run came to its end and found something.
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
