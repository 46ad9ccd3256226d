// Package redislimit counts attempts in Redis, so that several processes share the limits
// of deskauth. It is for Redis 6 or later, and for Valkey.
//
//	client := redis.NewClient(&redis.Options{
//		Addr:                  "localhost:6379",
//		ContextTimeoutEnabled: true,
//	})
//	limiter, err := redislimit.New(client, redislimit.Options{})
//	...
//	auth, err := deskauth.New(users, secrets, deskauth.Config{Limiter: limiter})
//
// A call is one round trip: a script that reads and writes all keys of the call at once, by
// the clock of Redis. Each key expires when its attempts have come back. Its name is the
// SHA-256 of what is counted, which hides addresses from a glance and from nobody who can
// guess them.
//
// # When Redis is away
//
// Redis is away when it cannot be reached, takes longer than Options.Patience, or answers
// with an error: it is full, loads its data, is a replica that takes no writes, or has no
// primary. The process then counts in its own memory. With Options.RefuseWhileAway, calls
// fail instead. Beside them one goroutine asks Redis once a second whether it is back.
//
// A caller whose deadline comes before Redis answers gets the error of its context. It does
// not count as an outage by itself: Redis is asked anew, with all of the patience.
//
// The memory also counts while Redis is there. So it knows what came through this process,
// and an outage gives nobody new attempts at it. What the process allowed during an outage,
// or before Redis lost its data, stays counted here until those attempts have come back.
// What is lost is that the other processes know of it: in an outage each counts for itself.
//
// A call that the client repeats, because the connection broke after Redis had done it, is
// done twice: an attempt counts twice, or is given back twice. An attempt stays counted if
// Redis is away when it is given back. What the memory allowed while Redis was away is not
// given back in Redis, which has not counted it.
//
// # Settings of Redis
//
// A server that evicts keys forgets attempts: set maxmemory-policy to noeviction, or give
// the limiter a server of its own. A key with its value takes some 200 bytes. On a cluster
// all keys have one hash tag, and so are on one node.
package redislimit
