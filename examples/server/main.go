// Server is a small real server for trying deskauth. It keeps accounts in memory, in a file
// or in PostgreSQL, prints the commands to paste, and ends what is running when it is told
// to stop.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// stopTimeout is how long what is running may take when the server is told to stop.
const stopTimeout = 10 * time.Second

func main() {
	o, err := parseOptions(os.Args[1:], os.Getenv, os.Stderr)
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, stop, o, os.Stdout, os.Stderr); err != nil {
		exit(err)
	}
}

// run serves until ctx ends, calls stopped, and goes on until what is running has been answered.
func run(ctx context.Context, stopped func(), o options, out, logs io.Writer) (err error) {
	logger := newLogger(o, logs)
	if o.randomSecret {
		logger.Warn("the session secret is random: a restart signs everybody out; set -session-secret to keep one")
	}
	opened, err := openStore(ctx, o.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	auth, err := newAuth(o, opened.UserStore, logger)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           newHandler(o, auth, opened.lasts),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	base := "http://" + listener.Addr().String() + o.prefix
	fmt.Fprintf(out, "listening on %s\naccounts are kept in %s\n", base, opened.where)
	if err := printCommands(out, o, base); err != nil {
		return err
	}

	if o.purgeGuests > 0 {
		purging, stop := context.WithCancel(ctx)
		var purger sync.WaitGroup
		purger.Go(func() { purgeGuests(purging, opened.UserStore, o.purgeGuests, logger) })
		defer func() { stop(); purger.Wait() }() // before the store is closed
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	stopped() // a second signal ends it at once
	deadline, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		server.Close()
		return fmt.Errorf("some requests were not answered within %v: %w", stopTimeout, err)
	}
	return nil
}

func newLogger(o options, w io.Writer) *slog.Logger {
	if o.log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
