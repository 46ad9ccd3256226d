package oteldeskauth_test

import (
	"context"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// benchmarked returns an Auth on a memstore that a Telemetry measures, and a guest's token.
func benchmarked(b testing.TB, telemetry *oteldeskauth.Telemetry) (*deskauth.Auth, string) {
	b.Helper()
	var users deskauth.UserStore = memstore.New()
	cfg := deskauth.Config{
		Limits: deskauth.Limits{GuestsPerProject: deskauth.NoLimit},
		Logger: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if telemetry != nil {
		users, cfg.OnEvent = telemetry.Store(users), telemetry.OnEvent
	}
	auth, err := deskauth.New(users, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, cfg)
	if err != nil {
		b.Fatal(err)
	}
	s, err := auth.SigninAnonymously(b.Context(), deskauth.AnonymousInput{ProjectID: "demo"})
	if err != nil {
		b.Fatal(err)
	}
	return auth, s.Token
}

// measured returns the telemetry of each way to run: none, with metrics, and with spans
// that are not sampled or sampled.
func measured(b testing.TB) map[string]*oteldeskauth.Telemetry {
	b.Helper()
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	all := map[string]*oteldeskauth.Telemetry{"1 without": nil}
	for name, cfg := range map[string]oteldeskauth.Config{
		"2 metrics": {MeterProvider: meters, TracerProvider: notrace.NewTracerProvider()},
		"3 metrics and spans that are not sampled": {
			MeterProvider: meters, TracerProvider: trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())),
		},
		"4 metrics and spans": {MeterProvider: meters, TracerProvider: trace.NewTracerProvider()},
	} {
		var err error
		if all[name], err = oteldeskauth.New(cfg); err != nil {
			b.Fatal(err)
		}
	}
	return all
}

// Verify is what every request pays: one call of the store, and no event.
func BenchmarkVerify(b *testing.B) {
	for name, telemetry := range measured(b) {
		b.Run(name, func(b *testing.B) {
			auth, token := benchmarked(b, telemetry)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := auth.Verify(context.Background(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A guest's sign-in is the cheapest call with an event: one call of the store.
func BenchmarkSigninAnonymously(b *testing.B) {
	for name, telemetry := range measured(b) {
		b.Run(name, func(b *testing.B) {
			auth, _ := benchmarked(b, telemetry)
			b.ReportAllocs()
			for b.Loop() {
				in := deskauth.AnonymousInput{ProjectID: "demo"}
				if _, err := auth.SigninAnonymously(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Metrics cost Verify no allocation, because the labels of a call are made once. A span
// costs one, its context, also where no tracer is set.
func TestVerifyAllocations(t *testing.T) {
	if raceDetector() {
		t.Skip("with the race detector there are more allocations")
	}
	allocations := map[string]float64{}
	for name, telemetry := range measured(t) {
		auth, token := benchmarked(t, telemetry)
		allocations[name] = testing.AllocsPerRun(200, func() {
			if _, err := auth.Verify(context.Background(), token); err != nil {
				t.Fatal(err)
			}
		})
	}
	if without, with := allocations["1 without"], allocations["2 metrics"]; with > without+1 {
		t.Errorf("Verify makes %v allocations with metrics, want one more than the %v without", with, without)
	}
}

func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
