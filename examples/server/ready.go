package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/deskauth/deskauth"
)

// readyTimeout is how long the store may take to answer /readyz.
const readyTimeout = 2 * time.Second

// readyz answers 200 if the store answers, and 503 if not. It is for a load balancer, which
// then sends requests elsewhere. /healthz asks nothing: a restart mends no database. A
// client that hangs up ends no question: it says nothing about the store.
func readyz(users deskauth.UserStore, logger *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		end := time.Now().Add(readyTimeout)
		if deadline, ok := r.Context().Deadline(); ok && deadline.Before(end) {
			end = deadline
		}
		ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), end)
		defer cancel()
		_, err := users.UserByID(ctx, "readyz") // there need be no such account
		if err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
			logger.Warn("not ready: the store does not answer", "error", err)
			refuse(w, http.StatusServiceUnavailable, "not_ready", "The store does not answer.")
			return
		}
		io.WriteString(w, "ready")
	}
}

// withDeadline ends the context of each request, so that it is still answered before the
// server's WriteTimeout cuts its connection.
func withDeadline(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
