package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// Both processes know the project of the load. Its secret protects nothing.
const (
	projectID     = "5b55e806c93dde00143163dd"
	projectSecret = "8b4ac5b9-8c5c-4b8a-9d4f-3f1f2d7c6e10"
	prefix        = "/v1/auth"
)

// serve is the process under load. It prints its address, and ends when stdin does, which
// it does however the parent ends.
func serve(stdin io.Reader, stdout, stderr io.Writer, cheap bool) error {
	signal.Ignore(os.Interrupt) // a terminal sends it to the parent too, which ends this process
	// The log is formatted, because a real server pays for that. Only errors are shown.
	logger := slog.New(slog.NewMultiHandler(
		slog.NewTextHandler(io.Discard, nil),
		slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}),
	))
	handler, err := newHandler(logger, cheap)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ // with the timeouts of examples/server
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelError),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "http://%s\n", listener.Addr())

	over := make(chan struct{})
	go func() {
		io.Copy(io.Discard, stdin)
		close(over)
	}()
	select {
	case err := <-served:
		return err
	case <-over:
	}
	// Shutdown waits more than five seconds for connections on which nothing was sent.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
}

func newHandler(logger *slog.Logger, cheap bool) (http.Handler, error) {
	store, err := newForgetfulStore(context.Background())
	if err != nil {
		return nil, err
	}
	wide := deskauth.Rate{Attempts: 1_000_000_000, Per: time.Hour} // counted and never met
	cfg := deskauth.Config{
		HashParallelism: 2,
		Limits: deskauth.Limits{
			SigninsPerClient:    wide,
			SignupsPerClient:    wide,
			GuestsPerClient:     wide,
			GuestsPerProject:    wide,
			ExternalsPerProject: wide,
		},
		Logger: logger,
	}
	if cheap {
		cfg.Argon2 = deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}
	}
	auth, err := deskauth.New(store, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", rand.Text()+rand.Text())},
		Projects: map[string][]deskauth.Key{projectID: {deskauth.NewKey("", "HS256", projectSecret)}},
	}, cfg)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, httpadapter.New(auth, httpadapter.Config{Logger: logger})))
	mux.Handle("GET /me", httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})(http.HandlerFunc(showMe)))
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, readStats(store)) })
	return mux, nil
}

func showMe(w http.ResponseWriter, r *http.Request) {
	id, _ := httpadapter.IdentityFrom(r.Context())
	answer(w, struct {
		UserID string        `json:"userID"`
		Kind   deskauth.Kind `json:"kind"`
	}{id.UserID, id.Kind})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
