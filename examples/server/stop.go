package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// The program ends within ten seconds after it was told to. Docker waits as long before it
// kills it, and systemd and Kubernetes wait longer.
const (
	startTimeout = time.Second     // then connections that have sent nothing are closed
	drainTimeout = 4 * time.Second // then the contexts of running requests end
	cutTimeout   = 5 * time.Second // then their connections are cut
	purgeTimeout = time.Second     // for a purge to end
	mailTimeout  = time.Second     // for mail that waits to be sent
	closeTimeout = 2 * time.Second // for the store to close
)

// shutdown takes no more requests and waits for those that are running. endRequests ends
// their contexts, so that those in the queue of hashes are still answered.
func shutdown(server *http.Server, unused *unusedConns, endRequests func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), cutTimeout)
	defer cancel()
	defer time.AfterFunc(startTimeout, unused.close).Stop()
	defer time.AfterFunc(drainTimeout, endRequests).Stop()
	if err := server.Shutdown(ctx); err != nil {
		server.Close()
		return fmt.Errorf("some requests were not answered within %v: %w", cutTimeout, err)
	}
	return nil
}

// unusedConns are the connections that have sent nothing. Browsers open one more than they
// need. Shutdown would take each for a request for five seconds.
type unusedConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// track is the ConnState of an [http.Server].
func (u *unusedConns) track(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, conn)
		return
	}
	if u.conns == nil {
		u.conns = make(map[net.Conn]struct{})
	}
	u.conns[conn] = struct{}{}
}

func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for conn := range u.conns {
		conn.Close()
	}
}

// within runs f and waits for it until the time is over. A database that does not answer
// must not keep the program from ending.
func within(limit time.Duration, logger *slog.Logger, what string, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		logger.Warn("not waiting any longer", "for", what, "after", limit)
		return nil
	}
}
