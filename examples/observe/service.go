package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/oteldeskauth"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// A service is an Auth that is observed, and what is served of it.
type service struct {
	auth    *deskauth.Auth
	public  http.Handler
	metrics http.Handler // for Prometheus alone
	meters  *sdkmetric.MeterProvider
	queue   metric.Registration
}

func newService(users deskauth.UserStore, keys deskauth.SecretProvider, cfg deskauth.Config) (*service, error) {
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry),
		otelprometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes),
		otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, err
	}
	s := &service{
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)),
	}
	return s, s.start(users, keys, cfg)
}

// start makes the Auth, with all of its parts measured.
func (s *service) start(users deskauth.UserStore, keys deskauth.SecretProvider, cfg deskauth.Config) error {
	telemetry, err := oteldeskauth.New(oteldeskauth.Config{MeterProvider: s.meters})
	if err != nil {
		return err
	}
	cfg.OnEvent = telemetry.OnEvent
	cfg.Limiter = telemetry.Limiter(cfg.Limiter)
	s.auth, err = deskauth.New(telemetry.Store(users), telemetry.Keys(keys), cfg)
	if err != nil {
		return err
	}
	s.queue, err = telemetry.Watch(s.auth)
	s.public = routes(s.auth)
	return err
}

// routes are what clients may reach.
func routes(auth *deskauth.Auth) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", http.StripPrefix("/v1/auth", httpadapter.New(auth, httpadapter.Config{})))
	users := http.StripPrefix("/v1/users", httpadapter.NewUsers(auth, httpadapter.Config{}))
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)
	return mux
}

// close ends the metrics.
func (s *service) close() {
	if err := errors.Join(s.queue.Unregister(), s.meters.Shutdown(context.Background())); err != nil {
		slog.Error("metrics", "error", err)
	}
}
