package oteldeskauth_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Everything is measured. The providers are the global ones here, which do nothing until a
// program sets them.
func Example() {
	telemetry, err := oteldeskauth.New(oteldeskauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	keys := deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
	}
	auth, err := deskauth.New(telemetry.Store(memstore.New()), telemetry.Keys(keys), deskauth.Config{
		OnEvent: telemetry.OnEvent,
	})
	if err != nil {
		log.Fatal(err)
	}
	queue, err := telemetry.Watch(auth)
	if err != nil {
		log.Fatal(err)
	}
	defer queue.Unregister() // when auth is used no more
}

// A host that does something of its own with events calls both.
func ExampleTelemetry_OnEvent() {
	reader := metric.NewManualReader()
	telemetry, err := oteldeskauth.New(oteldeskauth.Config{
		MeterProvider: metric.NewMeterProvider(metric.WithReader(reader)),
	})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{
		Logger: slog.New(slog.DiscardHandler),
		OnEvent: func(ctx context.Context, e deskauth.Event) {
			telemetry.OnEvent(ctx, e)
			fmt.Println("audit:", e.Type)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.SigninAnonymously(context.Background(), deskauth.AnonymousInput{ProjectID: "demo"}); err != nil {
		log.Fatal(err)
	}

	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &metrics); err != nil {
		log.Fatal(err)
	}
	for _, m := range metrics.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name)
	}
	// Output:
	// audit: guest_created
	// deskauth.operations
	// deskauth.operation.duration
	// deskauth.events
	// deskauth.mails
}
