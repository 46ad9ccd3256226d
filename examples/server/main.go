// Server is a small real server to try deskauth with. It keeps accounts in memory, in a
// SQLite file or in PostgreSQL. At its start it prints curl commands for every endpoint.
// When it is told to stop, it answers the requests that are running first, and ends within
// ten seconds.
//
//	go run ./examples/server -h
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

	"github.com/deskauth/deskauth/accounts"
)

const (
	writeTimeout = 30 * time.Second
	// requestTimeout leaves time to write the answer.
	requestTimeout = 25 * time.Second
)

func main() {
	o, err := parseOptions(os.Args[1:], os.Environ(), os.Stderr)
	if err != nil {
		exit(err)
	}
	ctx, releaseSignals := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer releaseSignals()
	if err := run(ctx, releaseSignals, o, os.Stdout, os.Stderr); err != nil {
		exit(err)
	}
}

// run serves until ctx ends. Then it calls releaseSignals, so that a second signal ends the
// program at once, and waits for the requests that are running.
func run(ctx context.Context, releaseSignals func(), o options, out, logs io.Writer) (err error) {
	logger := newLogger(o, logs)
	if o.randomSecret {
		logger.Warn("the session secret is random, so a restart ends every session; set -session-secret to keep it")
	}
	for _, name := range o.unknownVariables {
		logger.Warn("an environment variable is ignored: no option has its name; -h lists the options", "variable", name)
	}
	users, err := openStore(ctx, o.store, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(closeTimeout, logger, "the store to close", users.close)) }()
	limiter, err := openLimiter(ctx, o.limiter, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, limiter.close()) }()
	mail, mailWhere, err := openMailer(o, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeMailer(mail)) }()
	auth, err := newAuth(o, users.UserStore, limiter.Limiter, mail, logger)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	root := "http://" + listener.Addr().String()
	fmt.Fprintf(out, "listening on %s\naccounts are kept in %s\nattempts are counted in %s\nmail goes to %s\n",
		root+o.prefix, users.where, limiter.where, mailWhere)
	if err := printCommands(out, o, root); err != nil {
		return err
	}

	if o.purgeGuests > 0 {
		purging, stopPurging := context.WithCancel(ctx)
		var purger sync.WaitGroup
		cfg := accounts.PurgeConfig{EvenAll: o.purgeEvenAll}
		purger.Go(func() { purgeGuests(purging, users.UserStore, o.purgeGuests, cfg, logger) })
		defer within(purgeTimeout, logger, "a purge to end", func() error { // before the store is closed
			purger.Wait()
			return nil
		})
		defer stopPurging()
	}
	server := newServer(newHandler(o, auth, users, logger), logger)
	requests, endRequests := context.WithCancel(context.Background())
	defer endRequests()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	releaseSignals()
	return shutdown(server, endRequests)
}

// newServer returns a server that a slow client cannot hold up. The zero http.Server has no
// timeouts.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func newLogger(o options, w io.Writer) *slog.Logger {
	if o.log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
