package redislimit_test

import (
	"log"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// All processes with this Redis share one limit.
func Example() {
	client := redis.NewClient(&redis.Options{
		Addr:                  "localhost:6379",
		ContextTimeoutEnabled: true, // so that a call ends when its time is over
	})
	defer client.Close()
	limiter, err := redislimit.New(client, redislimit.Options{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
	}, deskauth.Config{Limiter: limiter})
	if err != nil {
		log.Fatal(err)
	}
	_ = auth // mount it
}
