package deskauth_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A program limits something of its own with the limiter that it gives to deskauth.
func ExampleNewMemoryLimiter() {
	ctx := context.Background()
	limiter := deskauth.NewMemoryLimiter(time.Now)
	export := deskauth.Attempt{
		Key:  "export of 203.0.113.7", // the names of deskauth's own keys begin otherwise
		Rate: deskauth.Rate{Attempts: 2, Per: time.Hour},
	}
	for range 3 {
		refused, wait, err := limiter.Take(ctx, export)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(refused < 0, wait.Round(time.Minute))
	}
	// Output:
	// true 0s
	// true 0s
	// false 30m0s
}

// How full the queue of password hashes is, for a metric.
func ExampleAuth_HashQueue() {
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{
		deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault"),
	}}
	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{HashParallelism: 2, HashQueue: 100})
	if err != nil {
		log.Fatal(err)
	}
	queue := auth.HashQueue()
	fmt.Println(queue.Running, "run and", queue.Waiting, "wait, of", queue.Places)
	// Output: 0 run and 0 wait, of 102
}
