// Server is a small real server to try deskauth with. It keeps accounts in memory, in a
// SQLite file or in PostgreSQL. It serves a page to click at /, and at its start it prints
// curl commands for every endpoint.
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
	"syscall"
	"time"
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
	warn(o, logger)
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
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	defer listener.Close() // where nothing is served
	root := "http://" + listener.Addr().String()
	mail, mailWhere, err := openMailer(o, root, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeMailer(mail)) }()
	auth, err := newAuth(o, users.UserStore, limiter.Limiter, mail, logger)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening on %s\nthe page to click is %s/\naccounts are kept in %s\n"+
		"attempts are counted in %s\nmail goes to %s\n", root+o.prefix, root, users.where, limiter.where, mailWhere)
	if err := printCommands(out, o, root); err != nil {
		return err
	}
	defer startPurging(ctx, o, users, logger)() // before the store is closed

	box, _ := mail.(*outbox)
	server := newServer(newHandler(o, auth, users, box, logger), logger)
	return serve(ctx, releaseSignals, server, listener, logger)
}

// warn says what about the options may be meant differently.
func warn(o options, logger *slog.Logger) {
	if o.randomSecret {
		logger.Warn("the session secret is random, so a restart ends every session; set -session-secret to keep it")
	}
	for _, name := range o.unknownVariables {
		logger.Warn("an environment variable is ignored: no option has its name; -h lists the options", "variable", name)
	}
	switch {
	case o.opensDemo() && !isLoopback(o.addr):
		logger.Warn("the demo is open to everybody who reaches this address: its page shows the codes of all mails and "+
			"signs custom tokens for any name; remove -demo, or listen on 127.0.0.1", "address", o.addr)
	case o.demo && o.demoFlag == "" && !o.opensDemo():
		logger.Info("the page shows no mails and signs no custom tokens; -demo lets it, for everybody who reaches it",
			"because", o.whyClosed())
	}
}

// serve serves until ctx ends, and then shuts the server down.
func serve(
	ctx context.Context, releaseSignals func(), server *http.Server, listener net.Listener, logger *slog.Logger,
) error {
	requests, endRequests := context.WithCancel(context.Background())
	defer endRequests()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	unused := new(unusedConns)
	server.ConnState = unused.track
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	releaseSignals()
	return shutdown(server, unused, endRequests)
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
