// Observe serves deskauth with an endpoint for Prometheus on a listener of its own.
// docs/observability.md explains it, and alerts.yml has the alerts.
//
// It is a module of its own and not in go.work: the SDK of OpenTelemetry and the client of
// Prometheus are large.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where clients connect")
	metrics := flag.String("metrics", "127.0.0.1:9464", "where Prometheus connects: keep it from the public")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *metrics); err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends.
func run(ctx context.Context, listen, metrics string) error {
	keys := deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", rand.Text()+rand.Text())}, // a restart ends sessions
		Projects: map[string][]deskauth.Key{"demo": nil},
	}
	s, err := newService(memstore.New(), keys, deskauth.Config{})
	if err != nil {
		return err
	}
	defer s.close()
	ended := make(chan error, 2)
	servers := []*http.Server{server(listen, s.public), server(metrics, s.metrics)}
	for _, srv := range servers {
		go func() { ended <- srv.ListenAndServe() }()
	}
	log.Printf("serving http://%s/v1/auth/, and metrics at http://%s/metrics", listen, metrics)
	select {
	case <-ctx.Done():
	case err = <-ended: // such as an address in use
	}
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, srv := range servers {
		err = errors.Join(err, srv.Shutdown(patience))
	}
	return err
}

func server(address string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr: address, Handler: handler,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
}
